// Which test of a test binary started a goroutine.
#pragma once

#include <string>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Whether there is anything to be told: the program is a test binary, made by `go test`.
bool is_test_binary(const snapshot::Snapshot& snapshot);

// "TestFetch", also where a subtest of it did; "TestMain", "init"; empty where no test did, or
// where it is not known: then the runtime has kept no creators (GODEBUG=tracebackancestors), or too
// few.
std::string find_test(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
