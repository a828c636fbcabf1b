// The site of what was allocated, or waited for, is the innermost call. A goroutine's is the
// innermost call that is not the runtime's or the standard library's way of waiting, and the
// function in which it began: the two that its program's author knows.
#include "analyses/profile/inventory.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "analyses/profile/code_places.h"
#include "findings/function_name.h"

namespace goshawk::analyses::profile {

using findings::ProfileInventory;
using findings::ProfilePlace;
using findings::ProfileSiteKey;

namespace {

constexpr std::size_t kKeptCallers = 2;

class Inventory {
 public:
  Inventory(const pprof::Profile& profile, pprof::ShownValues shown, SitesBy by)
      : profile_(profile),
        shown_(shown),
        by_(by),
        of_goroutines_(pprof::is_of_goroutines(pprof::kind_of(profile))),
        places_(profile) {}

  void fill(ProfileInventory& inventory) {
    for (pprof::SampleId sample = 0; sample < profile_.sample_count(); ++sample) add(sample);
    for (auto& [key, site] : sites_) {
      inventory.amount += site.amount;
      site.callers = callers_of(key, site.largest);
      inventory.sites.push_back({key_of(key), site.amount, site.count, std::move(site.callers)});
    }
  }

 private:
  // Numbers of lines: the site, and where its goroutine began.
  using Key = std::pair<PlaceId, PlaceId>;
  static constexpr PlaceId kNowhere = 0xffffffff;

  struct Site {
    std::int64_t amount = 0, count = 0, largest_amount = 0;
    pprof::SampleId largest = 0;
    std::vector<ProfileSiteKey> callers = {};
  };

  std::vector<PlaceId> calls_of(pprof::SampleId sample) const {
    std::vector<PlaceId> calls;
    for (pprof::LocationId location : profile_.stack_of(sample))
      for (CallPlace call : places_.calls_at(location))
        if (places_.lines()[call.line].function != "runtime.goexit") calls.push_back(call.line);
    return calls;
  }

  // Which of the calls is the site.
  std::size_t site_of(const std::vector<PlaceId>& calls) const {
    if (!of_goroutines_) return 0;
    auto is_its_own = [&](PlaceId id) {
      return !findings::is_waiting_machinery(places_.lines()[id].function);
    };
    auto found = std::ranges::find_if(calls, is_its_own);
    return found == calls.end() ? 0 : static_cast<std::size_t>(found - calls.begin());
  }

  void add(pprof::SampleId sample) {
    std::int64_t amount = profile_.values_of(sample)[shown_.amount];
    std::int64_t count = shown_.count ? profile_.values_of(sample)[*shown_.count] : 0;
    if (amount == 0) return;
    std::vector<PlaceId> calls = calls_of(sample);
    Key key = calls.empty() ? Key{kNowhere, kNowhere}
                            : Key{calls[site_of(calls)], of_goroutines_ ? calls.back() : kNowhere};
    Site& site = sites_[key];
    if (__builtin_add_overflow(site.amount, amount, &site.amount)) site.amount = INT64_MAX;
    if (__builtin_add_overflow(site.count, count, &site.count)) site.count = INT64_MAX;
    if (amount <= site.largest_amount) return;
    site.largest_amount = amount;
    site.largest = sample;
  }

  ProfileSiteKey place_key(PlaceId id) const {
    if (id == kNowhere) return {};
    const ProfilePlace& place = places_.lines()[id];
    if (place.function.empty()) return {.function = "", .file = "", .line = address_line(place)};
    if (by_ == SitesBy::kFunction)
      return {.function = findings::normalize_function(place.function), .file = ""};
    return {.function = std::string(place.function),
            .file = std::string(place.file),
            .line = place.line};
  }

  // A place without a name is told from another one by its address.
  static std::int64_t address_line(const ProfilePlace& place) {
    return static_cast<std::int64_t>(place.address.value());
  }

  ProfileSiteKey key_of(const Key& key) const {
    ProfileSiteKey site = place_key(key.first);
    if (key.second != kNowhere) {
      std::string_view began_in = places_.lines()[key.second].function;
      site.began_in =
          by_ == SitesBy::kLine ? std::string(began_in) : findings::normalize_function(began_in);
    }
    return site;
  }

  std::vector<ProfileSiteKey> callers_of(const Key& key, pprof::SampleId sample) const {
    std::vector<PlaceId> calls = calls_of(sample);
    std::vector<ProfileSiteKey> callers;
    if (calls.empty() || key.first == kNowhere) return callers;
    for (std::size_t i = site_of(calls) + 1; i < calls.size() && callers.size() < kKeptCallers; ++i)
      callers.push_back(place_key(calls[i]));
    return callers;
  }

  const pprof::Profile& profile_;
  pprof::ShownValues shown_;
  SitesBy by_;
  bool of_goroutines_;
  CodePlaces places_;
  std::map<Key, Site> sites_;
};

// Of Go's library every program has some, and all have main.main.
std::vector<std::string> find_own_functions(const pprof::Profile& profile) {
  std::vector<std::string> own;
  for (const pprof::Function& function : profile.functions) {
    std::string_view name = profile.strings[function.name];
    if (findings::is_of_a_module(name) && name != "main.main")
      own.push_back(findings::normalize_function(name));
  }
  std::ranges::sort(own);
  own.erase(std::ranges::unique(own).begin(), own.end());
  return own;
}

}  // namespace

ProfileInventory take_inventory(const pprof::Profile& profile, std::string name,
                                pprof::ShownValues shown, SitesBy by) {
  ProfileInventory inventory{.name = std::move(name),
                             .program = {},
                             .build_id = {},
                             .time_ns = profile.time_ns,
                             .amount = 0,
                             .own_functions = find_own_functions(profile),
                             .sites = {}};
  if (!profile.mappings.empty()) {
    inventory.program = profile.strings[profile.mappings[0].file];
    inventory.build_id = profile.strings[profile.mappings[0].build_id];
  }
  Inventory(profile, shown, by).fill(inventory);
  return inventory;
}

}  // namespace goshawk::analyses::profile
