#include "report/processes.h"

#include <gtest/gtest.h>

#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

GoProcess process(std::int64_t pid, const std::string& executable) {
  return {.pid = pid,
          .executable = executable,
          .go_version = "go1.27.4 X:nogreenteagc",
          .arch = "amd64",
          .goroutines = 1240,
          .heap_bytes = 12ULL << 20,
          .age_ns = 125 * kMinute,
          .inspectable = true,
          .why_not = ""};
}

std::string render(const ProcessListing& listing) {
  StringOutput out;
  render_processes_text(out, listing, TextStyle{});
  return out.text();
}

TEST(Processes, TableWithFootnotes) {
  ProcessListing listing;
  listing.processes = {process(4711, "/usr/bin/shop"), process(12, "/opt/evil\x1b[2J")};
  for (std::int64_t pid : {13, 14}) {
    GoProcess denied = process(pid, "/usr/bin/other");
    denied.goroutines.reset();
    denied.heap_bytes.reset();
    denied.inspectable = false;
    denied.why_not = "it belongs to another user; run goshawk with sudo";
    listing.processes.push_back(denied);
  }
  listing.closed = 7;
  listing.why_closed = "not permitted; run goshawk with sudo";
  EXPECT_EQ(render(listing),
            R"(     PID  GO          GOROUTINES      HEAP      AGE  LOOK IN  PROGRAM
    4711  go1.27.4         1,240     12 MB     2h5m  yes      /usr/bin/shop
      12  go1.27.4         1,240     12 MB     2h5m  yes      /opt/evil\x1b[2J
      13  go1.27.4             ?         ?     2h5m  no (1)   /usr/bin/other
      14  go1.27.4             ?         ?     2h5m  no (1)   /usr/bin/other

(1) it belongs to another user; run goshawk with sudo

7 other processes could not be looked at: not permitted; run goshawk with sudo
)");
}

TEST(Processes, None) { EXPECT_EQ(render({}), "No Go process was found.\n"); }

}  // namespace
}  // namespace goshawk::report
