// A call waits for the line that says where it is. What fits nowhere is a line of something else
// that writes to the same log: whole, as logs write lines, it is passed over, and the goroutine is
// none the worse. A part of a line, a place without its call, a call without its place: then
// something is missing, and the goroutine is damaged; nothing is guessed.
//
// A creator ends a goroutine (but for its ancestors), so that a call after one belongs to another
// goroutine whose first line is lost.
#include "dumps/goroutine_block.h"

#include <algorithm>
#include <limits>

#include "dumps/frame_line.h"

namespace goshawk::dumps {
namespace {

constexpr std::size_t kMostFrames = 1 << 16;  // the runtime prints 100, with GOTRACEBACK=crash all
constexpr std::size_t kMostAncestors = std::numeric_limits<std::uint16_t>::max();

}  // namespace

void GoroutineBlock::clear() {
  goroutine_ = {};
  frames_.clear();
  creator_ = elided_after_ = kNone;
  ancestors_.clear();
  pending_ = Pending::kNothing;
  last_place_is_whole_ = true;
  doubtful_ = damaged_ = headless_ = false;
}

void GoroutineBlock::begin(const Header& header, std::uint64_t offset) {
  clear();
  offset_ = offset;
  goroutine_ = {.goid = header.goid,
                .bubble = header.bubble,
                .wait_minutes = header.wait_minutes,
                .locked_to_thread = header.locked_to_thread,
                .leaked = header.leaked,
                .scanning = header.scanning,
                .durable = header.durable};
  if (into_->tables.is_full()) return;
  goroutine_.state = into_->tables.texts.intern(header.state);
  if (!header.labels.empty()) goroutine_.labels = into_->tables.texts.intern(header.labels);
}

void GoroutineBlock::begin_headless(std::uint64_t offset, bool garbled) {
  clear();
  offset_ = offset;
  headless_ = !garbled;
  damaged_ = true;
}

GoroutineBlock::Took GoroutineBlock::take(std::string_view line) {
  return begins_as_place(line) ? take_place(line) : take_unindented(line);
}

// What came before and could not be told is now known to stand inside. `completes`: the part is
// what a call waits for.
void GoroutineBlock::note_part(bool completes) {
  bool waits = pending_ == Pending::kCall || pending_ == Pending::kCreator;
  if (waits && !completes) {
    damaged_ = true;
    pending_ = Pending::kNothing;
  }
  if (doubtful_) damaged_ = true;
  if (pending_ == Pending::kUnknown) {
    if (!looks_like_log(pending_text_)) damaged_ = true;
    pending_ = Pending::kNothing;
  }
}

GoroutineBlock::Took GoroutineBlock::take_place(std::string_view line) {
  if (line.find("goroutine running on other thread") != std::string_view::npos) {
    goroutine_.unavailable = true;
    return Took::kPart;
  }
  auto place = parse_place(line);
  if (!place) return take_unknown(line);
  if (pending_ == Pending::kUnknown && place->of_c) {
    pending_ = Pending::kCall;
    pending_is_inlined_ = true;
  }
  note_part(true);
  if (pending_ == Pending::kNothing) {
    if (is_complete()) return Took::kNext;
    damaged_ = true;
    return Took::kPart;
  }
  if (into_->tables.is_full()) {
    pending_ = Pending::kNothing;
    goroutine_.incomplete = true;
    return Took::kPart;
  }
  FrameId frame = into_->tables.intern_frame(pending_text_, place->file, place->line);
  last_place_is_whole_ = place->has_offset || place->of_c || pending_is_inlined_;
  if (pending_ == Pending::kCreator)
    set_creator(frame);
  else
    add_frame(frame);
  pending_ = Pending::kNothing;
  return Took::kPart;
}

GoroutineBlock::Took GoroutineBlock::take_unindented(std::string_view line) {
  auto call = parse_call(line);
  auto creator = call ? std::nullopt : parse_creator(line);
  if (call || creator) {
    if (is_complete()) return Took::kNext;
    note_part();
    pending_ = call ? Pending::kCall : Pending::kCreator;
    pending_text_ = call ? *call : creator->function;
    pending_is_inlined_ = line.ends_with("(...)");
    if (creator && ancestors_.empty()) goroutine_.creator_goid = creator->goid;
    return Took::kPart;
  }
  if (is_elision(line)) {
    note_part();
    note_elision();
    return Took::kPart;
  }
  if (auto goid = parse_ancestor(line)) {
    note_part();
    if (ancestors_.size() < kMostAncestors) ancestors_.push_back({.goid = *goid});
    return Took::kPart;
  }
  if (line.starts_with("non-Go function at pc=0x")) {
    note_part();
    add_frame(into_->tables.intern_frame("non-Go function", "", 0));
    return Took::kPart;
  }
  if (is_runtime_note(line)) {
    goroutine_.incomplete = true;
    return Took::kPart;
  }
  return take_unknown(line);
}

// The name of a C function, a line of something else, or the rest of a broken line.
GoroutineBlock::Took GoroutineBlock::take_unknown(std::string_view line) {
  if (is_complete() && pending_ == Pending::kNothing) return Took::kForeign;
  if (has_part_of_stack(line) && !looks_like_log(line)) damaged_ = true;
  if (pending_ == Pending::kNothing) {
    pending_ = Pending::kUnknown;
    pending_text_ = line;
    return Took::kForeign;
  }
  if (pending_ == Pending::kUnknown) {
    if (!looks_like_log(pending_text_)) doubtful_ = true;
    pending_text_ = line;
  } else if (!looks_like_log(line)) {
    doubtful_ = true;
  }
  return Took::kForeign;
}

void GoroutineBlock::add_frame(FrameId frame) {
  std::vector<FrameId>& frames = ancestors_.empty() ? frames_ : ancestors_.back().frames;
  if (frames.size() < kMostFrames)
    frames.push_back(frame);
  else
    goroutine_.incomplete = true;
}

void GoroutineBlock::set_creator(FrameId frame) {
  (ancestors_.empty() ? creator_ : ancestors_.back().creator) = frame;
}

void GoroutineBlock::note_elision() {
  if (ancestors_.empty())
    elided_after_ = static_cast<std::uint32_t>(frames_.size());
  else
    ancestors_.back().elided_after = static_cast<std::uint32_t>(ancestors_.back().frames.size());
}

void GoroutineBlock::end(End end) {
  bool waits = pending_ == Pending::kCall || pending_ == Pending::kCreator;
  bool nothing = frames_.empty() && !goroutine_.unavailable && !goroutine_.incomplete;
  if (waits) damaged_ = true;
  // A first line alone is a quotation as likely as a goroutine of which a log lost the rest.
  if (nothing && (end != End::kSeen || creator_ == kNone)) damaged_ = true;
  if (end == End::kInLine && (!last_place_is_whole_ || pending_ != Pending::kNothing))
    damaged_ = true;
}

Goroutine GoroutineBlock::intern() {
  goroutine_.stack = into_->tables.intern_stack(frames_, creator_, elided_after_);
  goroutine_.first_ancestor = static_cast<std::uint32_t>(into_->ancestors.size());
  goroutine_.ancestor_count = static_cast<std::uint16_t>(ancestors_.size());
  for (const AncestorStack& ancestor : ancestors_)
    into_->ancestors.push_back(
        {ancestor.goid,
         into_->tables.intern_stack(ancestor.frames, ancestor.creator, ancestor.elided_after)});
  return goroutine_;
}

}  // namespace goshawk::dumps
