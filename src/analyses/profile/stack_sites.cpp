// What is told of one site is told of all that are in it, so what differs in that is a site of its
// own: the main goroutine, those that the runtime calls leaked.
#include "analyses/profile/stack_sites.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>
#include <tuple>

#include "findings/function_name.h"

namespace goshawk::analyses::profile {

using findings::CodePlace;

namespace {

using Place = std::tuple<std::string_view, std::string_view, std::uint32_t>;

Place key_of(const CodePlace& place) { return {place.function, place.file, place.line}; }

bool is_of_runtime(const StackGroup& group) {
  return !group.frames.empty() && !group.is_main &&
         std::ranges::all_of(group.frames, [](const CodePlace& frame) {
           return findings::package_of(frame.function) == "runtime";
         });
}

const findings::KnownBackground* find_background(const StackGroup& group) {
  std::vector<std::string_view> functions;
  for (const CodePlace& frame : group.frames) functions.push_back(frame.function);
  return findings::find_known_background(functions);
}

void add(StackSite& site, const StackGroup& group) {
  site.groups.push_back(&group);
  site.count += group.count;
  site.wait_minutes.insert(site.wait_minutes.end(), group.wait_minutes.begin(),
                           group.wait_minutes.end());
  site.creator_told += group.creator_told;
  site.creator_gone += group.creator_gone;
}

}  // namespace

std::uint64_t StackSite::waiting_at_least(std::uint32_t minutes) const {
  auto first_long = std::ranges::lower_bound(wait_minutes, minutes);
  return static_cast<std::uint64_t>(wait_minutes.end() - first_long);
}

std::vector<StackSite> find_sites(const StackGroups& groups) {
  using Key = std::tuple<WaitFor, Place, Place, bool, bool, const findings::KnownBackground*>;
  std::map<Key, std::size_t> numbers;
  std::vector<StackSite> sites;
  const CodePlace nowhere;
  for (const StackGroup& group : groups.groups) {
    WaitFor wait = classify_wait(group);
    const CodePlace* at = find_waiting_frame(group);
    if (at == nullptr) at = &nowhere;
    const auto* background = group.leaked ? nullptr : find_background(group);
    auto [found, is_new] = numbers.try_emplace(
        Key{wait, key_of(*at), key_of(group.created_by), group.leaked, group.is_main, background},
        sites.size());
    if (is_new)
      sites.push_back({.wait = wait,
                       .blocked_at = *at,
                       .background = background,
                       .of_runtime = is_of_runtime(group)});
    add(sites[found->second], group);
  }
  for (StackSite& site : sites) std::ranges::sort(site.wait_minutes);
  std::ranges::stable_sort(sites, std::greater(), &StackSite::count);
  return sites;
}

}  // namespace goshawk::analyses::profile
