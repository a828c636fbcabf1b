// runtime/runtime2.go: _Gidle and what follows it; g.atomicstatus.
//
// History
//   1.19       a uint32; 0-9 and _Gscan 0x1000
//   1.20       atomic.Uint32, the same four bytes
//   1.26       10 _Gleaked (found by its leak profile; stays until the next one), 11 _Gdeadextra
//   (the
//              g of an extra m, was _Gdead)
// Numbers have never moved; new ones are appended. A word with any other bit is no status: the g is
// not what it was taken for, or a release has a new one, and nothing may be decided about it.
#include "goruntime/facts/g_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace goshawk::goruntime::facts {
namespace {

using snapshot::Status;

constexpr std::uint32_t kScan = 0x1000;

struct Name {
  std::string_view constant;
  Status status;
};

constexpr Name kNames[] = {
    {"_Gidle", Status::kIdle},           {"_Grunnable", Status::kRunnable},
    {"_Grunning", Status::kRunning},     {"_Gsyscall", Status::kSyscall},
    {"_Gwaiting", Status::kWaiting},     {"_Gdead", Status::kDead},
    {"_Gcopystack", Status::kCopystack}, {"_Gpreempted", Status::kPreempted},
    {"_Gleaked", Status::kLeaked},       {"_Gdeadextra", Status::kDeadExtra},
};

}  // namespace

std::optional<GStatus> parse_g_status(std::uint32_t word) {
  std::uint32_t number = word & ~kScan;
  bool known = std::ranges::any_of(
      kNames, [=](const Name& name) { return static_cast<std::uint32_t>(name.status) == number; });
  if (!known) return std::nullopt;
  return GStatus{static_cast<Status>(number), (word & kScan) != 0};
}

Result<void> check_g_statuses(const LayoutSource& layout) {
  for (const Name& name : kNames) {
    auto own = layout.constant(name.constant);
    if (own && *own != static_cast<std::int64_t>(name.status))
      return fail(Missing{fmt::format("a runtime whose {} is {}", name.constant,
                                      static_cast<unsigned>(name.status)),
                          "reading goroutines of this Go release; a newer goshawk may know it"});
  }
  if (auto scan = layout.constant("_Gscan"); scan && *scan != kScan)
    return fail(
        Missing{"a runtime whose _Gscan is 0x1000", "reading goroutines of this Go release"});
  return {};
}

}  // namespace goshawk::goruntime::facts
