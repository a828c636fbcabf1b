// Which objects of the heap a user asks for.
#pragma once

#include <string>

#include "base/result.h"
#include "findings/retention.h"

namespace goshawk::frontends::inspect {

// "0xc000012340" is an address, all else the name of a type.
Result<findings::Asked> parse_asked(const std::string& option, const std::string& text);
// "42"
Result<findings::Asked> parse_asked_goroutine(const std::string& text);

}  // namespace goshawk::frontends::inspect
