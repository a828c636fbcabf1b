// A feature is off when the picture that it is told from could not be taken, when a fact that it
// needs was not found or is contradicted, or when the picture itself says that it lacks something.
// A fact that was not written down is none of this Go release, or of this kind of target.
#include "inspection/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

namespace goshawk::inspection {

using report::DiagnosedFeature;
using snapshot::Binding;
using snapshot::Snapshot;
using snapshot::Standing;
using State = report::DiagnosedFeature::State;

namespace {

constexpr std::string_view kTellTypes = "tell the types of the heap's objects";
constexpr const char* kBuildOtherwise =
    "what would help: the program with its debug information (without -ldflags=-w), or a newer "
    "goshawk";

// nullptr: the picture lacks nothing for it; else the reason.
using Lack = std::string (*)(const Snapshot&);

struct Feature {
  std::string_view name;
  bool needs_heap;
  std::vector<std::string_view> needs;
  Lack lack = nullptr;
};

std::string lacks_ages(const Snapshot& picture) {
  if (picture.picture.way == "core") return "a core file holds no clock";
  return "";
}

std::string lacks_ends(const Snapshot& picture) {
  if (picture.picture.way == "core")
    return "a core file holds no clock, and not what descriptors lead to";
  return "";
}

std::string lacks_labels(const Snapshot& picture) {
  return picture.picture.labels_left_out
             ? "the snapshot was saved without the program's own strings (--with-strings)"
             : "";
}

std::string lacks_proof(const Snapshot& picture) {
  for (const snapshot::Doubt& doubt : picture.doubts)
    if (doubt.spoils_proof) return doubt.what;
  return "";
}

const std::vector<Feature>& features() {
  static const std::vector<Feature> kFeatures = {
      {"list goroutines",
       false,
       {"Go release", "runtime.moduledata", "runtime.allgs", "runtime.g"}},
      {"show their stacks", false, {"function tables"}},
      {"say why they wait", false, {"runtime.waitReason"}},
      {"find who waits for channels", false, {"runtime.sudog", "runtime.hchan"}},
      {"for locks", false, {"runtime.semtable", "runtime.semaRoot", "runtime.sudog"}},
      {"for condition variables", false, {"runtime.notifyList", "runtime.sudog"}},
      {"tell how long they wait", false, {"runtime.g"}, lacks_ages},
      {"tell whom network waits are for, and until when", false, {"runtime.pollDesc"}, lacks_ends},
      {"show their labels", false, {"runtime.g"}, lacks_labels},
      {"read the heap",
       true,
       {"runtime.mheap_", "runtime.mspan", "runtime.heapArena.spans", "runtime.mspan.allocBits",
        "pointer masks"}},
      {kTellTypes,
       true,
       {"runtime.mheap_", "runtime.mspan", "runtime.heapArena.spans", "runtime.mspan.allocBits",
        "pointer masks"}},
      {"follow threads", true, {"runtime.allm", "runtime.m"}},
      {"follow timers", true, {"runtime.allp", "runtime.p", "runtime.p.timers"}},
      {"follow finalizers, cleanups and weak pointers",
       true,
       {"runtime.specialfinalizer.fn", "runtime.specialCleanup", "runtime.specialWeakHandle.handle",
        "runtime.allfin", "runtime.gcCleanups"}},
      {"prove leaks",
       true,
       {"runtime.allgs",
        "runtime.g",
        "function tables",
        "runtime.sudog",
        "runtime.hchan",
        "runtime.mheap_",
        "runtime.mspan",
        "runtime.heapArena.spans",
        "runtime.mspan.allocBits",
        "pointer masks",
        "runtime.allm",
        "runtime.m",
        "runtime.allp",
        "runtime.p",
        "runtime.p.timers",
        "runtime.specialfinalizer.fn",
        "runtime.specialCleanup",
        "runtime.specialWeakHandle.handle",
        "runtime.allfin",
        "runtime.gcCleanups"},
       lacks_proof}};
  return kFeatures;
}

const Binding* find_fact(std::span<const Binding> facts, std::string_view name) {
  auto found = std::ranges::find(facts, name, &Binding::fact);
  return found == facts.end() ? nullptr : &*found;
}

std::string describe_lack(const Binding& fact) {
  if (fact.standing == Standing::kMissing)
    return fmt::format("{} was not found in this program", fact.fact);
  return fmt::format("{} is contradicted: it is so for {}", fact.fact,
                     report::describe_check(fact));
}

void judge_facts(const Feature& feature, std::span<const Binding> facts, DiagnosedFeature& into) {
  std::size_t known = 0;
  for (std::string_view need : feature.needs) {
    const Binding* fact = find_fact(facts, need);
    if (fact == nullptr) continue;
    ++known;
    if (fact->standing == Standing::kUntried) into.untried.emplace_back(need);
    if (fact->standing != Standing::kMissing && fact->standing != Standing::kFailed) continue;
    into.state = State::kOff;
    into.why = describe_lack(*fact);
    into.help = kBuildOtherwise;
    return;
  }
  if (into.untried.size() == known) into.state = State::kUntried;
}

DiagnosedFeature judge(const Feature& feature, const Pictures& pictures,
                       std::span<const Binding> facts) {
  DiagnosedFeature judged;
  judged.name = feature.name;
  for (std::string_view need : feature.needs) judged.needs.emplace_back(need);
  const Snapshot* picture = feature.needs_heap ? pictures.whole : pictures.list;
  if (picture == nullptr) {
    judged.state = State::kOff;
    judged.why = pictures.error ? describe(*pictures.error) : "the picture holds goroutines only";
    return judged;
  }
  judge_facts(feature, facts, judged);
  if (feature.name == kTellTypes && judged.state == State::kWorks &&
      !pictures.types_in_part.empty()) {
    judged.state = State::kPartly;
    judged.why = pictures.types_in_part;
  }
  if (judged.state == State::kOff || feature.lack == nullptr) return judged;
  judged.why = feature.lack(*picture);
  if (!judged.why.empty()) judged.state = State::kOff;
  return judged;
}

}  // namespace

std::vector<DiagnosedFeature> judge_features(const Pictures& pictures,
                                             const std::vector<Binding>& facts) {
  std::vector<DiagnosedFeature> judged;
  for (const Feature& feature : features()) judged.push_back(judge(feature, pictures, facts));
  return judged;
}

}  // namespace goshawk::inspection
