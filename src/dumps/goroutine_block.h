// One goroutine of a dump, line by line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dumps/dumps.h"
#include "dumps/header.h"

namespace goshawk::dumps {

// How the lines of a goroutine end.
enum class End {
  kSeen,    // with a blank line, or the next goroutine
  kOfFile,  // the file ends, with a whole line
  kInLine,  // the file ends in the middle of a line
};

class GoroutineBlock {
 public:
  explicit GoroutineBlock(Dumps& into) : into_(&into) {}

  void begin(const Header& header, std::uint64_t offset);
  // Of one whose first line is lost, or garbled: it is damaged from the start.
  void begin_headless(std::uint64_t offset, bool garbled);

  enum class Took {
    kPart,     // it belongs to the goroutine
    kForeign,  // it does not, or that cannot be told yet
    kNext,     // it belongs to one that follows, whose first line is lost; was not taken
  };
  Took take(std::string_view line);

  // No more lines come.
  void end(End end);

  bool damaged() const { return damaged_; }
  bool headless() const { return headless_; }  // its first line is lost: it may be no other one
  // A creator follows all that a goroutine has; main has none. Without, a cut may be unseen.
  bool may_go_on() const { return creator_ == kNone && goroutine_.goid != 1; }
  std::uint64_t offset() const { return offset_; }
  std::size_t frame_count() const { return frames_.size(); }
  const Goroutine& goroutine() const { return goroutine_; }
  // With its stack interned; of one that is not damaged.
  Goroutine intern();

 private:
  enum class Pending { kNothing, kCall, kCreator, kUnknown };
  struct AncestorStack {
    std::uint64_t goid = 0;
    std::vector<FrameId> frames = {};
    FrameId creator = kNone;
    std::uint32_t elided_after = kNone;
  };

  void clear();
  Took take_place(std::string_view line);
  Took take_unindented(std::string_view line);
  Took take_unknown(std::string_view line);
  void note_part(bool completes = false);
  void add_frame(FrameId frame);
  void set_creator(FrameId frame);
  void note_elision();
  bool is_complete() const { return creator_ != kNone && ancestors_.empty(); }

  Dumps* into_;
  Goroutine goroutine_;
  std::uint64_t offset_ = 0;
  std::vector<FrameId> frames_;
  FrameId creator_ = kNone;
  std::uint32_t elided_after_ = kNone;
  std::vector<AncestorStack> ancestors_;
  Pending pending_ = Pending::kNothing;
  std::string pending_text_;
  bool pending_is_inlined_ = false;
  bool last_place_is_whole_ = true;
  bool doubtful_ = false;  // something stands inside that is no whole line of a log
  bool damaged_ = false;
  bool headless_ = false;
};

}  // namespace goshawk::dumps
