// Go prints a line for each frame from the first that is not the runtime's own, and none for
// runtime.goexit, in the order of the stack. So a frame above the first line is one of the runtime,
// and one below it that has no line is runtime.goexit. An inlined call has a program counter of its
// own there, so that a counter has one line; of several, which C code may have, the innermost
// stays. Follows runtime/pprof/pprof.go (printStackRecord).
#include "pprof/text_symbols.h"

#include "pprof/text_lines.h"
#include "pprof/text_reader.h"

namespace goshawk::pprof {

std::optional<NamedFrame> parse_named_frame(std::string_view line) {
  NamedFrame frame;
  std::uint64_t address = 0;
  TextCursor cursor(line);
  cursor.literal("#")
      .literal("\t")
      .spaces()
      .literal("0x")
      .number(address, 16)
      .literal("\t")
      .spaces();
  if (cursor.failed()) return std::nullopt;
  std::string_view rest = cursor.rest();
  std::size_t tab = rest.find('\t');
  std::size_t plus = rest.substr(0, tab).rfind("+0x");
  if (tab == std::string_view::npos || plus == std::string_view::npos) return std::nullopt;
  std::string_view place = trim(rest.substr(tab));
  std::size_t colon = place.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  TextCursor number(place.substr(colon + 1));
  if (number.number(frame.line).failed()) return std::nullopt;
  frame.address = Address(address);
  frame.function = rest.substr(0, plus);
  frame.file = place.substr(0, colon);
  return frame;
}

std::span<const LocationId> TextSymbols::begin_record(std::span<const Address> return_addresses) {
  end_record();
  stack_.clear();
  first_named_ = kNone;
  for (Address address : return_addresses) {
    auto [found, is_new] = locations_.try_emplace(address - 1, kNone);
    if (is_new) {
      found->second = builder_.add_location(address - 1, kNone, {});
      nameless_.push_back(Nameless::kUnknown);
    }
    stack_.push_back(found->second);
  }
  return stack_;
}

void TextSymbols::add_name(const NamedFrame& frame) {
  auto found = locations_.find(frame.address);
  if (found == locations_.end()) return;
  if (first_named_ == kNone) first_named_ = found->second;
  if (builder_.profile().locations[found->second].line_count == 0)
    give_name(found->second, frame.function, frame.file, frame.line);
}

void TextSymbols::end_record() {
  if (first_named_ == kNone) return;
  Nameless reason = Nameless::kRuntime;
  for (LocationId id : stack_) {
    if (id == first_named_) reason = Nameless::kGoexit;
    if (nameless_[id] == Nameless::kUnknown) nameless_[id] = reason;
  }
}

void TextSymbols::finish() {
  end_record();
  for (LocationId id = 0; id < nameless_.size(); ++id) {
    if (builder_.profile().locations[id].line_count > 0) continue;
    if (nameless_[id] == Nameless::kRuntime) give_name(id, kHiddenRuntime, "", 0);
    if (nameless_[id] == Nameless::kGoexit) give_name(id, "runtime.goexit", "", 0);
  }
}

void TextSymbols::give_name(LocationId id, std::string_view function, std::string_view file,
                            std::int64_t line) {
  Profile& profile = builder_.profile();
  Location& location = profile.locations[id];
  location.first_line = static_cast<std::uint32_t>(profile.lines.size());
  location.line_count = 1;
  profile.lines.push_back({function_of(function, file), line});
}

FunctionId TextSymbols::function_of(std::string_view name, std::string_view file) {
  std::uint64_t key = std::uint64_t{builder_.text(name)} << 32 | builder_.text(file);
  auto [found, is_new] = functions_.try_emplace(key, kNone);
  if (is_new) found->second = builder_.add_function(name, file);
  return found->second;
}

}  // namespace goshawk::pprof
