// What grew between profiles: each is read, reduced to its sites and let go before the next one.
// Whoever gives them in another order than they were taken in means the order of time.
#include "frontends/profile/growth_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "analyses/profile/growth.h"
#include "analyses/profile/inventory.h"
#include "analyses/profile/program_likeness.h"
#include "base/memory_size.h"
#include "frontends/profile/profile_file.h"
#include "report/profile_growth.h"

namespace goshawk::frontends::profile {

using analyses::profile::SitesBy;
using inspection::ExitCode;
using inspection::Format;
using pprof::ProfileKind;

namespace {

constexpr std::size_t kMostProfiles = 1000;

struct Series {
  ProfileKind kind = ProfileKind::kOther;
  std::string type, unit;
  std::int64_t period = 0;
  std::vector<findings::ProfileInventory> profiles;
};

// allocs and heap are the same profile; a block and a mutex profile only look so.
bool are_of_one_kind(ProfileKind one, ProfileKind other) {
  bool waiting = pprof::is_of_waiting(one) && pprof::is_of_waiting(other);
  return !waiting || one == other || one == ProfileKind::kContention ||
         other == ProfileKind::kContention;
}

Result<void> add(Series& series, const GrowthRequest& request, const std::string& path,
                 SitesBy by) {
  pprof::Profile profile = TRY(read_profile_file(path));
  // What the first one shows is asked of all: allocs and heap are the same profile.
  std::string wanted = series.profiles.empty() ? request.sample_type : series.type;
  auto found = choose_values(path, profile, wanted);
  bool of_one_kind =
      series.profiles.empty() || are_of_one_kind(series.kind, pprof::kind_of(profile));
  if (!of_one_kind || (!found && !series.profiles.empty()))
    return fail(Usage{
        fmt::format("{} is a {}, and {} is a {}", request.paths[0], pprof::name_of(series.kind),
                    path, pprof::name_of(pprof::kind_of(profile))),
        "compare profiles of one kind"});
  pprof::ShownValues shown = TRY(std::move(found));
  if (series.profiles.empty()) {
    series.kind = pprof::kind_of(profile);
    series.type = profile.type_name(shown.amount);
    series.unit = profile.unit_name(shown.amount);
    series.period = profile.period;
  }
  series.profiles.push_back(
      analyses::profile::take_inventory(profile, name_of_file(path), shown, by));
  return {};
}

bool was_built_anew(const std::vector<findings::ProfileInventory>& profiles) {
  for (const findings::ProfileInventory& profile : profiles)
    if (!profile.build_id.empty() && !profiles[0].build_id.empty() &&
        profile.build_id != profiles[0].build_id)
      return true;
  return false;
}

Result<void> check_programs(const std::vector<findings::ProfileInventory>& profiles) {
  using analyses::profile::Likeness;
  const findings::ProfileInventory& first = profiles.front();
  for (const findings::ProfileInventory& other : profiles) {
    Likeness likeness = analyses::profile::compare_programs(first, other);
    if (likeness.kind == Likeness::kNothingAlike)
      inspection::print_note(
          fmt::format("hardly any function is in {} and in {}, {}: are they of one program?",
                      first.name, other.name, likeness.text()));
    if (likeness.kind != Likeness::kOtherProgram) continue;
    return fail(Usage{
        fmt::format("{} and {} are of different programs{}: hardly any function is in both, {}",
                    first.name, other.name, likeness.programs, likeness.text()),
        "compare profiles that one program has written, one after another"});
  }
  return {};
}

Result<Series> read_series(const GrowthRequest& request, SitesBy by) {
  Series series;
  for (const std::string& path : request.paths) TRY_VOID(add(series, request, path, by));
  bool has_times =
      std::ranges::all_of(series.profiles, [](const auto& p) { return p.time_ns > 0; });
  if (has_times &&
      !std::ranges::is_sorted(series.profiles, {}, &findings::ProfileInventory::time_ns)) {
    inspection::print_note("the profiles are compared in the order in which they were taken");
    std::ranges::stable_sort(series.profiles, {}, &findings::ProfileInventory::time_ns);
  }
  return series;
}

analyses::profile::AmountNature nature_of(const Series& series) {
  bool is_count = pprof::is_of_goroutines(series.kind);
  bool is_in_use = pprof::is_of_memory(series.kind) && !series.type.starts_with("alloc");
  double noise = is_in_use && series.unit == "bytes" ? static_cast<double>(series.period) : 1;
  return {.is_of_now = is_count || is_in_use, .noise_of_one = std::max(noise, 1.0)};
}

Result<std::optional<std::uint64_t>> parse_limit(const GrowthRequest& request,
                                                 const Series& series) {
  if (request.limit.empty()) return std::nullopt;
  if (!nature_of(series).is_of_now || series.unit != "bytes")
    return fail(Usage{"--limit is for profiles of what is in use",
                      "compare heap profiles: /debug/pprof/heap"});
  auto bytes = parse_memory_size(request.limit);
  if (bytes && *bytes > 0) return *bytes;
  return fail(Usage{"--limit: \"" + request.limit + "\" is no amount of memory",
                    "write a number with a unit, such as 500MB or 2GB"});
}

Result<report::ProfileGrowthReport> compare(const GrowthRequest& request) {
  if (request.paths.size() > kMostProfiles)
    return fail(Usage{"these are too many profiles", "a thousand are compared at most"});
  if (std::ranges::count(request.paths, "-") > 1)
    return fail(Usage{"standard input is one profile", "name the others as files"});
  Series series = TRY(read_series(request, SitesBy::kLine));
  TRY_VOID(check_programs(series.profiles));
  bool by_functions = was_built_anew(series.profiles);
  if (by_functions && std::ranges::count(request.paths, "-") == 0)
    series = TRY(read_series(request, SitesBy::kFunction));
  report::ProfileGrowthReport report{
      .kind = series.kind,
      .type = series.type,
      .unit = series.unit,
      .by_functions = by_functions,
      .profiles = {},
      .growth = analyses::profile::compare_profiles(series.profiles, nature_of(series)),
      .limit_bytes = TRY(parse_limit(request, series))};
  for (findings::ProfileInventory& profile : series.profiles) profile.sites.clear();
  report.profiles = std::move(series.profiles);
  return report;
}

}  // namespace

ExitCode run_growth(const GrowthRequest& request) {
  auto report = compare(request);
  if (!report) return inspection::report_error(report.error());
  return inspection::deliver(
      request.delivery, ExitCode::kFine, [&](inspection::Destination& destination) {
        if (request.delivery.format == Format::kJson)
          return report::render_profile_growth_json(destination.output(), *report);
        report::render_profile_growth_text(destination.output(), *report,
                                           destination.text_style(request.all));
      });
}

}  // namespace goshawk::frontends::profile
