// Joins requests into runs (a gap of half a page costs less than a system call's entry), runs into
// batches of one read_pieces. The runtime allocates such structs from blocks of 16 KiB and more, so
// that most of them are neighbours. A run that fails is read again request by request: one bad
// address in it must not take its neighbours along.
#include "goruntime/heap/heap_gather.h"

#include <algorithm>
#include <vector>

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kJoinedGap = 2048;
constexpr std::uint64_t kRunBytes = 256 << 10;
constexpr std::uint64_t kBatchBytes = 1 << 20;

struct Run {
  std::uint64_t start = 0, end = 0;
  std::size_t first = 0, count = 0;  // requests
};

class Batch {
 public:
  Batch(const target::Memory& memory, std::span<GatherRequest> requests,
        const std::function<void(std::uint32_t, ByteView)>& visit, Asking asking)
      : memory_(memory), requests_(requests), visit_(visit), asking_(asking) {}

  void add(const Run& run) {
    runs_.push_back(run);
    bytes_ += run.end - run.start;
    if (bytes_ >= kBatchBytes) flush();
  }

  void flush() {
    if (runs_.empty()) return;
    buffer_.resize(std::max<std::size_t>(buffer_.size(), bytes_));
    pieces_.clear();
    std::byte* into = buffer_.data();
    for (const Run& run : runs_) {
      pieces_.push_back({Address(run.start), into, run.end - run.start, false});
      into += run.end - run.start;
    }
    asking_ == Asking::kAgain ? memory_.read_pieces(pieces_) : memory_.read_contents(pieces_);
    for (std::size_t i = 0; i < runs_.size(); ++i) show(runs_[i], pieces_[i]);
    runs_.clear();
    bytes_ = 0;
  }

 private:
  void show(const Run& run, const target::Memory::Piece& piece) {
    for (const GatherRequest& request : requests_.subspan(run.first, run.count)) {
      std::byte* bytes = piece.into + (request.from.value() - run.start);
      bool there = piece.ok;
      if (!there && run.count > 1)
        there = memory_.read(request.from, std::span(bytes, request.size_bytes)).has_value();
      visit_(request.index, there ? ByteView(bytes, request.size_bytes) : ByteView());
    }
  }

  const target::Memory& memory_;
  std::span<GatherRequest> requests_;
  const std::function<void(std::uint32_t, ByteView)>& visit_;
  Asking asking_;
  std::vector<Run> runs_;
  std::vector<target::Memory::Piece> pieces_;
  std::vector<std::byte> buffer_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

void gather(const target::Memory& memory, std::span<GatherRequest> requests,
            const std::function<void(std::uint32_t, ByteView)>& visit, Asking asking) {
  std::ranges::sort(requests, {}, &GatherRequest::from);
  Batch batch(memory, requests, visit, asking);
  Run run;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    std::uint64_t start = requests[i].from.value();
    std::uint64_t end = start + requests[i].size_bytes;
    if (end < start || requests[i].size_bytes > kLargestGather) {  // wraps around: no such memory
      if (run.count > 0) batch.add(run);
      batch.flush();
      visit(requests[i].index, {});
      run = {};
      continue;
    }
    bool joins = run.count > 0 && start <= run.end + kJoinedGap &&
                 std::max(end, run.end) - run.start <= kRunBytes;
    if (!joins) {
      if (run.count > 0) batch.add(run);
      run = {start, end, i, 0};
    }
    run.end = std::max(run.end, end);
    ++run.count;
  }
  if (run.count > 0) batch.add(run);
  batch.flush();
}

}  // namespace goshawk::goruntime
