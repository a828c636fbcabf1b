// A frame is looked for by its own texts: most are there already, and then neither its function nor
// its file is looked for.
#include "dumps/tables.h"

#include <algorithm>

namespace goshawk::dumps {

TextId Texts::intern(std::string_view text) {
  return index_.find_or_make(
      hash_text(text), [&](TextId id) { return (*this)[id] == text; },
      [&] {
        bytes_ += text;
        starts_.push_back(bytes_.size());
        return static_cast<TextId>(starts_.size() - 2);
      });
}

FrameId Tables::intern_frame(std::string_view function, std::string_view file, std::uint32_t line) {
  auto is_it = [&](FrameId id) {
    const Frame& frame = frames_[id];
    return frame.line == line && texts[frame.function] == function && texts[frame.file] == file;
  };
  return frame_index_.find_or_make(hash_text(file, hash_text(function, line)), is_it, [&] {
    TextId file_id = file.empty() ? kNone : texts.intern(file);
    frames_.push_back({texts.intern(function), file_id, line});
    return static_cast<FrameId>(frames_.size() - 1);
  });
}

StackId Tables::intern_stack(std::span<const FrameId> frames, FrameId creator,
                             std::uint32_t elided_after) {
  std::string_view bytes(reinterpret_cast<const char*>(frames.data()), frames.size_bytes());
  std::uint64_t ends = (std::uint64_t{creator} << 32) | elided_after;
  auto is_it = [&](StackId id) {
    const Stack& stack = stacks_[id];
    return stack.creator == creator && stack.elided_after == elided_after &&
           std::ranges::equal(frames_of(id), frames);
  };
  return stack_index_.find_or_make(hash_text(bytes, ends), is_it, [&] {
    stacks_.push_back(
        {members_.size(), static_cast<std::uint32_t>(frames.size()), elided_after, creator});
    members_.insert(members_.end(), frames.begin(), frames.end());
    return static_cast<StackId>(stacks_.size() - 1);
  });
}

std::size_t Tables::size_bytes() const {
  return texts.size_bytes() + frames_.size() * sizeof(Frame) + stacks_.size() * sizeof(Stack) +
         members_.size() * sizeof(FrameId);
}

}  // namespace goshawk::dumps
