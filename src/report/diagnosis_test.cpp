// The doctor's screen and its words. Its JSON is tested in json_test.cpp.
#include "report/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/testing/diagnosis_for_tests.h"

namespace goshawk::report {
namespace {

using snapshot::Standing;
using testing::blocked_diagnosis;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::sound_diagnosis;

std::string text_of(const Diagnosis& diagnosis, bool all = false) {
  StringOutput out;
  render_diagnosis_text(out, diagnosis, {.palette = {}, .columns = 100, .all = all});
  return out.text();
}

std::size_t widest_line(std::string_view text) {
  std::size_t widest = 0;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    widest = std::max(widest, end);
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return widest;
}

TEST(DiagnosisText, SaysFirstThatAllWorks) {
  std::string text = text_of(sound_diagnosis());
  EXPECT_TRUE(
      text.starts_with("Everything works on this process\n"
                       "process 4711 (shop), /usr/bin/shop, go1.27.4 amd64\n"))
      << text;
  EXPECT_THAT(text, HasSubstr("stripped: no debug information, no symbol table"));
  EXPECT_THAT(text, HasSubstr("built with CGO_ENABLED=0, -trimpath=true"));
  for (const char* hidden : {"vcs.revision", "DefaultGODEBUG", "CGO_CFLAGS"})
    EXPECT_THAT(text, Not(HasSubstr(hidden)));
  EXPECT_THAT(
      text,
      HasSubstr(
          "goshawk runs as user 0, the process as 33; none of 2 conditions stands in the way"));
  EXPECT_THAT(text, HasSubstr("1 checked on the process and true, 1 believed unchecked, nothing "
                              "here contradicts them"));
  EXPECT_THAT(text, HasSubstr("work    list goroutines"));
  EXPECT_THAT(text, HasSubstr("untried conditions"));
  EXPECT_THAT(text, Not(HasSubstr("runtime.g ")));  // facts in order are counted only
  EXPECT_THAT(text, HasSubstr("--all lists every condition and fact"));
}

TEST(DiagnosisText, SaysWhatRestsOnFactsThatNothingContradicts) {
  Diagnosis diagnosis = sound_diagnosis();
  EXPECT_THAT(text_of(diagnosis), Not(HasSubstr("could contradict")));
  diagnosis.features.front().untried = {"runtime.allfin"};
  EXPECT_THAT(
      text_of(diagnosis),
      HasSubstr("nothing here could contradict runtime.allfin, on which rest: list goroutines\n"));
}

TEST(DiagnosisText, SaysWhatWorksInPart) {
  Diagnosis diagnosis = sound_diagnosis();
  diagnosis.features.push_back({.name = "tell types",
                                .state = DiagnosedFeature::State::kPartly,
                                .why = "it is stripped",
                                .help = "",
                                .needs = {}});
  std::string text = text_of(diagnosis);
  EXPECT_TRUE(text.starts_with("Everything works on this process, types of the heap in part\n"));
  EXPECT_THAT(text, HasSubstr("\n          partly  tell types: it is stripped\n"));
}

TEST(DiagnosisText, ListsAllWhenAsked) {
  std::string text = text_of(sound_diagnosis(), true);
  EXPECT_THAT(text, HasSubstr("DefaultGODEBUG=panicnil=1"));
  EXPECT_THAT(text, HasSubstr("holds   runtime.g by type descriptors: 1,203 of 1,203 goroutines "
                              "whose saved context leads\n                  back to them\n"));
  EXPECT_THAT(text, HasSubstr("untried runtime.gcphase by the code that uses it: 0, 1 or 2"));
  EXPECT_THAT(text, HasSubstr("fine    user: goshawk runs as user 0"));
  EXPECT_THAT(text, HasSubstr("vcs.revision=1234"));
  EXPECT_LE(widest_line(text), 100u);
}

TEST(DiagnosisText, NamesTheFactThatFailedAndWhatIsOff) {
  Diagnosis diagnosis = sound_diagnosis();
  diagnosis.facts.push_back({"runtime.heapArena.spans", "table go1.27.4 amd64",
                             "spans whose arena names them", 3, 60, Standing::kFailed});
  diagnosis.features.push_back({.name = "prove leaks",
                                .state = DiagnosedFeature::State::kOff,
                                .why = "runtime.heapArena.spans is contradicted",
                                .help = "build it otherwise",
                                .needs = {"runtime.heapArena.spans"}});
  std::string text = text_of(diagnosis);
  EXPECT_TRUE(text.starts_with("2 of 3 features work on this process, one is off\n")) << text;
  EXPECT_THAT(text, HasSubstr("FAILED  runtime.heapArena.spans by table go1.27.4 amd64: 3 of 60 "
                              "spans whose arena names\n                  them\n"));
  EXPECT_THAT(text, HasSubstr("off     prove leaks: runtime.heapArena.spans is contradicted\n"));
  EXPECT_THAT(text, HasSubstr("build it otherwise"));
}

TEST(DiagnosisText, SaysWhatBlocksAndWhatLiftsIt) {
  std::string text = text_of(blocked_diagnosis());
  EXPECT_TRUE(text.starts_with("Nothing may be read of this process: may not read it; use sudo\n"))
      << text;
  EXPECT_THAT(text, HasSubstr("BLOCKS  yama: kernel.yama.ptrace_scope is 1"));
  EXPECT_THAT(text, HasSubstr("do          sudo sysctl -w kernel.yama.ptrace_scope=0\n"));
  EXPECT_THAT(text,
              HasSubstr("Kubernetes  securityContext: {capabilities: {add: [\"SYS_PTRACE\"]}}\n"));
  EXPECT_THAT(text, HasSubstr("its executable could not be opened either"));
  EXPECT_THAT(text, Not(HasSubstr("user: goshawk runs")));
}

TEST(DiagnosisText, FeaturesThatAreOffForOneReasonShareIt) {
  Diagnosis diagnosis = blocked_diagnosis();
  diagnosis.features.push_back({.name = "explain", .why = {}, .help = {}, .needs = {}});
  for (const char* name : {"list goroutines", "prove leaks"})
    diagnosis.features.push_back({.name = name,
                                  .state = DiagnosedFeature::State::kOff,
                                  .why = "may not",
                                  .help = {},
                                  .needs = {}});
  EXPECT_THAT(text_of(diagnosis), HasSubstr("off     list goroutines, prove leaks: may not\n"));
  diagnosis.features.erase(diagnosis.features.begin());
  EXPECT_THAT(text_of(diagnosis), HasSubstr("off     all of them, for the reason above\n"));
}

TEST(DiagnosisText, NamesOfTheTargetCannotMoveTheCursor) {
  Diagnosis diagnosis = sound_diagnosis();
  diagnosis.subject = "process 1 (\x1b[2J)";
  diagnosis.build->settings.emplace_back("-tags", "\x1b[1m");
  EXPECT_THAT(text_of(diagnosis, true), Not(HasSubstr("\x1b")));
}

TEST(DiagnosisHeadline, ListsOnly) {
  Diagnosis diagnosis = sound_diagnosis();
  diagnosis.error = Missing{"runtime.heapArena", "reading the heap"};
  diagnosis.lists_goroutines = true;
  EXPECT_EQ(diagnosis_headline(diagnosis),
            "Goroutines can be listed, but no leak can be proven on this process: "
            "runtime.heapArena; reading the heap");
}

TEST(Bindings, StandByTheirCounts) {
  EXPECT_EQ(snapshot::tried("f", "h", "c", 0, 0).standing, Standing::kUntried);
  EXPECT_EQ(snapshot::tried("f", "h", "c", 7, 7).standing, Standing::kHolds);
  EXPECT_EQ(snapshot::tried("f", "h", "c", 6, 7).standing, Standing::kMostly);
  EXPECT_EQ(snapshot::tried("f", "h", "c", 3, 7).standing, Standing::kFailed);
  EXPECT_EQ(snapshot::tried("f", "h", "c", 0, 1).standing, Standing::kFailed);
  EXPECT_EQ(snapshot::missing("f", "c").standing, Standing::kMissing);
}

}  // namespace
}  // namespace goshawk::report
