// The rules that a finding can carry, each once: what every presentation and `explain` say of it.
#pragma once

#include <span>
#include <string_view>

#include "findings/finding.h"

namespace goshawk::findings {

struct Rule {
  std::string_view id;                      // "goroutine/blocked-send"
  std::string_view title;                   // a headline: "Send that nobody will receive"
  std::string_view suspected_title;         // the same with no more than a suspicion behind it
  std::string_view summary;                 // one sentence without a full stop
  std::string_view releases;                // for which Go releases it is looked for
  std::span<const Confidence> confidences;  // how sure a finding of it can be, surest first
};

// In the order in which a reader should meet them.
std::span<const Rule> rules();

// What can hold a goroutine that is likely leaked: it is reachable by nothing else, and this wakes
// nobody.
struct HolderRule {
  std::string_view name;                    // "context's children"
  std::string_view summary;                 // one sentence without a full stop
  std::span<const std::string_view> rules;  // ids of the rules that such a finding can carry
};
std::span<const HolderRule> holder_rules();

// By "goroutine/mutex" or, where that is unambiguous, "mutex"; nullptr when there is none.
const Rule* find_rule(std::string_view name);

// A finding's headline: its own, else its rule's.
std::string_view title_of(const Finding& finding);

// The part after the last slash: what a user types.
std::string_view short_name(const Rule& rule);

}  // namespace goshawk::findings
