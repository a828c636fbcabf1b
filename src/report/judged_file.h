// What was judged, as bytes: the test binaries of one `go test` hand it to the goshawk that started
// all of them, which makes one report of it. Read by the build that wrote it, and by no other one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/byte_view.h"
#include "base/result.h"
#include "report/judged.h"

namespace goshawk::report {

// Whole, as it was judged: no list is cut.
std::string encode_judged(std::span<const Judged> processes);
// Malformed: these are not what encode_judged has made. `name`: of the file, for the error.
Result<std::vector<Judged>> decode_judged(ByteView bytes, const std::string& name);

}  // namespace goshawk::report
