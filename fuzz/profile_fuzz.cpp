// Profiles: messages and texts, packed or not. The input is one; what can be read is pruned, summed
// up, shown, written and read again.
#include "analyses/profile/growth.h"
#include "analyses/profile/inventory.h"
#include "analyses/profile/sites.h"
#include "analyses/profile/stacks.h"
#include "fuzz/fuzz.h"
#include "pprof/encoder.h"
#include "pprof/profile_builder.h"
#include "pprof/profile_reader.h"
#include "pprof/pruning.h"
#include "report/profile_growth.h"
#include "report/profile_json.h"
#include "report/profile_text.h"

namespace goshawk::fuzz {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 24;

void show(report::ProfileReport report) {
  if (report.profile.sample_types.empty()) return;
  report.kind = pprof::kind_of(report.profile);
  report.shown = pprof::shown_values(report.profile);
  report.sites = analyses::profile::sum_sites(report.profile, report.shown);
  report.stacks = analyses::profile::group_stacks(report.profile, report.shown);
  report::StringOutput out;
  report::render_profile_text(out, report, {});
  report::render_profile_json(out, report);
  use(out.text());
  report::ProfileGrowthReport growth{.kind = report.kind,
                                     .type = "type",
                                     .unit = "bytes",
                                     .profiles = {},
                                     .growth = {},
                                     .limit_bytes = 1 << 30};
  for (std::int64_t time_ns : {1'000'000'000, 2'000'000'000}) {
    growth.profiles.push_back(analyses::profile::take_inventory(
        report.profile, "profile", report.shown, analyses::profile::SitesBy::kLine));
    growth.profiles.back().time_ns = time_ns;
  }
  growth.profiles[0].sites.clear();
  growth.growth = analyses::profile::compare_profiles(growth.profiles, {});
  report::StringOutput grown;
  report::render_profile_growth_text(grown, growth, {});
  report::render_profile_growth_json(grown, growth);
  use(grown.text());
}

std::string small_profile() {
  pprof::ProfileBuilder builder;
  builder.add_sample_type("inuse_objects", "count");
  builder.add_sample_type("inuse_space", "bytes");
  pprof::Line lines[] = {{builder.add_function("runtime.mallocgc", "/m.go"), 7},
                         {builder.add_function("main.f", "/a.go", 3), 9}};
  pprof::LocationId stack[] = {
      builder.add_location(Address(0x401000), builder.add_mapping({}, 0, "a", "b"), lines),
      builder.add_location(Address(0x402000), pprof::kNone, {})};
  std::int64_t values[] = {2, -64};
  builder.add_sample(stack, values);
  builder.add_label("bytes", 32);
  builder.add_label("tenant", "blue");
  builder.profile().drop_frames = builder.text("runtime\\..*");
  return pprof::encode(builder.profile());
}

}  // namespace

void run(ByteView input) {
  use(std::uint64_t{pprof::is_profile(input)});
  ByteStream stream = ByteStream::of(input, "input", kMostBytes);
  auto profile = pprof::read_profile(stream);
  if (!profile) return use(describe(profile.error()));
  pprof::remove_sampling_frames(*profile);
  std::string written = pprof::encode(*profile);
  ByteStream again = ByteStream::of(std::as_bytes(std::span(written)), "written", 1 << 30);
  auto same = pprof::read_profile(again);
  if (!same && !profile->sample_types.empty()) __builtin_trap();
  show({.name = "profile",
        .profile = std::move(*profile),
        .kind = {},
        .shown = {},
        .sites = {},
        .stacks = {}});
}

std::vector<std::string> seeds() {
  return {small_profile(),
          "goroutine profile: total 2\n2 @ 0x1001 0x2001\n# labels: {\"a\":\"\\u00e9\"}\n"
          "#\t0x2000\tmain.f+0x1\t/a.go:1\n\n",
          "heap profile: 2: 2048 [10: 10240] @ heap/1048576\n1: 1024 [5: 5120] @ 0x1001 0x2001\n",
          std::string("\0\0\0\0\3\0\0\0\0\0\0\0\x10\x27\0\0\0\0\0\0"
                      "\2\0\0\0\2\0\0\0\1\1\0\0\5\1\0\0\0\0\0\0\1\0\0\0\0\0\0\0",
                      48),
          "--- threadz 1 ---\n--- Thread 7f (name: main/1) stack: ---\n  0x1001 0x1021\n"
          "--- Thread 80 (name: main/2) stack: ---\n  [same as previous thread]\n",
          "--- mutex:\ncycles/second=2000000000\nsampling period=5\n1000 3 @ 0x1001\n"};
}

}  // namespace goshawk::fuzz
