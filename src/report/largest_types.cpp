// The few largest of the types that a cost has. What is of unknown type is told with them: a reader
// is to know how much of the cost he sees.
#include "report/largest_types.h"

#include <fmt/format.h>

#include "report/measures.h"

namespace goshawk::report {
namespace {

constexpr std::size_t kShown = 3;
constexpr std::uint64_t kLeastShare = 100;  // what is less of the whole is not worth a word

}  // namespace

std::string largest_types_text(const findings::Cost& cost) {
  std::string text, unknown;
  std::size_t shown = 0;
  std::uint64_t least = cost.retained_bytes.value_or(0) / kLeastShare;
  for (const findings::TypeCost& type : cost.largest_types) {
    if (type.bytes < least) continue;
    if (type.type.empty()) {
      unknown = human_bytes(type.bytes) + " of unknown type";
    } else if (shown < kShown) {
      text += fmt::format("{}{} {} {}", shown++ == 0 ? "" : ", ", human_count(type.objects),
                          type.type, human_bytes(type.bytes));
    }
  }
  if (text.empty()) return "";
  return fmt::format("largest types in it: {}{}{}", text, unknown.empty() ? "" : "; ", unknown);
}

}  // namespace goshawk::report
