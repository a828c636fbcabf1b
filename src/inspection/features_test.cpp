// Which features work, from pictures and facts made by hand.
#include "inspection/features.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace goshawk::inspection {
namespace {

using report::DiagnosedFeature;
using snapshot::Binding;
using snapshot::Snapshot;
using State = DiagnosedFeature::State;

class Features : public ::testing::Test {
 protected:
  Features() {
    for (const DiagnosedFeature& feature : judge_features({&picture, &picture, {}}, {}))
      for (const std::string& need : feature.needs) set(snapshot::tried(need, "test", "", 3, 3));
  }
  void set(Binding fact) {
    std::erase_if(facts, [&](const Binding& known) { return known.fact == fact.fact; });
    facts.push_back(std::move(fact));
  }
  DiagnosedFeature judge(const Pictures& pictures, std::string_view name) const {
    auto judged = judge_features(pictures, facts);
    auto found = std::ranges::find(judged, name, &DiagnosedFeature::name);
    EXPECT_NE(found, judged.end()) << name;
    return found == judged.end() ? DiagnosedFeature{} : *found;
  }
  DiagnosedFeature judge(std::string_view name) const {
    return judge({&picture, &picture, {}}, name);
  }
  std::size_t count_off(const Pictures& pictures) const {
    auto judged = judge_features(pictures, facts);
    return static_cast<std::size_t>(
        std::ranges::count(judged, State::kOff, &DiagnosedFeature::state));
  }

  Snapshot picture;
  std::vector<Binding> facts;
};

TEST_F(Features, AllWorkWhenAllHolds) { EXPECT_EQ(count_off({&picture, &picture, {}}), 0u); }

TEST_F(Features, AFactThatIsMissingTurnsOffWhatNeedsIt) {
  set(snapshot::missing("runtime.semtable", "251 roots"));
  DiagnosedFeature locks = judge("for locks");
  EXPECT_EQ(locks.state, State::kOff);
  EXPECT_EQ(locks.why, "runtime.semtable was not found in this program");
  EXPECT_NE(locks.help.find("debug information"), std::string::npos);
  EXPECT_EQ(count_off({&picture, &picture, {}}), 1u);
}

TEST_F(Features, AFactThatIsContradictedIsNamedWithItsCounts) {
  set(snapshot::tried("runtime.mspan", "table", "spans that fit", 3, 60));
  EXPECT_EQ(judge("read the heap").state, State::kOff);
  EXPECT_EQ(judge("prove leaks").why,
            "runtime.mspan is contradicted: it is so for 3 of 60 spans that fit");
  EXPECT_EQ(judge("list goroutines").state, State::kWorks);
}

TEST_F(Features, AFewContradictionsTurnNothingOff) {
  set(snapshot::tried("runtime.sudog", "table", "", 59, 60));
  EXPECT_EQ(count_off({&picture, &picture, {}}), 0u);
}

TEST_F(Features, WhatNothingWasThereForIsUntried) {
  for (const char* fact : {"runtime.notifyList", "runtime.sudog"})
    set(snapshot::tried(fact, "table", "", 0, 0));
  EXPECT_EQ(judge("for condition variables").state, State::kUntried);
  DiagnosedFeature proof = judge("prove leaks");
  EXPECT_EQ(proof.state, State::kWorks);
  EXPECT_EQ(proof.untried, std::vector<std::string>{"runtime.sudog"});
  EXPECT_TRUE(judge("read the heap").untried.empty());
}

TEST_F(Features, WithoutAHeapOnlyTheListWorks) {
  Pictures pictures{nullptr, &picture, Missing{"runtime.heapArena", "reading the heap"}};
  EXPECT_EQ(judge(pictures, "list goroutines").state, State::kWorks);
  EXPECT_EQ(judge(pictures, "prove leaks").state, State::kOff);
  EXPECT_EQ(judge(pictures, "prove leaks").why, "runtime.heapArena; reading the heap");
}

TEST_F(Features, WithoutAnyPictureNothingWorks) {
  Pictures pictures{nullptr, nullptr, Denied{"may not", "sudo"}};
  EXPECT_EQ(count_off(pictures), judge_features(pictures, facts).size());
  EXPECT_EQ(judge(pictures, "show their stacks").why, "may not; sudo");
}

TEST_F(Features, TypesMayBeToldInPart) {
  constexpr std::string_view kTypes = "tell the types of the heap's objects";
  EXPECT_EQ(judge(kTypes).state, State::kWorks);
  Pictures pictures{&picture, &picture, {}, "it is stripped"};
  DiagnosedFeature types = judge(pictures, kTypes);
  EXPECT_EQ(types.state, State::kPartly);
  EXPECT_EQ(types.why, "it is stripped");
  EXPECT_EQ(count_off(pictures), 0u);
  set(snapshot::missing("runtime.mspan", ""));
  EXPECT_EQ(judge(pictures, kTypes).state, State::kOff);
}

TEST_F(Features, WhatThePictureLacks) {
  picture.picture.way = "core";
  picture.picture.labels_left_out = true;
  EXPECT_EQ(judge("tell how long they wait").state, State::kOff);
  EXPECT_NE(judge("show their labels").why.find("--with-strings"), std::string::npos);
  EXPECT_EQ(judge("prove leaks").state, State::kWorks);
  picture.doubts = {{"a remark", false}, {"3 spans could not be read", true}};
  EXPECT_EQ(judge("prove leaks").why, "3 spans could not be read");
}

}  // namespace
}  // namespace goshawk::inspection
