// A wait whose deadline lies ahead ends by itself: it is alive, whoever is at the other end. One
// that is renewed again and again, with or without an answer from there, looks the same in every
// picture and is believed too: the program supervises that wait.
#include "analyses/goroutines/network_waits.h"

#include <fmt/format.h>

#include "snapshot/io_waits.h"

namespace goshawk::analyses::goroutines {

using snapshot::Deadline;
using snapshot::IoWait;
using snapshot::Snapshot;

namespace {

std::string describe_deadline(const IoWait& wait) {
  if (wait.deadline == Deadline::kUnset) return "no deadline";
  if (wait.deadline == Deadline::kPassed) return "its deadline has just passed";
  if (wait.deadline_in_ns <= 0) return "a deadline is set";
  return fmt::format("deadline in {:.1f} s", static_cast<double>(wait.deadline_in_ns) / 1e9);
}

// Who is at the other end of what they have open, and do not wait for.
void tell_kept_connections(const Snapshot& snapshot, findings::Finding& finding) {
  std::string ends =
      snapshot::describe_ends(snapshot::summarize_kept_connections(snapshot, finding.goids));
  if (ends.empty()) return;
  finding.evidence.push_back(finding.count == 1 ? "its connection is to " + ends
                                                : "their connections are to " + ends);
}

}  // namespace

std::string describe_io_wait(const Snapshot& snapshot, const IoWait& wait) {
  IoWait named = wait;
  named.listens = false;  // as accepting says already
  std::string end = name_end(snapshot, named);
  std::string text = wait.listens ? "to accept a connection" : wait.writes ? "to write" : "to read";
  if (!end.empty())
    text += fmt::format(" {} {}", wait.listens ? "on" : wait.writes ? "to" : "from", end);
  text += fmt::format(" (descriptor {}", wait.descriptor);
  if (wait.remote != snapshot::kNone && wait.local != snapshot::kNone)
    text += fmt::format(", local {}", snapshot.strings[wait.local]);
  return text + fmt::format(", {})", describe_deadline(wait));
}

bool will_time_out(const Snapshot& snapshot, const snapshot::Goroutine& goroutine) {
  if (goroutine.wait_kind != snapshot::WaitKind::kIo) return false;
  const IoWait* wait = find_io_wait(snapshot, goroutine.goid);
  return wait != nullptr && wait->deadline != Deadline::kUnset;
}

void tell_network_waits(const Snapshot& snapshot, std::vector<findings::Finding>& findings) {
  for (findings::Finding& finding : findings) {
    if (finding.rule != "goroutine/io-wait") {
      tell_kept_connections(snapshot, finding);
      continue;
    }
    snapshot::IoSummary summary = summarize_io_waits(snapshot, finding.goids);
    finding.network = {.without_deadline = summary.without_deadline,
                       .with_deadline = summary.with_deadline,
                       .not_told = summary.not_told,
                       .ends = summary.ends};
    std::string ends = describe_ends(summary), deadlines = describe_deadlines(summary);
    std::string text = ends.empty() ? deadlines : "waits for " + ends;
    if (!ends.empty() && !deadlines.empty()) text += "; " + deadlines;
    if (!text.empty()) finding.evidence.push_back(std::move(text));
  }
}

}  // namespace goshawk::analyses::goroutines
