// What a log calls who has written a line: a pod, a service, a process.
#pragma once

#include <string>
#include <string_view>

namespace goshawk::dumps {

// "pod/shop-7d9f/shop" of "[pod/shop-7d9f/shop] ", "web1 shop[4711]" of "Nov 29 18:30:53 web1
// shop[4711]: ". Empty: the prefix has times, levels and the like only. Prefixes of one process
// have one name, whichever of its streams it has written to.
std::string name_in_prefix(std::string_view prefix);

// Of a line of JSON: the values of the keys that stand for a process, such as the journal's _PID.
std::string name_in_json(std::string_view line);

}  // namespace goshawk::dumps
