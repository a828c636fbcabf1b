// Which test of a test binary started a goroutine.
#pragma once

#include <cstdint>
#include <string>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Whether there is anything to be told: the program is a test binary, made by `go test`.
bool is_test_binary(const snapshot::Snapshot& snapshot);

struct TestOrigin {
  // "TestFetch", also where a subtest of it did; "TestMain", "init"; empty where no test did, or
  // where it is not known.
  std::string test;
  std::string package;  // of that function
  // Where the function of the test, or of its innermost subtest, stood when it led here; kNone: the
  // go statement itself stands in it, or it is not known.
  snapshot::FrameId at = snapshot::kNone;
  // A creator in between that lives on, and may serve other tests too; 0: there is none.
  std::uint64_t living_creator = 0;
  std::string why_unknown;  // where `test` is empty
};

TestOrigin find_test_origin(const snapshot::Snapshot& snapshot,
                            const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
