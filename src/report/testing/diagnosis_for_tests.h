// Diagnoses made by hand.
#pragma once

#include "report/diagnosis.h"

namespace goshawk::report::testing {

inline Diagnosis sound_diagnosis() {
  Diagnosis diagnosis;
  diagnosis.target = {.name = "4711",
                      .kind = "process",
                      .pid = 4711,
                      .executable = "/usr/bin/shop",
                      .go_version = "go1.27.4",
                      .arch = "amd64",
                      .build_id = "0123abcd"};
  diagnosis.subject = "process 4711 (shop)";
  diagnosis.kernel = "Linux 6.1.0 x86_64";
  diagnosis.build.emplace();
  diagnosis.build->path = "/usr/bin/shop";
  diagnosis.build->build_id = "0123abcd";
  diagnosis.build->has_build_information = true;
  diagnosis.build->settings = {{"CGO_ENABLED", "0"},
                               {"-trimpath", "true"},
                               {"vcs.revision", "1234"},
                               {"DefaultGODEBUG", "panicnil=1"},
                               {"CGO_CFLAGS", ""}};
  diagnosis.build->modules = {""};
  diagnosis.conditions = {{"user", "goshawk runs as user 0, the process as 33"},
                          {"yama", "not in this kernel"}};
  diagnosis.facts = {
      snapshot::tried("runtime.g", "type descriptors",
                      "goroutines whose saved context leads back to them", 1203, 1203),
      snapshot::tried("runtime.gcphase", "the code that uses it", "0, 1 or 2", 0, 0)};
  diagnosis.features = {{.name = "list goroutines", .why = {}, .help = {}, .needs = {"runtime.g"}},
                        {.name = "conditions",
                         .state = DiagnosedFeature::State::kUntried,
                         .why = {},
                         .help = {},
                         .needs = {"runtime.notifyList"}}};
  diagnosis.picture = snapshot::PictureFacts{.way = "copy", .pause_ns = 2'000'000, .stops = 1};
  diagnosis.goroutines = 1203;
  return diagnosis;
}

inline Diagnosis blocked_diagnosis() {
  Diagnosis diagnosis;
  diagnosis.target.name = "4711";
  diagnosis.target.kind = "process";
  diagnosis.target.pid = 4711;
  diagnosis.subject = "process 4711 (shop)";
  diagnosis.kernel = "Linux 6.1.0 x86_64";
  diagnosis.build.emplace();
  diagnosis.build->why_not = "closed";
  diagnosis.conditions = {
      {"user", "goshawk runs as user 33, the process as 33"},
      {"yama",
       "kernel.yama.ptrace_scope is 1",
       DiagnosedCondition::State::kBlocks,
       {{"shell", "sudo sysctl -w kernel.yama.ptrace_scope=0"},
        {"kubernetes", "securityContext: {capabilities: {add: [\"SYS_PTRACE\"]}}"}}},
      {"security module", "not to be told", DiagnosedCondition::State::kUnknown}};
  diagnosis.error = Denied{"may not read it", "use sudo"};
  return diagnosis;
}

}  // namespace goshawk::report::testing
