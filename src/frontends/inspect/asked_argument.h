// Which objects of the heap a user asks for.
#pragma once

#include <string>

#include "analyses/heap/retention.h"
#include "base/result.h"

namespace goshawk::frontends::inspect {

// "0xc000012340" is an address, all else the name of a type.
Result<analyses::heap::Asked> parse_asked(const std::string& option, const std::string& text);
// "42"
Result<analyses::heap::Asked> parse_asked_goroutine(const std::string& text);

}  // namespace goshawk::frontends::inspect
