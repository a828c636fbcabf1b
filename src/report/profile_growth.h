// `goshawk diff` of profiles, for whoever shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "findings/profile_growth.h"
#include "pprof/profile_kind.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

struct ProfileGrowthReport {
  pprof::ProfileKind kind = pprof::ProfileKind::kOther;
  std::string type, unit;                            // of the amounts
  bool by_functions = false;                         // the program was built anew between them
  std::vector<findings::ProfileInventory> profiles;  // without their sites
  findings::ProfileGrowth growth;
  std::optional<std::uint64_t> limit_bytes;
};

// Seconds until the amount is at the limit, at its rate; nothing: it does not grow, or there is no
// limit or no rate. 0: it is there already.
std::optional<double> seconds_to_limit(const ProfileGrowthReport& report);

void render_profile_growth_text(Output& out, const ProfileGrowthReport& report,
                                const TextStyle& style);
// docs/schema/profile-diff.json
void render_profile_growth_json(Output& out, const ProfileGrowthReport& report);

}  // namespace goshawk::report
