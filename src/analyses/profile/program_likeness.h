// Whether two profiles are of one program.
#pragma once

#include <cstddef>
#include <string>

#include "findings/profile_growth.h"

namespace goshawk::analyses::profile {

struct Likeness {
  enum Kind {
    kAlike,         // or too little is known
    kNothingAlike,  // their functions differ, and nothing else says why
    kOtherProgram,  // their functions and their names differ
  };
  Kind kind = kAlike;
  std::size_t common = 0, of = 0;  // functions, of the profile that has fewer
  std::string programs = {};       // " (shop and mail)"; empty: not known

  std::string text() const;  // "2 of 130"
};

Likeness compare_programs(const findings::ProfileInventory& one,
                          const findings::ProfileInventory& other);

}  // namespace goshawk::analyses::profile
