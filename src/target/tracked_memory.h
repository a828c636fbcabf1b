// The memory of a process whose writes are tracked, as it was at one instant, though the process
// runs on. Of each page one of these is known:
//   not writable           what it holds now it held then
//   copied                 before the stop and not written since, or in the stop
//   absent in the stop     zero
//   clean in the stop      read from the process; whether that came in time is asked at the end
//   written, not copied    lost, and so is the picture
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/memory.h"
#include "target/page_store.h"
#include "target/process_memory.h"
#include "target/reading_ahead.h"
#include "target/target.h"
#include "target/write_tracking.h"

namespace goshawk::target {

class TrackedMemory final : public Memory, public ReadingAhead {
 public:
  using MappingsReader = std::function<Result<std::vector<Mapping>>()>;

  // `own`: of the process; outlives this. `wanted`: pages that an earlier picture was lost for.
  TrackedMemory(const ProcessMemory& own, WriteTracking tracking, MappingsReader read_mappings,
                std::vector<std::uint64_t> wanted, std::optional<std::uint64_t> most_bytes = {})
      : own_(own),
        tracking_(std::move(tracking)),
        read_mappings_(std::move(read_mappings)),
        wanted_(std::move(wanted)),
        most_bytes_(most_bytes) {
    std::ranges::sort(wanted_);
  }

  Result<void> read(Address from, std::span<std::byte> into) const override;
  std::size_t read_pieces(std::span<Piece> pieces) const override { return serve(pieces, true); }
  std::size_t read_contents(std::span<Piece> pieces) const override { return serve(pieces, false); }
  std::uint64_t bytes_read() const override { return 0; }  // own has all of them

  Result<void> begin_round() override;
  const PageRanges& changed() const override { return changed_; }
  std::uint64_t count_changed_bytes() const override;
  std::optional<std::uint64_t> most_bytes() const override { return most_bytes_; }
  void expect(HeapPages pages) override { heap_ = std::move(pages); }
  void give_up(std::string reason) override { given_up_ = std::move(reason); }
  const Memory* witness() const override { return witness_.get(); }

  // Why it is of no use any more, if it is not.
  const std::optional<std::string>& given_up() const { return given_up_; }

  // All threads are stopped: what is read meanwhile is read at once.
  void begin_stop() { phase_ = Phase::kStopped; }
  void end_stop() { phase_ = Phase::kAhead; }
  // While stopped: from here on this is what the memory is now. Missing: more than so many bytes
  // would have to be copied, nothing is changed then.
  Result<void> freeze(std::uint64_t most_bytes);
  bool is_frozen() const { return phase_ == Phase::kFrozen; }
  const std::vector<Mapping>& mappings() const { return mappings_; }  // then

  // Of all that was read since: whether it was in time. False: the pages that were not are in
  // lost_pages().
  bool validate() const;
  const std::vector<std::uint64_t>& lost_pages() const { return lost_; }

  // A twin of the same instant, to compare with.
  void set_witness(std::unique_ptr<ProcessMemory> witness) { witness_ = std::move(witness); }
  // What differs from it and is not lost: nullopt, or a mistake of ours.
  std::optional<std::string> find_contradiction() const;

 private:
  enum class Phase : std::uint8_t { kAhead, kStopped, kFrozen };
  enum class Source : std::uint8_t { kDirect, kClean, kStored, kZero, kUnreadable, kLost };
  struct Part {
    Source source = Source::kDirect;
    Address end;  // of what has the same one
    const std::byte* stored = nullptr;
  };

  std::size_t serve(std::span<Piece> pieces, bool keep) const;
  void drop(std::vector<std::uint64_t> pages) const;
  Part find_part(Address address) const;
  void read_live(std::span<Piece> pieces, std::vector<Piece>& live,
                 const std::vector<std::size_t>& owners) const;
  void keep_missing(std::span<const Piece> pieces) const;
  void copy_pages(const std::vector<std::uint64_t>& pages, PageStore& into) const;
  std::vector<std::uint64_t> find_needed(const PagesNow& now, std::uint64_t most_span_bytes) const;
  PageRanges find_untracked() const;
  void learn_mappings(std::vector<Mapping> mappings);
  void compare(std::span<const Piece> pieces) const;

  const ProcessMemory& own_;
  WriteTracking tracking_;
  MappingsReader read_mappings_;
  std::vector<std::uint64_t> wanted_;  // sorted; copied in the stop, whatever is known of them
  std::optional<std::uint64_t> most_bytes_;
  std::optional<std::string> given_up_;
  Phase phase_ = Phase::kAhead;
  std::vector<Mapping> mappings_;
  PageRanges mapped_, constant_;  // the latter are not writable
  PageRanges written_;            // when frozen
  PageRanges absent_;             // when frozen, or when the round began
  PageRanges changed_;
  HeapPages heap_;
  int rounds_ = 0;
  std::unique_ptr<ProcessMemory> witness_;

  mutable std::shared_mutex mutex_;  // of all below
  mutable PageStore store_;          // of pages that are tracked
  mutable PageStore untracked_;      // those asked for that are not: copied in the stop
  mutable std::vector<AddressRange> read_clean_;
  mutable std::vector<std::uint64_t> lost_;
  mutable std::vector<std::uint64_t> contradicted_;
};

}  // namespace goshawk::target
