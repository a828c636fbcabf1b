// What grew between profiles of one program that were taken one after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "findings/finding.h"

namespace goshawk::findings {

// What makes a site the same in all of them.
struct ProfileSiteKey {
  std::string function, file;
  std::int64_t line = 0;      // 0: where lines cannot be compared, they are left out
  std::string began_in = {};  // of goroutines: the function that they run

  auto operator<=>(const ProfileSiteKey&) const = default;
};

// One profile, reduced to what a comparison needs.
struct ProfileInventory {
  struct Site {
    ProfileSiteKey key;
    std::int64_t amount = 0, count = 0;
    std::vector<ProfileSiteKey> callers = {};  // of its largest sample: the next two
  };
  std::string name;               // of the file
  std::string program, build_id;  // empty: not known
  std::int64_t time_ns = 0;       // 0: not known
  std::int64_t amount = 0;        // of all
  // That are the program's own and not Go's library's, ascending; normalized, without main.main.
  std::vector<std::string> own_functions = {};
  std::vector<Site> sites;
};

struct GrownSite {
  ProfileSiteKey key;
  std::vector<ProfileSiteKey> callers;
  std::vector<std::int64_t> amounts;          // in each profile
  std::int64_t change = 0;                    // from the first to the last
  std::uint32_t grew_in = 0;                  // of the intervals between them
  std::optional<double> per_second = {};      // nothing: there are no times
  std::optional<Confidence> confidence = {};  // nothing: it may be chance, or is no growth
};

struct ProfileGrowth {
  std::vector<std::int64_t> amounts;      // of all, in each profile
  std::optional<double> seconds = {};     // from the first to the last
  std::optional<double> per_second = {};  // of all
  std::vector<GrownSite> sites;           // that changed: the surest growth first, then the largest
};

}  // namespace goshawk::findings
