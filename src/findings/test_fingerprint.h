// The fingerprint of a leak that a test made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "findings/finding.h"

namespace goshawk::findings {

// As compute_fingerprint, with the function of the test that started its goroutines, with its
// package: "shop.TestFetch"; empty: none is known.
std::string compute_test_fingerprint(const Finding& finding, std::string_view test,
                                     std::uint64_t twin = 0);

}  // namespace goshawk::findings
