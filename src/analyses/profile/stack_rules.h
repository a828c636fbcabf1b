// What a stack, how many have it and how long they wait tell of a leak. None of it proves one, but
// where Go itself says so.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyses/profile/stack_sites.h"
#include "findings/finding.h"

namespace goshawk::analyses::profile {

// What a rule says of a site.
struct Telling {
  std::string_view rule;
  findings::Confidence confidence = findings::Confidence::kSuspected;
  std::string title = {};                  // empty: the rule's
  std::vector<std::string> evidence = {};  // sentences, without a full stop
  std::string advice = {};                 // empty: the rule's
};

// All that is there to be asked.
struct StackPicture {
  const StackGroups& groups;
  std::span<const StackSite> sites;
};

// The first rule that has something to say. Nothing: none has.
std::optional<Telling> tell_by_stacks(const StackSite& site, const StackPicture& picture);

// The rule that belongs to what they wait for: of what grows.
std::string_view rule_of_wait(WaitFor wait);

// "each waits to send on a channel, 980 of them for more than 10 minutes"
std::string describe_waits(const StackSite& site, const StackPicture& picture);

}  // namespace goshawk::analyses::profile
