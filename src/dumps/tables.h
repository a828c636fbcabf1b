// What the goroutines of a dump have in common, each once: texts, frames, stacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dumps/id_index.h"

namespace goshawk::dumps {

using TextId = std::uint32_t;
using FrameId = std::uint32_t;
using StackId = std::uint32_t;

class Texts {
 public:
  TextId intern(std::string_view text);
  // kNone is the empty text.
  std::string_view operator[](TextId id) const {
    if (id >= starts_.size() - 1) return {};
    return std::string_view(bytes_).substr(starts_[id], starts_[id + 1] - starts_[id]);
  }
  std::size_t size_bytes() const { return bytes_.size(); }

 private:
  std::string bytes_;
  std::vector<std::size_t> starts_{0};
  IdIndex index_;
};

struct Frame {
  TextId function = kNone;  // as printed: "main.(*Server[...]).handle"
  TextId file = kNone;      // kNone: not told, of C code
  std::uint32_t line = 0;
};

struct Stack {
  std::size_t first = 0;  // of Tables::members
  std::uint32_t count = 0;
  std::uint32_t elided_after = kNone;  // so many frames stand before a gap; kNone: there is none
  FrameId creator = kNone;             // with the place of the go statement
};

class Tables {
 public:
  FrameId intern_frame(std::string_view function, std::string_view file, std::uint32_t line);
  // Innermost first.
  StackId intern_stack(std::span<const FrameId> frames, FrameId creator,
                       std::uint32_t elided_after);

  const Frame& frame(FrameId id) const { return frames_[id]; }
  const Stack& stack(StackId id) const { return stacks_[id]; }
  std::span<const FrameId> frames_of(StackId id) const {
    return std::span(members_).subspan(stacks_[id].first, stacks_[id].count);
  }
  std::size_t stack_count() const { return stacks_.size(); }
  // No more is to be interned: who writes a dump does not choose how much memory it takes.
  bool is_full() const { return size_bytes() > kMostBytes; }

  Texts texts;

 private:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  std::size_t size_bytes() const;

  std::vector<Frame> frames_;
  std::vector<Stack> stacks_;
  std::vector<FrameId> members_;
  IdIndex frame_index_, stack_index_;
};

}  // namespace goshawk::dumps
