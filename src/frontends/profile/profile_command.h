// goshawk FILE, goshawk leaks FILE, goshawk heap FILE: of a pprof profile
#pragma once

#include <string>
#include <string_view>

#include "inspection/delivery.h"

namespace goshawk::frontends::profile {

// What is asked about it.
enum class Question { kAnything, kGoroutines, kMemory };

struct ProfileRequest {
  std::string path;       // "-": standard input
  std::string name = {};  // for people; empty: the path
  Question question = Question::kAnything;
  inspection::Delivery delivery;
  bool all = false;
  std::string sample_type;  // which of its values ("alloc_space"); empty: the one that it means
};

inspection::ExitCode run_profile(const ProfileRequest& request);
// In a line, with the command that tells the rest.
inspection::ExitCode run_profile_in_short(const ProfileRequest& request);

}  // namespace goshawk::frontends::profile
