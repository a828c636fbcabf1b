// What goroutines in IO wait are for, of one and of many together, in a reader's words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::snapshot {

// nullptr: it is in none, or it could not be told.
const IoWait* find_io_wait(const Snapshot& snapshot, std::uint64_t goid);

// Of who serves a connection and does not wait for the network: that connection. nullptr: none that
// is known.
const IoWait* find_kept_connection(const Snapshot& snapshot, std::uint64_t goid);

// "tcp 10.0.0.5:5432", "tcp [::]:80 (listening)", "unix /run/shop.sock", "a pipe"; empty: not
// known.
std::string name_end(const Snapshot& snapshot, const IoWait& wait);

struct IoSummary {
  std::uint64_t without_deadline = 0, with_deadline = 0;
  std::uint64_t not_told = 0;                               // in IO wait, but not for what
  std::vector<std::pair<std::string, std::uint64_t>> ends;  // the most frequent first

  std::uint64_t count() const { return without_deadline + with_deadline + not_told; }
};

// Which ends the connections have that these goroutines serve without waiting for the network.
IoSummary summarize_kept_connections(const Snapshot& snapshot,
                                     std::span<const std::uint64_t> goids);
// Of those among these goroutines that are in IO wait.
IoSummary summarize_io_waits(const Snapshot& snapshot, std::span<const std::uint64_t> goids);

// "none has a deadline", "3 of 40 have no deadline"; empty: it is known of none.
std::string describe_deadlines(const IoSummary& summary);
// "tcp 10.0.0.5:5432 (37), a pipe (2) and 4 others"; empty: none is known.
std::string describe_ends(const IoSummary& summary);

}  // namespace goshawk::snapshot
