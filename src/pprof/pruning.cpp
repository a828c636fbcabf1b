// From the outermost frame of each stack inwards: at the first function that is to be dropped, and
// that has one outside of it that is not, the stack ends. A function is matched without its
// parameter list. Where a location holds several inlined calls and only the inner ones go, its
// outer lines stay, for every stack that it is in. Follows github.com/google/pprof/profile/prune.go
// (Prune, RemoveUninteresting).
#include "pprof/pruning.h"

#include <re2/re2.h>

#include <string>
#include <vector>

namespace goshawk::pprof {
namespace {

enum class Mark : std::uint8_t { kUnknown, kStays, kGoes };

// "(*Mutex).Unlock" begins with what looks like parameters: what is before it is left.
std::string_view without_parameters(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  for (std::size_t from = 0;;) {
    std::size_t at = name.find_first_of("(o", from);
    if (at == std::string_view::npos) return name;
    std::string_view rest = name.substr(at);
    std::size_t reserved = rest.starts_with("(anonymous namespace)") ? 21
                           : rest.starts_with("operator()")          ? 10
                                                                     : 0;
    if (reserved == 0 && rest.front() == '(') return name.substr(0, at);
    from = at + (reserved > 0 ? reserved : 1);
  }
}

RE2::Options quietly() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

class Pruning {
 public:
  Pruning(Profile& profile, const RE2& drop, const RE2* keep)
      : profile_(profile), drop_(drop), keep_(keep), marks_(profile.functions.size()) {}

  void prune() {
    std::vector<Cut> cuts(profile_.locations.size(), Cut::kNone);
    for (LocationId id = 0; id < profile_.locations.size(); ++id) cuts[id] = cut_lines(id);
    GrowingArray<LocationId> stacks;
    std::uint32_t begin = 0;
    for (std::uint32_t& end : profile_.stack_ends) {
      std::span<const LocationId> stack(profile_.stacks.data() + begin, end - begin);
      begin = end;
      stacks.append(stack.subspan(first_to_keep(stack, cuts)));
      end = static_cast<std::uint32_t>(stacks.size());
    }
    profile_.stacks = std::move(stacks);
  }

 private:
  enum class Cut : std::uint8_t { kNone, kInside, kWhole };

  bool goes(FunctionId id) {
    Mark& mark = marks_[id];
    if (mark != Mark::kUnknown) return mark == Mark::kGoes;
    std::string_view name = profile_.strings[profile_.functions[id].name];
    std::string_view simple = without_parameters(name);
    bool dropped = !name.empty() && RE2::FullMatch(simple, drop_) &&
                   (keep_ == nullptr || !RE2::FullMatch(simple, *keep_));
    mark = dropped ? Mark::kGoes : Mark::kStays;
    return dropped;
  }

  Cut cut_lines(LocationId id) {
    std::span<const Line> lines = profile_.lines_of(id);
    std::size_t outermost = lines.size();
    while (outermost > 0 && !goes(lines[outermost - 1].function)) --outermost;
    if (outermost == 0) return Cut::kNone;
    if (outermost == lines.size()) return Cut::kWhole;
    profile_.locations[id].first_line += static_cast<std::uint32_t>(outermost);
    profile_.locations[id].line_count -= static_cast<std::uint32_t>(outermost);
    return Cut::kInside;
  }

  static std::size_t first_to_keep(std::span<const LocationId> stack,
                                   const std::vector<Cut>& cuts) {
    bool found_other = false;
    for (std::size_t i = stack.size(); i-- > 0;) {
      Cut cut = cuts[stack[i]];
      if (cut == Cut::kNone)
        found_other = true;
      else if (found_other)
        return cut == Cut::kWhole ? i + 1 : i;
    }
    return 0;
  }

  Profile& profile_;
  const RE2& drop_;
  const RE2* keep_;
  std::vector<Mark> marks_;  // of each function
};

}  // namespace

void remove_sampling_frames(Profile& profile) {
  std::string drop_pattern(profile.strings[profile.drop_frames]);
  std::string keep_pattern(profile.strings[profile.keep_frames]);
  if (drop_pattern.empty()) return;
  RE2 drop(drop_pattern, quietly()), keep(keep_pattern, quietly());
  if (!drop.ok() || !keep.ok()) return;
  Pruning(profile, drop, keep_pattern.empty() ? nullptr : &keep).prune();
}

}  // namespace goshawk::pprof
