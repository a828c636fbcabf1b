// What each goroutine in IO wait waits for: Snapshot::io_waits.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "goruntime/facts/poll_desc.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/page_cache.h"
#include "goruntime/stacks/unwinder.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

// Of one pollDesc, what does not change as long as it is the same descriptor's.
struct PollIdentity {
  std::uint64_t descriptor = 0;
  std::uint64_t sequence[2] = {};
  bool operator==(const PollIdentity&) const = default;
};

class PollWaits {
 public:
  // All must outlive it. now_ns: the target's monotonic clock, which deadlines are of.
  PollWaits(PageCache& cache, const facts::PollDescFact& fact, std::optional<std::int64_t> now_ns,
            snapshot::Snapshot& into)
      : cache_(cache), fact_(fact), now_ns_(now_ns), into_(into) {}

  // A goroutine in IO wait, and its stack's bytes from that address on.
  void add(const G& g, const WalkedStack& walked, Address from, ByteView stack);
  // In the order of Snapshot::io_waits.
  std::vector<PollIdentity> release_identities() { return std::move(identities_); }

 private:
  struct Found {
    Address poll_desc;
    bool writes = false;
  };
  std::optional<Found> find(const G& g, const WalkedStack& walked, Address from, ByteView stack);
  std::optional<Found> match(const G& g, Address word) const;
  void set_deadline(Address field, snapshot::IoWait& wait) const;

  PageCache& cache_;
  const facts::PollDescFact& fact_;
  std::optional<std::int64_t> now_ns_;
  snapshot::Snapshot& into_;
  std::vector<PollIdentity> identities_;
  std::uint64_t usual_place_ = 0;  // of the word, from where the stack's bytes begin
};

// Of what somebody keeps who does not wait for it: added to into.io_waits and `identities` if it is
// a pollDesc.
void add_kept_descriptor(PageCache& cache, const facts::PollDescFact& fact,
                         const snapshot::IoWait& kept, snapshot::Snapshot& into,
                         std::vector<PollIdentity>& identities);

// Once the target goes on: what the descriptors of Snapshot::io_waits lead to. What is another
// one's by now is left out.
void name_descriptors(const target::Target& target, const facts::PollDescFact& fact,
                      const std::vector<PollIdentity>& identities, snapshot::Snapshot& into);

}  // namespace goshawk::goruntime
