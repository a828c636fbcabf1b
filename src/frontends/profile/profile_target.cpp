#include "frontends/profile/profile_target.h"

#include "inspection/source.h"

namespace goshawk::frontends::profile {

bool is_profile_target(const std::string& target) {
  if (target == "-") return true;
  if (target.find_first_not_of("0123456789") == std::string::npos) return false;
  auto kind = inspection::recognise_file(target);
  return kind && *kind == inspection::FileKind::kProfile;
}

}  // namespace goshawk::frontends::profile
