// A method that locks at its top is on the stack of whoever is inside; so the one of that function
// who does not wait at its lock has passed it. What this cannot see: a lock that was taken in a
// function which has returned, one that another method of the type holds.
#include "analyses/profile/lock_insiders.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/function_name.h"

namespace goshawk::analyses::profile {

using findings::CodePlace;

namespace {

constexpr std::size_t kMostTold = 3;

bool is_lock(WaitFor wait) { return wait == WaitFor::kMutex || wait == WaitFor::kRWMutex; }

bool is_on_stack(const StackGroup& group, std::string_view function) {
  return std::ranges::find(group.frames, function, &CodePlace::function) != group.frames.end();
}

// "main.(*Store)." of "main.(*Store).Put"; empty: it is no method.
std::string_view receiver_of(std::string_view function) {
  std::size_t end = function.find(").");
  return end == std::string_view::npos ? std::string_view() : function.substr(0, end + 2);
}

bool comes_through_another_method(const StackGroup& group, std::string_view function) {
  std::string_view receiver = receiver_of(function);
  if (receiver.empty()) return false;
  return std::ranges::any_of(group.frames, [&](const CodePlace& frame) {
    return frame.function.starts_with(receiver) && frame.function != function;
  });
}

std::string who(const StackGroup& group) {
  if (group.count > 1) return fmt::format("{} goroutines are", group.count);
  if (group.goids.empty()) return "a goroutine is";
  return fmt::format("goroutine {} is", group.goids.front());
}

std::string state_of(const StackGroup& group) {
  std::string text = group.state.empty() ? std::string() : group.state;
  if (!group.wait_minutes.empty()) text += fmt::format(", {} minutes", group.wait_minutes.back());
  return text.empty() ? text : fmt::format(" ({})", text);
}

}  // namespace

Insiders find_insiders(const StackSite& site, std::span<const StackSite> sites) {
  Insiders insiders;
  const std::string& function = site.blocked_at.function;
  for (const StackSite& other : sites) {
    // Others who wait for the lock are not past it; at its line may also stand what is done with
    // it.
    bool at_lock = other.blocked_at == site.blocked_at && is_lock(other.wait);
    if (&other == &site || at_lock) continue;
    for (const StackGroup* group : other.groups)
      if (is_on_stack(*group, function)) insiders.beyond.push_back(group);
  }
  for (const StackGroup* group : site.groups)
    if (comes_through_another_method(*group, function)) insiders.twice.push_back(group);
  return insiders;
}

std::vector<std::string> describe_insiders(const Insiders& insiders, const StackSite& site) {
  std::vector<std::string> sentences;
  std::string function = findings::shorten_type_arguments(site.blocked_at.function);
  for (const StackGroup* group : insiders.beyond) {
    if (sentences.size() == kMostTold) break;
    const CodePlace* at = find_waiting_frame(*group);
    sentences.push_back(fmt::format(
        "past the lock in {}, {} in {}{}: there it may be held", function, who(*group),
        at == nullptr ? "it" : findings::shorten_type_arguments(at->function), state_of(*group)));
  }
  if (!sentences.empty()) return sentences;
  for (const StackGroup* group : insiders.twice) {
    if (sentences.size() == kMostTold) break;
    sentences.push_back(fmt::format(
        "of those that wait in {}, {} there by way of another method of the same type, which may "
        "have locked it before",
        function, who(*group)));
  }
  if (sentences.empty())
    sentences.push_back(
        fmt::format("nobody is past the lock in {}: who holds it, no stack tells", function));
  return sentences;
}

}  // namespace goshawk::analyses::profile
