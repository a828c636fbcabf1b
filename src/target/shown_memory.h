// What is shown as a process' memory, whatever brings it at the moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "target/memory.h"
#include "target/process_memory.h"
#include "target/tracked_memory.h"

namespace goshawk::target {

// The process' own memory; while there is one its twin's, or what is read ahead. What was not read
// before a stop's end is not of that stop.
class ShownMemory : public Memory {
 public:
  ShownMemory(std::int64_t pid, MemoryFiles files) : own_(pid, std::move(files)) {}

  Result<void> read(Address from, std::span<std::byte> into) const override {
    TRY_VOID(shown().read(from, into));
    if (is_late()) return fail(Fault{from, into.size(), "it had to go on meanwhile"});
    return {};
  }
  std::size_t read_pieces(std::span<Piece> pieces) const override {
    return unless_late(pieces, shown().read_pieces(pieces));
  }
  std::size_t read_contents(std::span<Piece> pieces) const override {
    return unless_late(pieces, shown().read_contents(pieces));
  }
  std::uint64_t bytes_read() const override {
    return own_.bytes_read() + read_of_twins_ + (twin_ ? twin_->bytes_read() : 0);
  }
  const ProcessMemory& own() const { return own_; }
  bool is_twin_alive() const { return twin_ != nullptr && twin_->is_alive(); }
  // No other thread reads meanwhile.
  void turn_to(std::unique_ptr<ProcessMemory> twin) {
    if (twin_) read_of_twins_ += twin_->bytes_read();
    twin_ = std::move(twin);
    end_.reset();
  }
  // Until turn_to(): the process goes on then. What is read ahead knows by itself what is too late.
  void expect_end(std::chrono::steady_clock::time_point end) { end_ = end; }
  void turn_to_tracked(const TrackedMemory* tracked) { tracked_ = tracked; }

 private:
  const Memory& shown() const {
    if (tracked_ != nullptr) return *tracked_;
    return twin_ ? *twin_ : own_;
  }
  bool is_late() const {
    return tracked_ == nullptr && end_ && std::chrono::steady_clock::now() > *end_;
  }
  std::size_t unless_late(std::span<Piece> pieces, std::size_t failed) const {
    if (!is_late()) return failed;
    for (Piece& piece : pieces) piece.ok = false;
    return pieces.size();
  }

  std::optional<std::chrono::steady_clock::time_point> end_;
  ProcessMemory own_;
  std::unique_ptr<ProcessMemory> twin_;
  const TrackedMemory* tracked_ = nullptr;
  std::uint64_t read_of_twins_ = 0;
};

}  // namespace goshawk::target
