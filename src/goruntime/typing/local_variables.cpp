// Debug information says where a variable is while its value is last there, which is longer than it
// is alive; the collector's stack maps say which words are alive, and nothing of variables. What
// both say is believed because of how Go's compiler shares words of a frame:
//  - what registers are saved to is shared by values of one type only (cmd/compile/internal/ssa
//    stackalloc.go), so that a variable that is said to be there for too long has the type of what
//    came after it;
//  - a variable whose address is taken has its place for itself (stack objects);
//  - other variables of more than three words that are no parts of anything share their place with
//    others of any type (since 1.23, cmd/compile/internal/liveness/mergelocals.go): of these
//    nothing is said. Arguments that the caller stored have a place of their own.
// An interface in parts is two values, of which the first may be gone: what is in it is not told.
//
// Of a closure, the compiler says where it keeps which variable (since 1.23). A method value
// ("main.(*T).run-fm", cmd/compile/internal/typecheck MethodValueType) keeps its receiver behind
// the code.
#include "goruntime/typing/local_variables.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kSharedBytes = 24;  // ssa.IsMergeCandidate
constexpr std::uint64_t kMostCapturedBytes = 1 << 12;
constexpr std::size_t kMostWords = 1 << 20;

}  // namespace

std::uint64_t LocalVariables::size_of(std::uint64_t type) {
  auto [known, is_new] = sizes_.try_emplace(type, 0);
  if (is_new)
    if (const binary::DwarfTypes* types = debug_.of_package("runtime"))
      known->second = types->find_size_of_type(type).value_or(0);
  return known->second;
}

PlaceInType LocalVariables::find_place(std::uint64_t type, std::uint64_t offset) {
  const binary::DwarfTypes* types = debug_.of_package("runtime");
  auto found = types != nullptr ? types->find_place_in_type(type, offset) : std::nullopt;
  return found ? debug_.place(debug_.part(*found)) : PlaceInType{};
}

// To a variable that is in the heap, if its type has a descriptor.
PlaceInType LocalVariables::pointer_to(std::uint64_t type) {
  const binary::DwarfTypes* types = debug_.of_package("runtime");
  auto whole = types != nullptr ? types->find_place_in_type(type, 0) : std::nullopt;
  auto part = whole ? debug_.part(*whole) : std::nullopt;
  if (!part || !part->path.empty() || part->type.is_null()) return {};
  return {.path = "", .type = {}, .kind = TypeKind::kPointer, .offset = 0, .element = part->type};
}

const std::vector<binary::FramePart>& LocalVariables::parts_at(Address pc) {
  auto [known, is_new] = parts_.try_emplace(pc);
  auto bias = debug_.bias();
  if (is_new && bias)
    if (binary::DwarfFunctions* functions = debug_.functions())
      known->second = functions->find_frame_parts(pc - *bias);
  return known->second;
}

bool LocalVariables::is_told_by(const binary::FramePart& part, std::int32_t place, bool in_object) {
  std::uint64_t whole = part.is_pointer_to_it ? 8 : size_of(part.type);
  std::uint64_t size_bytes = part.size_bytes != 0 ? part.size_bytes : whole;
  if (place < part.place || static_cast<std::uint64_t>(place - part.place) + 8 > size_bytes)
    return false;
  if (in_object) return !part.is_piece && !part.is_pointer_to_it;
  return part.is_piece || whole <= kSharedBytes || part.place >= 0;
}

const std::vector<PlaceInType>& LocalVariables::find(Address pc, std::int32_t place,
                                                     bool in_object) {
  static const std::vector<PlaceInType> kNothing;
  auto known = words_.find({pc, place, in_object});
  if (known != words_.end()) return known->second;
  if (words_.size() >= kMostWords) return kNothing;
  std::vector<PlaceInType> found;
  for (const binary::FramePart& part : parts_at(pc)) {
    if (!is_told_by(part, place, in_object)) continue;
    std::uint64_t offset = part.offset + static_cast<std::uint64_t>(place - part.place);
    PlaceInType there =
        part.is_pointer_to_it ? pointer_to(part.type) : find_place(part.type, offset);
    if (there.kind != TypeKind::kNone) found.push_back(std::move(there));
  }
  return words_.emplace(Word{pc, place, in_object}, std::move(found)).first->second;
}

// Of a method value whose receiver is a pointer.
PlaceInType LocalVariables::find_receiver(std::string_view function) {
  constexpr std::string_view kMethodValue = "-fm", kPointer = ".(*";
  std::size_t at = function.find(kPointer);
  if (!function.ends_with(kMethodValue) || at == std::string_view::npos) return {};
  std::size_t end = function.find(')', at);
  if (end == std::string_view::npos) return {};
  std::string type(function.substr(0, at + 1));
  type += function.substr(at + kPointer.size(), end - at - kPointer.size());
  const binary::DwarfTypes* types = debug_.of_package("runtime");
  auto described = types != nullptr ? types->find_described(type) : std::nullopt;
  auto part = described ? debug_.part({.path = "", .type = *described}) : std::nullopt;
  if (!part) return {};
  return {.path = "", .type = {}, .kind = TypeKind::kPointer, .offset = 0, .element = part->type};
}

std::vector<std::pair<std::uint64_t, PlaceInType>> LocalVariables::find_captured(
    Address entry, std::string_view function) {
  std::vector<std::pair<std::uint64_t, PlaceInType>> words;
  if (PlaceInType receiver = find_receiver(function); receiver.kind != TypeKind::kNone) {
    words.emplace_back(8, std::move(receiver));
    return words;
  }
  auto bias = debug_.bias();
  binary::DwarfFunctions* functions = bias ? debug_.functions() : nullptr;
  if (functions == nullptr) return words;
  for (const binary::CapturedVariable& one : functions->find_captured(entry - *bias)) {
    std::uint64_t size_bytes = size_of(one.type);
    if (one.offset % 8 != 0 || one.offset < 8 || size_bytes > kMostCapturedBytes ||
        one.offset > kMostCapturedBytes)
      continue;
    for (std::uint64_t at = 0; at + 8 <= size_bytes; at += 8)
      if (PlaceInType place = find_place(one.type, at); place.kind != TypeKind::kNone)
        words.emplace_back(one.offset + at, std::move(place));
  }
  return words;
}

}  // namespace goshawk::goruntime
