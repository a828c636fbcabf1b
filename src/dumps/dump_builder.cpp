// Where one dump ends and the next begins is said nowhere. Another one begins
//   - with what the runtime prints before one: a signal, a panic, a fatal error;
//   - when a goroutine comes again: one dump has each once;
//   - with a running goroutine that has a stack, after other text: only who makes a dump has one.
//     So each stack that a program logs of itself (debug.Stack) is a dump of one goroutine;
//   - far behind the last one.
// Memory stays bounded: what is beyond the limits is counted.
#include "dumps/dump_builder.h"

#include <algorithm>

namespace goshawk::dumps {
namespace {

constexpr std::uint64_t kFarBytes = 1 << 16;
constexpr std::size_t kMostGoroutines = 20'000'000;
constexpr std::size_t kMostDumps = 1'000'000;
constexpr std::size_t kNotKept = static_cast<std::size_t>(-1);

}  // namespace

bool DumpBuilder::begins_another(const GoroutineBlock& block, const Before& before) const {
  if (!open_ || before.gap_bytes > kFarBytes) return true;
  if (before.next_thread || block.headless()) return false;
  if (!before.opening.empty()) return true;
  const Goroutine& goroutine = block.goroutine();
  if (goroutine.goid == 0) return false;
  if (seen_.contains(goroutine.goid)) return true;
  return before.other_text && block.frame_count() > 0 && into_->text(goroutine.state) == "running";
}

void DumpBuilder::begin(const GoroutineBlock& block, const Before& before) {
  close();
  open_ = true;
  dump_ = {.offset = block.offset(), .time = before.time};
  if (!writer_.empty()) dump_.writer = into_->tables.texts.intern(writer_);
  if (!before.opening.empty()) dump_.opening = into_->tables.texts.intern(before.opening);
}

// The last one of the file lacks what all others have.
bool DumpBuilder::seems_cut(const GoroutineBlock& block, End end) const {
  return end != End::kSeen && block.may_go_on() && !goroutines_.empty() && without_creator_ == 0;
}

void DumpBuilder::add(GoroutineBlock& block, const Before& before, End end) {
  if (begins_another(block, before)) begin(block, before);
  if (block.damaged() || (block.goroutine().goid != 0 && seems_cut(block, end)))
    add_damaged(block);
  else if (block.goroutine().goid == 0)
    ++dump_.threads;
  else
    add_whole(block);
}

// A stack without a first line, right behind one without an end, is the rest of that one.
void DumpBuilder::add_damaged(const GoroutineBlock& block) {
  if (block.headless() && last_may_go_on_) {
    seen_[goroutines_.back().goid] = kNotKept;
    goroutines_.pop_back();
    --without_creator_;
  }
  last_may_go_on_ = false;
  if (std::uint64_t goid = block.goroutine().goid; goid != 0) seen_.emplace(goid, kNotKept);
  ++dump_.damaged;
}

void DumpBuilder::add_whole(GoroutineBlock& block) {
  last_may_go_on_ = false;
  auto [found, is_new] = seen_.try_emplace(block.goroutine().goid, goroutines_.size());
  if (!is_new) {  // told again by the thread on which it ran
    if (found->second != kNotKept && goroutines_[found->second].unavailable)
      goroutines_[found->second] = block.intern();
    return;
  }
  if (into_->goroutines.size() + goroutines_.size() >= kMostGoroutines || into_->tables.is_full()) {
    found->second = kNotKept;
    ++into_->left_out;
    return;
  }
  last_may_go_on_ = block.may_go_on();
  without_creator_ += last_may_go_on_;
  goroutines_.push_back(block.intern());
}

void DumpBuilder::close() {
  if (!open_) return;
  open_ = last_may_go_on_ = false;
  into_->damaged += dump_.damaged;
  if (into_->dumps.size() == kMostDumps) {
    into_->left_out += goroutines_.size();
    goroutines_.clear();
  }
  dump_.first = into_->goroutines.size();
  dump_.count = goroutines_.size();
  into_->goroutines.insert(into_->goroutines.end(), goroutines_.begin(), goroutines_.end());
  if (dump_.count > 0) into_->dumps.push_back(dump_);
  goroutines_.clear();
  seen_.clear();
  without_creator_ = 0;
}

}  // namespace goshawk::dumps
