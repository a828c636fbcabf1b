// The fingerprint of a finding names the same leak in two builds of the same program: it is made
// of the rule, the function that started the goroutines and the functions on their stack, without
// lines, addresses, type arguments and closure numbers. Frames of the runtime and of sync are left
// out, for they are named differently in every Go release.
// A leak of a test has the test in it, where that is known, but no subtest: many tests leak by one
// function that they share, and the next one that does is to be heard of.
// Two closures of one function that leak in the same way are told apart by their order only.
#include "findings/finding.h"

#include "findings/function_name.h"
#include "findings/name_hash.h"
#include "findings/test_fingerprint.h"

namespace goshawk::findings {

std::string_view to_text(Confidence confidence) {
  switch (confidence) {
    case Confidence::kProven:
      return "proven";
    case Confidence::kLikely:
      return "likely";
    case Confidence::kSuspected:
      return "suspected";
    case Confidence::kUnknown:
      return "unknown";
  }
  return "unknown";
}

double Growth::per_second() const {
  if (samples.size() < 2 || samples.back().seconds <= samples.front().seconds) return 0;
  return (static_cast<double>(samples.back().count) - static_cast<double>(samples.front().count)) /
         (samples.back().seconds - samples.front().seconds);
}

std::uint64_t Suppressed::count() const {
  std::uint64_t count = 0;
  for (const Finding& finding : findings) count += finding.count;
  return count;
}

std::string compute_test_fingerprint(const Finding& finding, std::string_view test,
                                     std::uint64_t twin) {
  NameHash hash;
  hash.add(finding.rule);
  hash.add(normalize_function(finding.created_at.function));
  for (const CodePlace& place : finding.stack)
    if (!is_waiting_machinery(place.function)) hash.add(normalize_function(place.function));
  if (!test.empty()) hash.add(test);
  if (twin > 0) hash.add(std::to_string(twin));
  return hash.hex();
}

std::string compute_fingerprint(const Finding& finding, std::uint64_t twin) {
  return compute_test_fingerprint(finding, {}, twin);
}

}  // namespace goshawk::findings
