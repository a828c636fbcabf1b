// Each part of the tree that has memory of its own is a stack; what it holds has stacks of its own,
// so that a viewer adds up what is retained. Semicolons and ends of lines in a type's name would be
// taken for ours.
#include "report/retained_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pprof/profile_builder.h"
#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::HeldPart;

namespace {

// Above an object that no holder alone keeps: it stands right below the whole heap.
const HeldPart kSeveral{.name = "what several hold"};

bool is_shared(const HeldPart& part) { return part.is_object && part.parent == 0; }

std::string frame_name(const HeldPart& part) {
  if (!part.name.empty()) return part.name;
  if (!part.is_object) return "smaller holders";
  return part.slot_bytes == 0 ? "large objects of unknown type"
                              : human_bytes(part.slot_bytes) + " of unknown type";
}

std::string folded_name(const HeldPart& part) {
  std::string name = escape_controls(frame_name(part));
  for (char& letter : name)
    if (letter == ';') letter = ',';
  return name;
}

class RetainedProfile {
 public:
  explicit RetainedProfile(const std::vector<HeldPart>& parts) : parts_(parts) {}

  pprof::Profile make(std::int64_t time_ns) {
    profile_.add_sample_type("objects", "count");
    profile_.add_sample_type("space", "bytes");
    profile_.set_period("space", "bytes", 1);
    profile_.set_time(time_ns);
    for (std::size_t i = 1; i < parts_.size(); ++i) {
      if (parts_[i].bytes == 0) continue;
      std::vector<pprof::LocationId> stack;
      for (std::size_t at = i; at != 0; at = parts_[at].parent) add_frames(stack, parts_[at]);
      std::int64_t values[] = {static_cast<std::int64_t>(parts_[i].objects),
                               static_cast<std::int64_t>(parts_[i].bytes)};
      profile_.add_sample(stack, values);
    }
    return profile_.finish();
  }

 private:
  void add_frames(std::vector<pprof::LocationId>& stack, const HeldPart& part) {
    stack.push_back(location_of(part));
    if (is_shared(part)) stack.push_back(location_of(kSeveral));
  }

  pprof::LocationId location_of(const HeldPart& part) {
    auto [known, is_new] = locations_.try_emplace(frame_name(part), pprof::kNone);
    if (is_new) {
      pprof::Line line{profile_.add_function(known->first, ""), 0};
      known->second = profile_.add_location(Address(), pprof::kNone, {&line, 1});
    }
    return known->second;
  }

  const std::vector<HeldPart>& parts_;
  pprof::ProfileBuilder profile_;
  std::unordered_map<std::string, pprof::LocationId> locations_;
};

}  // namespace

// Each stack once: what is large and what is small of one type are two parts. The largest first,
// for those who read it as it is; those of one size by their names.
void render_folded(Output& out, const std::vector<HeldPart>& parts) {
  std::map<std::string, std::uint64_t> bytes_of_stacks;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].bytes == 0) continue;
    std::string stack;
    for (std::size_t at = i; at != 0; at = parts[at].parent) {
      stack.insert(0, folded_name(parts[at]) + (stack.empty() ? "" : ";"));
      if (is_shared(parts[at])) stack.insert(0, folded_name(kSeveral) + ";");
    }
    bytes_of_stacks[stack] += parts[i].bytes;
  }
  std::vector<std::pair<std::string, std::uint64_t>> sorted(bytes_of_stacks.begin(),
                                                            bytes_of_stacks.end());
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           &std::pair<std::string, std::uint64_t>::second);
  for (const auto& [stack, bytes] : sorted) out.write(fmt::format("{} {}\n", stack, bytes));
}

pprof::Profile make_retained_profile(const std::vector<HeldPart>& parts, std::int64_t time_ns) {
  return RetainedProfile(parts).make(time_ns);
}

}  // namespace goshawk::report
