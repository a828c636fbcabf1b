// What a profile's samples add up to, by line of code and by function. Texts are views into the
// profile, which must outlive them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace goshawk::findings {

struct ProfilePlace {
  std::string_view function = {};  // empty: nobody said what is there
  std::string_view file = {};      // empty for a function as a whole
  std::int64_t line = 0;
  Address address = {};  // of a place without a function
};

struct ProfileSum {
  ProfilePlace place = {};
  std::int64_t own = 0;    // of samples whose innermost call is there ("flat")
  std::int64_t total = 0;  // of samples with it anywhere on the stack, each once ("cum")
  std::int64_t own_count = 0, total_count = 0;  // the same of how many things that is
  std::uint32_t largest_sample = 0;             // with most of `own`, or of `total` if that is 0
};

struct ProfileSites {
  std::int64_t amount = 0, count = 0;        // of all samples, those without a stack too
  std::vector<ProfileSum> lines, functions;  // those with most of their own first
};

}  // namespace goshawk::findings
