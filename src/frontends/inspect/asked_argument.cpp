// An address has its 0x, so that no type is taken for one: goshawk's own output writes it so.
#include "frontends/inspect/asked_argument.h"

#include <charconv>
#include <string_view>

#include "frontends/inspect/goid_argument.h"

namespace goshawk::frontends::inspect {

using findings::Asked;
using findings::OfGoroutine;
using findings::OfType;

Result<Asked> parse_asked(const std::string& option, const std::string& text) {
  if (!text.starts_with("0x")) {
    // Of a pointer's type people ask for what it points to: that is what lies in the heap.
    std::string_view type(text);
    if (type.starts_with('*')) type.remove_prefix(1);
    if (type.empty())
      return fail(Usage{option + ": no type and no address is given",
                        "as in " + option + " 0xc000012340 or " + option + " main.session"});
    return OfType{std::string(type)};
  }
  std::uint64_t address = 0;
  const char* begin = text.data() + 2;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(begin, end, address, 16);
  if (error != std::errc() || stop != end)
    return fail(Usage{option + ": \"" + text + "\" is no address",
                      "give it as goshawk prints it, such as 0xc000012340"});
  return Address(address);
}

Result<Asked> parse_asked_goroutine(const std::string& text) {
  auto range = parse_goids(text);
  if (!range || range->first != range->last)
    return fail(Usage{"--goroutine: \"" + text + "\" is no goroutine id", "give one, such as 42"});
  return OfGoroutine{range->first};
}

}  // namespace goshawk::frontends::inspect
