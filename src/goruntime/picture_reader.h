// One picture of a target that does not change meanwhile (or nearly, in a rehearsal): from the
// scheduler to the roots, in the order that the essay of capture.cpp gives.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "goruntime/allocations.h"
#include "goruntime/capture.h"
#include "goruntime/goroutines/goroutine_reader.h"
#include "goruntime/heap/heap.h"
#include "goruntime/instant.h"
#include "goruntime/program.h"
#include "goruntime/typing/object_types.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

class PictureReader {
 public:
  // All outlive it. What was found of the runtime is added to `bindings`.
  PictureReader(target::Target& target, const CaptureRequest& request, const Program& program,
                std::vector<snapshot::Binding>& bindings)
      : target_(target), request_(request), program_(program), bindings_(bindings) {}

  // All that the request wants and that changes. `ahead`: references that were decoded before,
  // which are taken out of it; null: none were.
  Result<void> read(Instant& instant, DecodedAhead* ahead);
  // References only, with the rows of all objects.
  Result<void> read_references_only(DecodedAhead* ahead);
  // What the target need not stand still for; then the picture is whole. Reads on in `target`.
  void complete();

  snapshot::Snapshot& picture() { return snapshot_; }
  std::unique_ptr<Heap>& heap() { return heap_; }  // null without references
  std::optional<TypeEvidence>& evidence() { return evidence_; }
  // How much memory of ours that takes, by what is known of its heap so far; see
  // memory_forecast.h.
  std::uint64_t predicted_bytes() const { return predicted_bytes_; }

 private:
  Result<void> read_spans(const std::vector<target::Mapping>& mappings, std::span<const G> gs,
                          const DecodedAhead* ahead);
  Result<void> read_references(Instant& instant, const Heap& heap,
                               const std::vector<Address>& sudogs, DecodedAhead* ahead);
  Result<void> check_references(const Heap& heap, const RowOverrides& cuts);
  void tell_doubts(const Instant& instant);
  void find_sampled(const Heap& heap);
  void read_memory(const Instant& instant, const Heap& heap,
                   const std::vector<target::Mapping>& mappings);
  void keep_runtime_roots();
  RowOverrides cut_rows(const Instant& instant, const Heap& heap,
                        const std::vector<Address>& sudogs) const;
  std::vector<Address> find_bubbles(const Scheduler& scheduler) const;
  void find_far_makers();
  void sort_goroutines();

  target::Target& target_;
  const CaptureRequest& request_;
  const Program& program_;
  std::vector<snapshot::Binding>& bindings_;
  snapshot::Snapshot snapshot_;
  std::vector<PollIdentity> polled_;  // of the picture's io_waits
  std::unique_ptr<Heap> heap_;
  std::uint64_t predicted_bytes_ = 0;
  std::optional<TypeEvidence> evidence_;
  std::vector<BucketOfObject> sampled_;
  std::vector<snapshot::ObjectId> with_finalizers_;
  std::vector<snapshot::References::Extra> cut_;  // what cut_rows took out, by source
};

}  // namespace goshawk::goruntime
