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
          .goroutines = 1244,
          .of_runtime = 4,
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
  listing.closed.resize(7);  // no part of the table
  EXPECT_EQ(render(listing),
            R"(     PID  GO          GOROUTINES      HEAP      AGE  LOOK IN  PROGRAM
    4711  go1.27.4         1,240     12 MB     2h5m  yes      /usr/bin/shop
      12  go1.27.4         1,240     12 MB     2h5m  yes      /opt/evil\x1b[2J
      13  go1.27.4             ?         ?     2h5m  no (1)   /usr/bin/other
      14  go1.27.4             ?         ?     2h5m  no (1)   /usr/bin/other

(1) it belongs to another user; run goshawk with sudo
)");
}

TEST(Processes, NumbersInsideAreAColumnWhereTheyAreOthers) {
  ProcessListing listing;
  listing.processes = {process(4711, "/usr/bin/shop"), process(12, "/usr/bin/other")};
  listing.processes[0].pid_inside = 1;
  EXPECT_EQ(render(listing),
            R"(     PID  INSIDE  GO          GOROUTINES      HEAP      AGE  LOOK IN  PROGRAM
    4711       1  go1.27.4         1,240     12 MB     2h5m  yes      /usr/bin/shop
      12          go1.27.4         1,240     12 MB     2h5m  yes      /usr/bin/other
)");
}

ClosedProcess closed(std::int64_t pid, const std::string& name, const std::string& why) {
  return {.pid = pid, .name = name, .of_another_user = false, .why = why, .remedy = "do this"};
}

ClosedProcess closed_of_another(std::int64_t pid, const std::string& name) {
  return {.pid = pid, .name = name, .of_another_user = true, .why = "user", .remedy = "be root"};
}

TEST(Processes, ClosedOnesAreNamedWhileTheyAreFew) {
  using Sentences = std::vector<std::string>;
  ProcessListing listing;
  EXPECT_EQ(describe_closed(listing), Sentences{});
  listing.closed = {closed(1, "init", "a module")};
  EXPECT_EQ(describe_closed(listing),
            Sentences{"process 1 (init) could not be looked at: a module; do this"});
  listing.closed.push_back(closed_of_another(7, "cron"));
  EXPECT_EQ(describe_closed(listing),
            (Sentences{"process 7 (cron) of another user could not be looked at; run `sudo goshawk "
                       "ps` to see it",
                       "process 1 (init) could not be looked at: a module; do this"}));
  listing.closed.push_back(closed_of_another(8, "sshd"));
  listing.closed.push_back(closed_of_another(9, "x"));
  EXPECT_EQ(describe_closed(listing)[0],
            "processes 7 (cron), 8 (sshd) and 9 (x) of other users could not be looked at; run "
            "`sudo goshawk ps` to see them");
  listing.closed.push_back(closed_of_another(10, "y"));
  EXPECT_EQ(describe_closed(listing)[0],
            "4 processes of other users could not be looked at; run `sudo goshawk ps` to see them");
}

TEST(Processes, IdsAlone) {
  ProcessListing listing;
  listing.processes = {process(4711, "/usr/bin/shop"), process(12, "/opt/x")};
  listing.closed = {closed(1, "init", "a module")};
  StringOutput out;
  render_process_ids(out, listing);
  EXPECT_EQ(out.text(), "4711\n12\n");
}

TEST(Processes, None) { EXPECT_EQ(render({}), "No Go process was found.\n"); }

}  // namespace
}  // namespace goshawk::report
