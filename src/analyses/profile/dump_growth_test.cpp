// Against the growth of the same dumps' groups.
#include "analyses/profile/dump_growth.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "dumps/reader.h"

namespace goshawk::analyses::profile {
namespace {

std::string goroutine(std::uint64_t goid, unsigned kind) {
  static constexpr std::string_view kStates[] = {"chan receive", "select", "running"};
  return fmt::format(
      "goroutine {} [{}]:\nmain.work{}(...)\n\t/src/shop.go:{}\nmain.(*T[...]).serve({{0x1, "
      "0x2}})\n"
      "\t/src/shop.go:9 +0x1d\ncreated by main.start{}\n\t/src/shop.go:30 +0x1d\n\n",
      goid, kStates[kind % 3], kind % 2, 10 + kind % 4, kind % 5);
}

// Some end and some come from each to the next.
dumps::Dumps make_dumps(unsigned seed) {
  std::mt19937 random(seed);
  std::map<std::uint64_t, unsigned> alive;
  std::uint64_t next = 2;
  dumps::Reader reader;
  for (int dump = 0; dump < 6; ++dump) {
    for (auto n = random() % 30; n > 0; --n) alive[next++] = static_cast<unsigned>(random());
    std::erase_if(alive, [&](const auto&) { return random() % 8 == 0; });
    reader.feed("SIGQUIT: quit\n\n" + goroutine(1, 2));
    for (auto [goid, kind] : alive) reader.feed(goroutine(goid, kind));
  }
  return reader.finish();
}

std::vector<std::string> told(const SiteGrowth& growth) {
  std::vector<std::string> lines;
  for (const findings::SiteSeries& site : growth.list())
    lines.push_back(fmt::format("{} {}:{} < {}: {} gone {} {}", site.stack.size(),
                                site.blocked_at.function, site.blocked_at.line,
                                site.created_by.function, fmt::join(site.counts, " "),
                                site.gone.value_or(99'999), findings::to_text(site.confidence)));
  std::ranges::sort(lines);
  return lines;
}

TEST(DumpGrowth, IsThatOfTheGroupsOfEachDump) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    dumps::Dumps dumps = make_dumps(seed);
    ASSERT_EQ(dumps.dumps.size(), 6U);
    SiteGrowth by_groups, by_dump;
    DumpGrowth fast(dumps, by_dump);
    for (std::size_t i = 0; i < dumps.dumps.size(); ++i) {
      by_groups.add(static_cast<double>(i), group_goroutines(dumps, dumps.dumps[i]));
      fast.add(static_cast<double>(i), dumps.dumps[i]);
    }
    EXPECT_EQ(told(by_dump), told(by_groups)) << seed;
    EXPECT_EQ(by_dump.pictures().back().goroutines, by_groups.pictures().back().goroutines);
  }
}

}  // namespace
}  // namespace goshawk::analyses::profile
