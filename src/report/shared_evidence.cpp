// Sentences are compared word for word.
#include "report/shared_evidence.h"

#include <fmt/format.h>

#include <algorithm>

namespace goshawk::report {

using findings::Finding;

std::vector<SharedEvidence> find_shared_evidence(const std::vector<Finding>& findings,
                                                 std::size_t shown) {
  std::vector<SharedEvidence> sentences;
  for (std::size_t i = 0; i < shown; ++i)
    for (std::size_t k = 1; k < findings[i].evidence.size(); ++k) {
      const std::string& sentence = findings[i].evidence[k];
      auto known = std::ranges::find(sentences, sentence, &SharedEvidence::sentence);
      if (known == sentences.end()) known = sentences.insert(known, {sentence, {}});
      if (known->groups.empty() || known->groups.back() != i + 1) known->groups.push_back(i + 1);
    }
  std::erase_if(sentences, [](const SharedEvidence& s) { return s.groups.size() < 2; });
  return sentences;
}

std::string join_numbers(const std::vector<std::size_t>& numbers) {
  std::vector<std::string> runs;
  for (std::size_t first = 0; first < numbers.size();) {
    std::size_t last = first;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (last - first >= 2) {
      runs.push_back(fmt::format("{} to {}", numbers[first], numbers[last]));
    } else {
      for (std::size_t i = first; i <= last; ++i) runs.push_back(std::to_string(numbers[i]));
    }
    first = last + 1;
  }
  std::string text;
  for (std::size_t i = 0; i < runs.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == runs.size() ? " and " : ", ", runs[i]);
  return text;
}

}  // namespace goshawk::report
