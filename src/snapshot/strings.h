// Interned text: each distinct string once, named by a number.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace goshawk::snapshot {

inline constexpr std::uint32_t kNone = 0xffffffff;
using StringId = std::uint32_t;

class Strings {
 public:
  StringId intern(std::string_view text) {
    if (auto found = ids_.find(text); found != ids_.end()) return found->second;
    StringId id = static_cast<StringId>(texts_.size());
    texts_.emplace_back(text);
    ids_.emplace(texts_.back(), id);
    return id;
  }

  // For a picture that is loaded: `text` is told to be none of those before, and looks for none.
  void append_distinct(std::string text) { texts_.push_back(std::move(text)); }

  // kNone is the empty string.
  std::string_view operator[](StringId id) const {
    return id < texts_.size() ? std::string_view(texts_[id]) : std::string_view();
  }

  std::size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;  // a deque: views into it stay valid
  std::unordered_map<std::string_view, StringId> ids_;
};

}  // namespace goshawk::snapshot
