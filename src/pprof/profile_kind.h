// What a profile is of, as its sample types tell.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "pprof/profile.h"

namespace goshawk::pprof {

enum class ProfileKind {
  kHeap,           // what is in use, perhaps also what was allocated
  kAllocations,    // the same, but what was allocated is what is meant
  kBlock,          // who waited
  kMutex,          // who let others wait for a lock
  kContention,     // block or mutex: without a stack that tells them apart
  kGoroutines,     // all of them
  kGoroutineLeak,  // those that Go's runtime found to be leaked
  kThreads,        // who made threads
  kCpu,
  kOther,
};

ProfileKind kind_of(const Profile& profile);
std::string_view name_of(ProfileKind kind);  // "heap profile"
bool is_of_memory(ProfileKind kind);
bool is_of_goroutines(ProfileKind kind);
bool is_of_waiting(ProfileKind kind);

// Of the values that each sample has, those that a reader wants to see first.
struct ShownValues {
  std::size_t amount = 0;              // bytes, nanoseconds, or a count
  std::optional<std::size_t> count{};  // how many things that amount is of; nothing: it is a count
};
// The profile has a sample type. The amount is what `go tool pprof` shows unless told otherwise.
ShownValues shown_values(const Profile& profile);

// By its name ("alloc_space"); nothing: there is none of that name.
std::optional<ShownValues> find_values(const Profile& profile, std::string_view sample_type);

}  // namespace goshawk::pprof
