// A path is walked from its root. Of each object it is known what is in it (a View) as far as the
// step before told: the type of the field that pointed to it, or else its own if it is known. In
// the object the word is looked up that points to the next one; where it lies in the type is the
// text, what it is the next View.
//
// A map's entries lie behind its header: in buckets (runtime/map.go hmap, up to 1.23), or in
// groups, directly or behind a directory of tables (internal/runtime/maps Map, since 1.24). Which
// of the two a map has, its own storage type tells by its first field.
//
// Not told: which entry of a map or a slice it is, and anything that the program itself wrote.
#include "goruntime/path_describer.h"

#include <fmt/format.h>

#include <algorithm>

#include "goruntime/page_cache.h"
#include "goruntime/types/place_in_type.h"
#include "goruntime/typing/global_variables.h"
#include "goruntime/typing/static_objects.h"

namespace goshawk::goruntime {

using snapshot::HoldingPath;
using snapshot::ObjectId;
using snapshot::RootKind;

namespace {

constexpr std::uint64_t kMostBytesOfAnObject = 4 << 20;
constexpr std::size_t kMostSteps = 64;
constexpr std::uint64_t kDirectoryLength = 24;  // in maps.Map: 0 says that dirPtr is a group

// What is in an object.
struct View {
  enum class Shape : std::uint8_t {
    kUnknown,
    kValues,     // of `type`, one behind the other
    kMapHeader,  // of a map of `type`
    kMapInside,  // what leads from it to its storage
    kMapStorage,
    kChannel,  // of `type`
    kClosure,
  };
  Shape shape = Shape::kUnknown;
  Address type;
  int depth = 0;  // kMapInside: how many steps before the storage
};

class Describer final : public snapshot::PathDescriber {
 public:
  Describer(const target::Target& target, const Program& program, const Heap& heap,
            const snapshot::Snapshot& picture)
      : memory_(target.memory()),
        program_(program),
        picture_(picture),
        header_bytes_(heap.header_bytes_of_spans()),
        cache_(memory_),
        types_(cache_, program.modules),
        variables_(program, types_) {}

  std::string describe(const HoldingPath& path) override {
    if (path.objects.empty() && path.root.kind == RootKind::kGlobal)
      return describe_lock(path.root.source);
    View view;
    std::string text = describe_root(path, view);
    std::size_t shown = path.objects.size();
    if (shown > kMostSteps + 1) shown = kMostSteps;  // one step is as short as its count
    std::size_t untold = 0;
    for (std::size_t i = 0; i + 1 < shown; ++i) {
      std::string step = describe_step(path.objects[i], path.objects[i + 1], view);
      bool is_untold = step == kUntold;
      if (!is_untold || i + 2 == shown) {
        text += step.starts_with(kNamed) ? pass_over_before_named(untold)
                                         : pass_over(untold + (is_untold ? 1 : 0));
        untold = 0;
      } else {
        ++untold;
      }
      if (!is_untold) text += step;
    }
    if (shown < path.objects.size())
      text += fmt::format(" ... {} more steps", path.objects.size() - shown);
    return text;
  }

 private:
  static constexpr std::string_view kUntold = " -> ...";
  static constexpr std::string_view kNamed = " -> ";  // and what the object is

  // Steps of which nothing can be told.
  static std::string pass_over(std::size_t steps) {
    if (steps == 0) return "";
    return steps == 1   ? std::string(kUntold)
           : steps == 2 ? " -> (1 object) -> ..."
                        : fmt::format(" -> ({} objects) -> ...", steps - 1);
  }

  // The last of these steps led to an object that is named.
  static std::string pass_over_before_named(std::size_t steps) {
    return steps < 2    ? ""
           : steps == 2 ? " -> (1 object)"
                        : fmt::format(" -> ({} objects)", steps - 1);
  }

  std::string describe_root(const HoldingPath& path, View& view) {
    if (path.goid != 0) return fmt::format("the stack of goroutine {}", path.goid);
    switch (path.root.kind) {
      case RootKind::kGlobal:
        return describe_global(path.root.source, view);
      case RootKind::kThread:
        return "a thread";
      case RootKind::kTimer:
        return "a pending timer";
      case RootKind::kFinalizer:
        return "a finalizer";
      case RootKind::kCleanup:
        return "a cleanup";
      case RootKind::kPinned:
        return "a pinned object";
      case RootKind::kQueued:
        return "a finalizer that is due";
      case RootKind::kRuntime:
        return "the runtime";
    }
    return "";
  }

  // A lock in a global variable: the way to where it begins.
  std::string describe_lock(Address lock) {
    auto variable = variables_.find(lock);
    if (!variable) return describe_section(lock);
    auto part = variables_.find_part(*variable);
    std::string path = part ? find_lock(types_, part->type, part->offset) : "";
    bool is_there = part && (!path.empty() || part->offset == 0);
    if (is_there) path.insert(0, part->path);
    if (!is_there && variable->offset != 0)
      return fmt::format("{}+{:#x}", variable->name, variable->offset);
    return variable->name + path;
  }

  // Where no symbol tells: "a global variable in bss+0x7d0", of which module where there are
  // several.
  std::string describe_section(Address address) {
    for (const Moduledata& module : program_.modules.all)
      for (auto [range, name] : {std::pair(module.noptrdata, "noptrdata"),
                                 {module.data, "data"},
                                 {module.bss, "bss"},
                                 {module.noptrbss, "noptrbss"}})
        if (range.contains(address))
          return fmt::format("in a global variable ({}+{:#x}{})", name, address - range.start,
                             module.name.empty() ? "" : " of " + module.name);
    return "";
  }

  // A variable by the symbol table; its type by the debug information, if there is any. An
  // interface says itself what is in it.
  std::string describe_global(Address word, View& view) {
    Address previous = cache_.pointer(word - 8);
    auto variable = variables_.find(word);
    if (!variable) {
      if (auto named = nameless().find_named(word)) {
        view = view_of(named->place, previous);
        return named->name;
      }
      view = view_of_interface(previous, true);
      return fmt::format("a global at {:#x}", word.value());
    }
    PlaceInType place = variables_.find_place(*variable);
    view = view_of(place, previous);
    if (place.kind != TypeKind::kNone || variable->offset == 0) return variable->name + place.path;
    view = view_of_interface(previous, true);
    bool is_interface = variable->offset == 8 && variable->size_bytes == 16;
    if (is_interface && view.shape == View::Shape::kUnknown)
      view = view_of_interface(previous, false);
    if (is_interface && view.shape != View::Shape::kUnknown) return variable->name;
    return fmt::format("{}+{:#x}", variable->name, variable->offset);
  }

  // As they are now, when somebody asks for the first time.
  StaticObjects& nameless() {
    if (!nameless_) {
      static_pointers_ = read_static_pointers(memory_, program_.modules);
      nameless_.emplace(static_pointers_, variables_, types_);
    }
    return *nameless_;
  }

  // One step. Of a holder of which the steps before say nothing its own type is said, if it is
  // known.
  std::string describe_step(ObjectId holder, ObjectId held, View& view) {
    if (view.shape != View::Shape::kUnknown) return describe_known_step(holder, held, view);
    view = view_of_object(holder);
    Address type = view.type;
    std::string step = describe_known_step(holder, held, view);
    return type.is_null() || step == kUntold ? step
                                             : std::string(kNamed) + types_.name(type) + step;
  }

  // Which word of `holder` leads to `held`, and what that makes of `held`.
  std::string describe_known_step(ObjectId holder, ObjectId held, View& view) {
    const snapshot::Objects& objects = picture_.objects;
    std::uint64_t header = header_bytes(holder);
    Address base = objects.address(holder) + header;
    std::uint64_t size = std::min(objects.size_bytes(holder) - header, kMostBytesOfAnObject);
    auto bytes = memory_.read_bytes(base, size);
    auto word = bytes ? find_word(*bytes, held) : std::nullopt;
    View before = std::exchange(view, View{});
    if (!word) return std::string(kUntold);  // it is no longer so, or lies far behind
    std::uint64_t previous =
        *word >= 8 ? load_unchecked<std::uint64_t>(bytes->data() + *word - 8) : 0;
    switch (before.shape) {
      case View::Shape::kMapHeader:
        view = inside_of_map(before.type, *bytes);
        return "";
      case View::Shape::kMapInside:
        view = before.depth > 1 ? View{View::Shape::kMapInside, before.type, before.depth - 1}
                                : View{View::Shape::kMapStorage, before.type};
        return "";
      case View::Shape::kMapStorage:
        return step_out_of_map(before.type, *word, previous, view);
      case View::Shape::kChannel:
        view = {View::Shape::kValues, types_.element(before.type)};
        return "'s buffer";
      case View::Shape::kClosure:
        return fmt::format(", captured by {}", function_at(bytes->data()));
      case View::Shape::kValues:
        return step_out_of_values(before.type, size, *word, previous, view);
      case View::Shape::kUnknown:
        break;
    }
    return step_out_of_unknown(*bytes, *word, previous, view);
  }

  // Before the value: its type, in larger slots since 1.22 (mbitmap.go, "malloc header").
  std::uint64_t header_bytes(ObjectId object) const {
    const snapshot::Objects& objects = picture_.objects;
    auto span = static_cast<std::size_t>(&objects.span_of(object) - objects.spans().data());
    return span < header_bytes_.size() ? header_bytes_[span] : 0;
  }

  // By the types of the picture's objects, if they were read.
  View view_of_object(ObjectId object) {
    const snapshot::ObjectTypes& known = picture_.types;
    if (!known.were_read() || known.descriptors.empty()) return {};
    Address type = known.descriptors[known.of_objects[object]];
    if (type.is_null()) return {};
    return {types_.kind(type) == TypeKind::kMap ? View::Shape::kMapHeader : View::Shape::kValues,
            type};
  }

  std::optional<std::uint64_t> find_word(ByteView bytes, ObjectId held) const {
    Address base = picture_.objects.address(held);
    AddressRange range{base, base + picture_.objects.size_bytes(held)};
    for (std::uint64_t at = 0; at + 8 <= bytes.size(); at += 8)
      if (range.contains(Address(load_unchecked<std::uint64_t>(bytes.data() + at)))) return at;
    return std::nullopt;
  }

  std::string step_out_of_values(Address type, std::uint64_t object_bytes, std::uint64_t word,
                                 std::uint64_t previous, View& view) {
    std::uint64_t size = types_.size_bytes(type);
    if (size == 0) return std::string(kUntold);
    PlaceInType place = find_place(types_, type, word % size);
    view = view_of(place, Address(previous));
    if (place.kind == TypeKind::kNone) return std::string(kUntold);
    // An allocation is rounded up to its size class: only a second value tells that it is many.
    bool is_array = word >= size || object_bytes >= 2 * size + 64;
    return (is_array ? "[...]" : "") + place.path;
  }

  std::string step_out_of_unknown(ByteView bytes, std::uint64_t word, std::uint64_t previous,
                                  View& view) {
    std::string closure = function_at(bytes.data());
    if (word > 0 && !closure.empty()) return fmt::format(", captured by {}", closure);
    view = view_of_interface(Address(previous), false);
    if (view.shape == View::Shape::kUnknown) view = view_of_interface(Address(previous), true);
    if (view.shape == View::Shape::kUnknown || types_.name(view.type).empty())
      return std::string(kUntold);
    return fmt::format(" -> {}", types_.name(view.type));
  }

  // What a pointer-shaped place leads to; `previous` is the word before it.
  View view_of(const PlaceInType& place, Address previous) {
    switch (place.kind) {
      case TypeKind::kPointer:
      case TypeKind::kSlice:
        return {View::Shape::kValues, place.element};
      case TypeKind::kMap:
        return {View::Shape::kMapHeader, place.type};
      case TypeKind::kChan:
        return {View::Shape::kChannel, place.type};
      case TypeKind::kFunc:
        return {View::Shape::kClosure, {}};
      case TypeKind::kInterface:
        return place.offset == 8 ? view_of_interface(previous, has_methods(place.type)) : View{};
      default:
        return {};
    }
  }

  // abi.InterfaceType: PkgPath at 48, Methods{pointer, len, cap} at 56.
  bool has_methods(Address interface) {
    return cache_.value<std::uint64_t>(interface + 64).value_or(0) != 0;
  }

  View view_of_interface(Address first_word, bool is_itab) {
    Address type = is_itab ? types_.type_of_itab(first_word) : first_word;
    switch (types_.kind(type)) {
      case TypeKind::kNone:
        return {};
      case TypeKind::kPointer:
      case TypeKind::kMap:
      case TypeKind::kChan:
      case TypeKind::kFunc:
        return view_of({.path = "",
                        .type = type,
                        .kind = types_.kind(type),
                        .offset = 0,
                        .element = types_.element(type)},
                       {});
      default:
        return {View::Shape::kValues, type};  // a value in a box of its own
    }
  }

  View inside_of_map(Address map, ByteView header) {
    const StructType* storage = types_.find_struct(types_.map_storage(map));
    if (storage == nullptr || storage->members.empty()) return {};
    bool is_swiss = storage->members.front().name == "ctrl";
    std::uint64_t directory = is_swiss && fits(header, kDirectoryLength, 8)
                                  ? load_unchecked<std::uint64_t>(header.data() + kDirectoryLength)
                                  : 0;
    if (directory == 0) return {View::Shape::kMapStorage, map};
    return {View::Shape::kMapInside, map, 2};  // the directory, a table, its groups
  }

  // ".slots[...].elem.conn" and ".elems[...].conn" are "[...].conn" to whoever wrote the program.
  std::string step_out_of_map(Address map, std::uint64_t word, std::uint64_t previous, View& view) {
    Address storage = types_.map_storage(map);
    std::uint64_t size = types_.size_bytes(storage);
    if (size == 0) return std::string(kUntold);
    PlaceInType place = find_place(types_, storage, word % size);
    if (place.path == ".overflow") {
      view = {View::Shape::kMapStorage, map};
      return "";
    }
    view = view_of(place, Address(previous));
    std::size_t entry = place.path.find("[...]");
    if (entry == std::string::npos) return "[...]";
    std::string inner = place.path.substr(entry + 5);
    for (std::string_view part : {".elem", ".key"})
      if (inner == part || inner.starts_with(std::string(part) + ".") ||
          inner.starts_with(std::string(part) + "["))
        inner.erase(0, part.size());
    return "[...]" + inner;
  }

  // "" when the first word is no function's entry.
  std::string function_at(const std::byte* object) {
    Address entry(load_unchecked<std::uint64_t>(object));
    FunctionId function = program_.functions.find(entry);
    if (function == kNoFunction || program_.functions.entry(function) != entry) return "";
    return std::string(program_.functions.name(function));
  }

  const target::Memory& memory_;
  const Program& program_;
  const snapshot::Snapshot& picture_;
  std::vector<std::uint8_t> header_bytes_;  // by span
  PageCache cache_;                         // of descriptors, which do not change
  TypeReader types_;
  GlobalVariables variables_;
  std::vector<StaticPointer> static_pointers_;
  std::optional<StaticObjects> nameless_;
};

}  // namespace

std::unique_ptr<snapshot::PathDescriber> make_path_describer(const target::Target& target,
                                                             const Program& program,
                                                             const Heap& heap,
                                                             const snapshot::Snapshot& picture) {
  return std::make_unique<Describer>(target, program, heap, picture);
}

}  // namespace goshawk::goruntime
