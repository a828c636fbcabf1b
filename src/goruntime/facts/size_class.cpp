// Follows runtime/sizeclasses.go (1.26: internal/runtime/gc/sizeclasses.go) and runtime/msize.go.
#include "goruntime/facts/size_class.h"

#include <algorithm>
#include <array>

#include "goruntime/facts/mheap.h"

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 47;
constexpr std::array<std::uint16_t, 67> kSlotBytes = {
    8,     16,    24,    32,    48,    64,    80,    96,    112,   128,   144,  160,   176,   192,
    208,   224,   240,   256,   288,   320,   352,   384,   416,   448,   480,  512,   576,   640,
    704,   768,   896,   1024,  1152,  1280,  1408,  1536,  1792,  2048,  2304, 2688,  3072,  3200,
    3456,  4096,  4864,  5376,  6144,  6528,  6784,  6912,  8192,  9472,  9728, 10240, 10880, 12288,
    13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768};

}  // namespace

std::uint64_t find_slot_bytes(std::uint64_t size_bytes) {
  if (size_bytes == 0 || size_bytes > kMostBytes) return 0;
  if (size_bytes > kLargestSlotBytes)
    return (size_bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
  return *std::ranges::lower_bound(kSlotBytes, size_bytes);
}

}  // namespace goshawk::goruntime
