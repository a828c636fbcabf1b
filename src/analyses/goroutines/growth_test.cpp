// What is growth and what only looks like it, on goroutines that are numbers.
#include "analyses/goroutines/growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace goshawk::analyses::goroutines {
namespace {

using testing::ElementsAre;
using Goids = std::vector<std::uint64_t>;

constexpr SiteId kSite = 7, kElsewhere = 8;

std::vector<Sighting> at(SiteId site, const Goids& goids) {
  std::vector<Sighting> sightings;
  for (std::uint64_t goid : goids) sightings.push_back({goid, site});
  return sightings;
}

// Those from..to, without `to`.
Goids range(std::uint64_t from, std::uint64_t to) {
  Goids goids(to - from);
  std::iota(goids.begin(), goids.end(), from);
  return goids;
}

// Pictures a second apart, in which only one site has goroutines.
Growth watch(const std::vector<Goids>& pictures) {
  Growth growth;
  for (std::size_t i = 0; i < pictures.size(); ++i)
    growth.add(static_cast<double>(i), at(kSite, pictures[i]));
  return growth;
}

bool grows(const std::vector<Goids>& pictures) {
  return watch(pictures).find_growth(kSite, pictures.back()).has_value();
}

std::vector<std::uint64_t> counts(const findings::Growth& growth) {
  std::vector<std::uint64_t> counts;
  for (const findings::Growth::Sample& sample : growth.samples) counts.push_back(sample.count);
  return counts;
}

TEST(Growth, IsNewOnesInEveryIntervalOfWhomNoneEnds) {
  std::vector<Goids> pictures{range(10, 22), range(10, 25), range(10, 29)};
  auto growth = watch(pictures).find_growth(kSite, pictures.back());
  ASSERT_TRUE(growth);
  EXPECT_THAT(counts(*growth), ElementsAre(12, 15, 19));
  EXPECT_EQ(growth->stayed, 12u);
  EXPECT_EQ(growth->came, 7u);
  EXPECT_EQ(growth->gone, 0u);
  EXPECT_DOUBLE_EQ(growth->samples.back().seconds, 2);
  EXPECT_DOUBLE_EQ(growth->per_second(), 3.5);
}

TEST(Growth, IsNotToRest) { EXPECT_FALSE(grows({range(1, 9), range(1, 9), range(1, 9)})); }

TEST(Growth, IsNotToGrowOnceAndRest) {
  EXPECT_FALSE(grows({range(1, 9), range(1, 20), range(1, 20)}));
  EXPECT_FALSE(grows({range(1, 9), range(1, 9), range(1, 20)}));
}

TEST(Growth, IsNotALoadThatRisesWhileItsGoroutinesComeAndGo) {
  EXPECT_FALSE(grows({range(0, 100), range(80, 300), range(250, 700)}));
  EXPECT_FALSE(grows({range(0, 100), range(100, 300), range(300, 700)}));
  EXPECT_FALSE(grows({range(0, 100), range(50, 200), range(100, 350)}));
}

TEST(Growth, IsNotAPoolThatBreathes) {
  EXPECT_FALSE(grows({range(0, 10), range(0, 30), range(0, 12)}));
  EXPECT_FALSE(grows({range(0, 10), range(0, 30), range(0, 10), range(0, 40)}));
}

// A pool of workers whose jobs change: the same goroutines, at another site for a while.
TEST(Growth, IsNotToComeBack) {
  Growth growth;
  growth.add(0, at(kSite, {1, 2}));
  growth.add(1, at(kElsewhere, {1, 2}));
  growth.add(2, at(kSite, {1, 2, 3}));
  EXPECT_FALSE(growth.find_growth(kSite, Goids{1, 2, 3}));
  EXPECT_THAT(counts(growth.describe(Goids{1, 2, 3})), ElementsAre(0, 0, 3));
}

TEST(Growth, NeedsOneWhoWasThereFromTheFirst) {
  EXPECT_FALSE(grows({{}, range(1, 4), range(1, 9)}));
}

TEST(Growth, BearsOneOfTwentyWhoHasGone) {
  std::vector<Goids> pictures{range(0, 40), range(0, 60), range(1, 100)};
  auto growth = watch(pictures).find_growth(kSite, pictures.back());
  ASSERT_TRUE(growth);
  EXPECT_EQ(growth->gone, 1u);
  EXPECT_EQ(growth->stayed, 39u);
  EXPECT_THAT(counts(*growth), ElementsAre(40, 60, 99));
  EXPECT_TRUE(grows({range(0, 40), range(3, 60), range(5, 100)}));   // 5 of 100
  EXPECT_FALSE(grows({range(0, 40), range(3, 60), range(6, 100)}));  // 6 of 100
  EXPECT_FALSE(grows({range(0, 3), range(1, 6), range(1, 10)}));     // one of few
}

// One that came after the first picture and left before the last one was counted in between.
TEST(Growth, CountsThoseWhoCameAndWent) {
  std::vector<Goids> pictures{range(0, 40), range(0, 60), range(0, 59)};
  pictures[2].push_back(99);
  auto growth = watch(pictures).find_growth(kSite, pictures.back());
  ASSERT_TRUE(growth);
  EXPECT_THAT(counts(*growth), ElementsAre(40, 60, 60));
  EXPECT_EQ(growth->stayed + growth->came, 60u);
}

// Those at the same site that are told in another way (proven) are no part of it.
TEST(Growth, IsOfThoseAskedForOnly) {
  Growth growth = watch({range(0, 2), range(0, 4), range(0, 6)});
  EXPECT_FALSE(growth.find_growth(kSite, Goids{0, 2}));
  auto of_some = growth.find_growth(kSite, Goids{0, 2, 4});
  ASSERT_TRUE(of_some);
  EXPECT_THAT(counts(*of_some), ElementsAre(1, 2, 3));
}

TEST(Growth, IsNotToldOfOnePicture) { EXPECT_FALSE(grows({range(0, 100)})); }

TEST(Growth, DescribesWhomItIsAskedOfWhetherTheyGrowOrNot) {
  Growth growth = watch({range(0, 5), range(0, 5), range(0, 7)});
  findings::Growth described = growth.describe(range(0, 7));
  EXPECT_THAT(counts(described), ElementsAre(5, 5, 7));
  EXPECT_EQ(described.stayed, 5u);
  EXPECT_EQ(described.came, 2u);
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
