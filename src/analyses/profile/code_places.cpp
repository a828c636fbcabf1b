// Names decide, not ids: writers give one function several ids, for its instances or its files.
// What has no name is as many places as it has addresses.
#include "analyses/profile/code_places.h"

#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace goshawk::analyses::profile {

using findings::ProfilePlace;
using pprof::Function;
using pprof::LocationId;

namespace {

struct LineKey {
  PlaceId function;
  PlaceId file;
  std::int64_t line;
  bool operator==(const LineKey&) const = default;
};

struct LineHash {
  std::size_t operator()(const LineKey& key) const {
    std::uint64_t mixed = (std::uint64_t{key.function} << 32 | key.file) * 0x9e3779b97f4a7c15;
    return static_cast<std::size_t>((mixed ^ static_cast<std::uint64_t>(key.line)) *
                                    0xff51afd7ed558ccd);
  }
};

class Numbering {
 public:
  Numbering(const pprof::Profile& profile, std::vector<ProfilePlace>& lines,
            std::vector<ProfilePlace>& functions)
      : profile_(profile), lines_(lines), functions_(functions) {}

  CallPlace of_line(const pprof::Line& line, const pprof::Location& location) {
    const Function& function = profile_.functions[line.function];
    std::string_view name = profile_.strings[function.name];
    if (name.empty()) return of_address(location.address);
    std::string_view file = profile_.strings[function.file];
    PlaceId file_number = number_of(files_, file);
    PlaceId function_number = number_of(names_, name);
    if (function_number == function_places_.size()) {
      function_places_.push_back(static_cast<PlaceId>(functions_.size()));
      functions_.push_back({.function = name});
    }
    PlaceId place = function_places_[function_number];
    auto [found, is_new] = line_places_.try_emplace(LineKey{place, file_number, line.line},
                                                    static_cast<PlaceId>(lines_.size()));
    if (is_new) lines_.push_back({.function = name, .file = file, .line = line.line});
    return {found->second, place};
  }

  CallPlace of_address(Address address) {
    auto [found, is_new] = addresses_.try_emplace(
        address,
        CallPlace{static_cast<PlaceId>(lines_.size()), static_cast<PlaceId>(functions_.size())});
    if (is_new) {
      lines_.push_back({.address = address});
      functions_.push_back({.address = address});
    }
    return found->second;
  }

 private:
  using Numbers = std::unordered_map<std::string_view, PlaceId>;

  static PlaceId number_of(Numbers& numbers, std::string_view text) {
    return numbers.try_emplace(text, static_cast<PlaceId>(numbers.size())).first->second;
  }

  const pprof::Profile& profile_;
  std::vector<ProfilePlace>&lines_, &functions_;
  Numbers names_, files_;
  std::vector<PlaceId> function_places_;  // of each name
  std::unordered_map<LineKey, PlaceId, LineHash> line_places_;
  std::unordered_map<Address, CallPlace> addresses_;
};

}  // namespace

CodePlaces::CodePlaces(const pprof::Profile& profile) {
  Numbering numbering(profile, lines_, functions_);
  for (LocationId id = 0; id < profile.locations.size(); ++id) {
    const pprof::Location& location = profile.locations[id];
    for (const pprof::Line& line : profile.lines_of(id))
      calls_.push_back(numbering.of_line(line, location));
    if (location.line_count == 0) calls_.push_back(numbering.of_address(location.address));
    call_ends_.push_back(static_cast<std::uint32_t>(calls_.size()));
  }
}

}  // namespace goshawk::analyses::profile
