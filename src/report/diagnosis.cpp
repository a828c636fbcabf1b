// The words of a diagnosis that text and JSON share.
#include "report/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/measures.h"

namespace goshawk::report {

using snapshot::Standing;

std::string diagnosis_headline(const Diagnosis& diagnosis) {
  const std::string kind = "this " + diagnosis.target.kind;
  if (diagnosis.error && diagnosis.lists_goroutines)
    return fmt::format("Goroutines can be listed, but no leak can be proven on {}: {}", kind,
                       describe(*diagnosis.error));
  if (diagnosis.error)
    return fmt::format("{} of {}: {}",
                       std::holds_alternative<Denied>(*diagnosis.error) ? "Nothing may be read"
                                                                        : "Nothing can be read",
                       kind, describe(*diagnosis.error));
  auto off = std::ranges::count(diagnosis.features, DiagnosedFeature::State::kOff,
                                &DiagnosedFeature::state);
  bool has_partly = std::ranges::any_of(diagnosis.features, [](const DiagnosedFeature& feature) {
    return feature.state == DiagnosedFeature::State::kPartly;
  });
  if (off == 0)
    return fmt::format("Everything works on {}{}", kind,
                       has_partly ? ", types of the heap in part" : "");
  return fmt::format(
      "{} of {} features work on {}, {}", diagnosis.features.size() - static_cast<std::size_t>(off),
      diagnosis.features.size(), kind, off == 1 ? "one is off" : fmt::format("{} are off", off));
}

std::string_view standing_word(Standing standing) {
  switch (standing) {
    case Standing::kHolds:
      return "holds";
    case Standing::kMostly:
      return "mostly";
    case Standing::kUntried:
      return "untried";
    case Standing::kFailed:
      return "FAILED";
    case Standing::kMissing:
      return "missing";
  }
  return "";
}

std::string describe_check(const snapshot::Binding& binding) {
  bool counts_nothing = binding.checked == 0 || (binding.checked == 1 && binding.passed == 1);
  if (counts_nothing) return binding.check;
  return fmt::format("{} of {} {}", human_count(binding.passed), human_count(binding.checked),
                     binding.check);
}

}  // namespace goshawk::report
