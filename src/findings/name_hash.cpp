// Apart, so that the header needs no formatting.
#include "findings/name_hash.h"

#include <fmt/format.h>

namespace goshawk::findings {

std::string NameHash::hex() const { return fmt::format("{:016x}", value_); }

}  // namespace goshawk::findings
