// Follows runtime/pprof/pprof.go, protomem.go and proto.go for the names, and
// github.com/google/pprof/internal/driver for what is shown by default: the type that the profile
// names, else the last one.
#include "pprof/profile_kind.h"

#include <algorithm>

namespace goshawk::pprof {
namespace {

bool has_type(const Profile& profile, std::string_view name) {
  return std::ranges::any_of(profile.sample_types, [&](const ValueType& type) {
    return profile.strings[type.type] == name;
  });
}

// Who unlocks what others wait for. Of the runtime's own locks too (runtime/mprof.go,
// runtime/lock_spinbit.go).
bool is_unlock(std::string_view function) {
  return function.ends_with(").Unlock") || function.ends_with(").RUnlock") ||
         function.ends_with("nlockSlow") || function.starts_with("runtime.unlock") ||
         function == "runtime._LostContendedRuntimeLock";
}

// A block and a mutex profile have the same sample types. The stacks of the one end in who waits
// (Lock, a channel), those of the other in who unlocks.
ProfileKind kind_of_waiting(const Profile& profile) {
  std::size_t unlocks = 0;
  for (SampleId sample = 0; sample < profile.sample_count(); ++sample) {
    std::span<const LocationId> stack = profile.stack_of(sample);
    if (stack.empty()) continue;
    unlocks += std::ranges::any_of(profile.lines_of(stack.front()), [&](const Line& line) {
      return is_unlock(profile.strings[profile.functions[line.function].name]);
    });
  }
  if (profile.sample_count() == 0) return ProfileKind::kContention;
  return 2 * unlocks > profile.sample_count() ? ProfileKind::kMutex : ProfileKind::kBlock;
}

std::size_t default_column(const Profile& profile) {
  std::string_view name = profile.strings[profile.default_sample_type];
  for (std::size_t i = 0; i < profile.sample_types.size(); ++i)
    if (!name.empty() && profile.type_name(i) == name) return i;
  return profile.sample_types.size() - 1;
}

// A profile's types stand in pairs: how many, and how much of that.
ShownValues values_at(const Profile& profile, std::size_t column) {
  bool is_amount = profile.unit_name(column) != "count";
  if (is_amount && column > 0 && profile.unit_name(column - 1) == "count")
    return {column, column - 1};
  return {column, std::nullopt};
}

}  // namespace

ProfileKind kind_of(const Profile& profile) {
  if (profile.sample_types.empty()) return ProfileKind::kOther;
  if (has_type(profile, "goroutine")) return ProfileKind::kGoroutines;
  if (has_type(profile, "goroutineleak")) return ProfileKind::kGoroutineLeak;
  if (has_type(profile, "threadcreate")) return ProfileKind::kThreads;
  if (has_type(profile, "contentions")) return kind_of_waiting(profile);
  if (has_type(profile, "cpu")) return ProfileKind::kCpu;
  if (has_type(profile, "inuse_space") || has_type(profile, "space"))
    return profile.type_name(default_column(profile)).starts_with("alloc")
               ? ProfileKind::kAllocations
               : ProfileKind::kHeap;
  return ProfileKind::kOther;
}

std::string_view name_of(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::kHeap:
      return "heap profile";
    case ProfileKind::kAllocations:
      return "profile of allocations";
    case ProfileKind::kBlock:
      return "block profile";
    case ProfileKind::kMutex:
      return "mutex profile";
    case ProfileKind::kContention:
      return "block or mutex profile";
    case ProfileKind::kGoroutines:
      return "goroutine profile";
    case ProfileKind::kGoroutineLeak:
      return "profile of leaked goroutines";
    case ProfileKind::kThreads:
      return "profile of the making of threads";
    case ProfileKind::kCpu:
      return "CPU profile";
    case ProfileKind::kOther:
      break;
  }
  return "profile";
}

bool is_of_memory(ProfileKind kind) {
  return kind == ProfileKind::kHeap || kind == ProfileKind::kAllocations;
}

bool is_of_goroutines(ProfileKind kind) {
  return kind == ProfileKind::kGoroutines || kind == ProfileKind::kGoroutineLeak;
}

bool is_of_waiting(ProfileKind kind) {
  return kind == ProfileKind::kBlock || kind == ProfileKind::kMutex ||
         kind == ProfileKind::kContention;
}

ShownValues shown_values(const Profile& profile) {
  return values_at(profile, default_column(profile));
}

std::optional<ShownValues> find_values(const Profile& profile, std::string_view sample_type) {
  for (std::size_t i = 0; i < profile.sample_types.size(); ++i)
    if (profile.type_name(i) == sample_type) return values_at(profile, i);
  return std::nullopt;
}

}  // namespace goshawk::pprof
