// References that were decoded while the target ran, brought to what the stopped target has.
//
// A span's edges hold when nothing that they follow from has changed: the span itself, its pages
// and those of its pointer bits; the spans that its edges lead to; and when no word of it could
// lead to an object now that led to none before. Slots that were freed since lose their edges; a
// span with a slot that was allocated since is decoded again.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "goruntime/heap/heap_span_table.h"
#include "snapshot/snapshot.h"
#include "target/page_ranges.h"

namespace goshawk::goruntime {

// Where a word lies that leads to no object but might, were there a span: in the address space that
// the heap has or will grow into. Arenas elsewhere make everything earlier useless.
AddressRange find_neighbourhood(const HeapSpanTable& table);

// Numbers of objects then and now, of spans that are the same to who points to them.
class Renumbering {
 public:
  Renumbering(const HeapSpanTable& before, const HeapSpanTable& now);

  bool is_identity() const { return runs_.size() == 1 && runs_.front().difference == 0; }
  // nullopt: its span is another one now, or none.
  std::optional<snapshot::ObjectId> find(snapshot::ObjectId before) const {
    std::uint32_t run = run_of_block_[before / kBlock];
    while (run + 1 < runs_.size() && runs_[run + 1].first <= before) ++run;
    if (runs_[run].difference == kGone) return std::nullopt;
    return static_cast<snapshot::ObjectId>(before +
                                           static_cast<std::uint64_t>(runs_[run].difference));
  }
  // Which span it was.
  std::uint32_t span_before(std::uint32_t span_now) const { return span_before_[span_now]; }

 private:
  static constexpr std::int64_t kGone = std::int64_t{1} << 62;
  static constexpr std::uint32_t kBlock = 64;
  struct Run {
    snapshot::ObjectId first = 0;
    std::int64_t difference = 0;
  };
  std::vector<Run> runs_;
  std::vector<std::uint32_t> run_of_block_;
  std::vector<std::uint32_t> span_before_;  // kNone: it is another one
};

class ReusedReferences {
 public:
  // All of them outlive this, but `earlier`, which gives its edges to `references`, where they are
  // changed in place, and if no object has another number its rows too. If not, those are made.
  ReusedReferences(const HeapSpanTable& before, snapshot::References& earlier,
                   const std::vector<bool>& of_no_use, const target::PageRanges& changed,
                   const HeapSpanTable& now, snapshot::References& references);

  // Writes the span's rows, if they hold, and tells how many edges it has. nullopt: it has to be
  // decoded. Of different spans from several threads at once; of each once.
  std::optional<std::uint64_t> take(std::uint32_t span);
  // Of one that has no object: its rows are empty.
  void clear(std::uint32_t span);

 private:
  bool is_same(std::uint32_t before, std::uint32_t now) const;
  bool is_changed(std::uint32_t span) const;

  const HeapSpanTable& before_;
  const std::vector<bool>& of_no_use_;
  const target::PageRanges& changed_;
  const HeapSpanTable& now_;
  snapshot::References& references_;
  Renumbering renumbering_;
  ReservedArray<std::uint32_t> moved_;  // the earlier rows, unless they are those of references_
  const std::uint32_t* rows_before_;
  bool usable_;
};

}  // namespace goshawk::goruntime
