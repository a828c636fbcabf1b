// What people who look after many services hand over by mistake. The marks are those of HotSpot's
// thread dumps (jstack, kill -3), of Python's tracebacks, faulthandler and py-spy, of .NET's and
// Node's stacks.
#include "inspection/foreign_dump.h"

#include <array>

namespace goshawk::inspection {

std::string_view name_of_foreign_dump(std::string_view text) {
  struct Mark {
    std::string_view mark, name;
  };
  constexpr auto kMarks = std::to_array<Mark>({
      {"Full thread dump ", "a Java thread dump"},
      {"java.lang.Thread.State:", "a Java thread dump"},
      {"Traceback (most recent call last):", "a Python traceback"},
      {"(most recent call first):", "a Python thread dump"},
      {"Python v3.", "a Python thread dump"},
      {"OS Thread Id: 0x", "a .NET stack dump"},
      {"    at Object.<anonymous> (", "a Node.js stack trace"},
  });
  for (const Mark& mark : kMarks)
    if (text.find(mark.mark) != std::string_view::npos) return mark.name;
  return {};
}

}  // namespace goshawk::inspection
