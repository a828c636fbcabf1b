// A title for each thread, below it its stack: addresses, alone or in the lines of a symbolized
// stack, of which all but the innermost are return addresses. "same as previous thread" counts once
// more. Names are not taken: they are of no form that is promised.
// Follows github.com/google/pprof/profile/legacy_profile.go (parseThread).
#include "pprof/thread_text_reader.h"

#include <cctype>
#include <unordered_map>
#include <vector>

#include "pprof/profile_builder.h"
#include "pprof/text_lines.h"

namespace goshawk::pprof {
namespace {

constexpr std::size_t kMostStackEntries = 1 << 26;
constexpr std::string_view kThread = "--- Thread ", kThreads = "--- threadz ";
constexpr std::string_view kNoStack = "---- no stack trace for";

bool is_end(std::string_view line) {
  return line.starts_with("--- Memory map: ---") || line.starts_with("MAPPED_LIBRARIES:") ||
         line.starts_with(kNoStack);
}

class ThreadTextReader {
 public:
  explicit ThreadTextReader(ByteStream& stream) : lines_(stream) {
    builder_.add_sample_type("thread", "count");
    builder_.set_period("thread", "count", 1);
  }

  Result<Profile> read() {
    for (;; lines_.next()) {
      auto read = TRY(lines_.line());
      if (!read) break;
      std::string_view line = trim(*read);
      if (is_end(line)) break;
      if (line.starts_with(kThread))
        end_thread();
      else if (line.find("same as previous thread") != std::string_view::npos)
        is_same_ = true;
      else if (!line.starts_with("---") && !take_addresses(line))
        return fail(lines_.malformed("an address that is too large"));
      if (builder_.profile().stacks.size() + stack_.size() > kMostStackEntries)
        return fail(lines_.malformed("the stacks are too long"));
    }
    end_thread();
    return builder_.finish();
  }

 private:
  bool take_addresses(std::string_view line) {
    for (std::size_t at = line.find("0x"); at != std::string_view::npos; at = line.find("0x")) {
      std::uint64_t address = 0;
      TextCursor cursor(line.substr(at + 2));
      if (cursor.number(address, 16).failed() && !cursor.rest().empty() &&
          std::isxdigit(static_cast<unsigned char>(cursor.rest().front())) != 0)
        return false;
      line = cursor.rest();
      if (!cursor.failed())
        stack_.push_back(location_of(Address(address - (stack_.empty() ? 0 : 1))));
    }
    return true;
  }

  // Before the first one there is nothing to end.
  void end_thread() {
    Profile& profile = builder_.profile();
    if (!stack_.empty() && !is_same_) {
      std::int64_t one = 1;
      if (stack_.size() > 1 &&
          profile.locations[stack_[0]].address == profile.locations[stack_[1]].address + 1)
        stack_.erase(stack_.begin() + 1);
      builder_.add_sample(stack_, {&one, 1});
    } else if (is_same_ && profile.sample_count() > 0) {
      ++profile.values[profile.values.size() - 1];
    }
    stack_.clear();
    is_same_ = false;
  }

  LocationId location_of(Address address) {
    auto [found, is_new] = locations_.try_emplace(address, kNone);
    if (is_new) found->second = builder_.add_location(address, kNone, {});
    return found->second;
  }

  TextLines lines_;
  ProfileBuilder builder_;
  std::unordered_map<Address, LocationId> locations_;
  std::vector<LocationId> stack_;
  bool is_same_ = false;
};

}  // namespace

bool is_thread_title(std::string_view line) {
  return line.starts_with(kThreads) || line.starts_with(kThread);
}

Result<Profile> read_thread_text(ByteStream& stream) { return ThreadTextReader(stream).read(); }

}  // namespace goshawk::pprof
