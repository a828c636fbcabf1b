#include "frontends/profile/profile_target.h"

#include <span>

#include "base/byte_stream.h"
#include "inspection/source.h"
#include "pprof/profile_reader.h"

namespace goshawk::frontends::profile {

bool is_profile_target(const std::string& target) {
  if (target == "-") {
    std::string beginning = ByteStream::peek_standard_input(pprof::kRecognisedBytes);
    return pprof::is_profile(std::as_bytes(std::span(beginning)));
  }
  if (target.find_first_not_of("0123456789") == std::string::npos) return false;
  auto kind = inspection::recognise_file(target);
  return kind && *kind == inspection::FileKind::kProfile;
}

}  // namespace goshawk::frontends::profile
