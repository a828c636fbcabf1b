#include "frontends/profile/profile_file.h"

#include <fmt/format.h>

#include "base/byte_stream.h"
#include "pprof/profile_reader.h"
#include "pprof/pruning.h"

namespace goshawk::frontends::profile {

std::string name_of_file(const std::string& path) { return path == "-" ? "standard input" : path; }

namespace {

Result<pprof::Profile> read(const std::string& path) {
  ByteStream stream = TRY(ByteStream::open(path, pprof::kMostProfileBytes));
  pprof::Profile profile = TRY(pprof::read_profile(stream));
  if (profile.sample_types.empty())
    return fail(Malformed{stream.name(), 0, "a profile without sample types: it says nothing"});
  pprof::remove_sampling_frames(profile);
  return profile;
}

}  // namespace

Result<pprof::Profile> read_profile_file(const std::string& path, const std::string& name) {
  auto profile = read(path);
  if (profile || name.empty()) return profile;
  Error error = std::move(profile).error();
  if (Malformed* malformed = std::get_if<Malformed>(&error)) malformed->file = name;
  return fail(std::move(error));
}

Result<pprof::ShownValues> choose_values(const std::string& path, const pprof::Profile& profile,
                                         const std::string& sample_type) {
  if (sample_type.empty()) return pprof::shown_values(profile);
  if (auto found = pprof::find_values(profile, sample_type)) return *found;
  std::string types;
  for (std::size_t i = 0; i < profile.sample_types.size(); ++i)
    types += fmt::format("{}{}", i == 0 ? "" : ", ", profile.type_name(i));
  return fail(
      Usage{fmt::format("--sample-type: {} has no {}", path, sample_type), "it has " + types});
}

}  // namespace goshawk::frontends::profile
