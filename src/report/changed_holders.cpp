// Along the tree what grows is the same again and again: a variable, what it points to, a map in
// that, the map's values. Told is the outermost one that grew, for that is who holds it, and below
// it the place where there is more of something than before: the first on the way down that has
// most of the growth and is not as many as it was. Where growth spreads out before that, its
// largest parts.
//
// One that grew inside of a holder that did not (another part of it shrank) is outermost too.
//
// What two hold is neither's; when one of them lets go it is the other's, which has grown without
// an object more. So it is said where there are not as many more of a type as a holder has more.
#include "report/changed_holders.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/path_below.h"

namespace goshawk::report {

using findings::HolderChange;
using findings::TypeChange;

namespace {

constexpr std::uint32_t kMostDepth = 2;  // of lines
constexpr std::size_t kMostParts = 3;    // of what spreads out
constexpr std::string_view kStacks = "stacks of goroutines";

std::string type_text(const HolderChange& change) {
  if (!change.name.empty()) return change.name;
  return change.slot_bytes == 0 ? "large objects of unknown type"
                                : human_bytes(change.slot_bytes) + " of unknown type";
}

class Telling {
 public:
  Telling(const std::vector<HolderChange>& holders, const std::vector<TypeChange>& types,
          Direction direction, std::uint64_t least_bytes)
      : holders_(holders), grew_(direction == Direction::kGrew), least_(least_bytes) {
    for (const TypeChange& type : types)
      if (!type.type.empty())
        more_of_types_[type.type] = findings::growth_of(type.before.objects, type.after.objects);
    // Each knows its parent, and its children are those that name it.
    std::vector<std::size_t> above;
    for (std::size_t i = 0; i < holders_.size(); ++i) {
      above.resize(std::min<std::size_t>(above.size(), holders_[i].depth));
      parents_.push_back(above.empty() ? i : above.back());
      above.push_back(i);
    }
    children_.resize(holders_.size());
    for (std::size_t i = 0; i < holders_.size(); ++i)
      if (parents_[i] != i) children_[parents_[i]].push_back(i);
    if (!grew_)
      for (std::vector<std::size_t>& children : children_) std::ranges::reverse(children);
  }

  std::vector<HolderLine> tell() {
    std::vector<std::size_t> outermost;
    std::vector<bool> is_inside(holders_.size());
    for (std::size_t i = 0; i < holders_.size(); ++i) {
      is_inside[i] = parents_[i] != i && (is_inside[parents_[i]] || changed(parents_[i]) >= least_);
      if (changed(i) >= least_ && !is_inside[i]) outermost.push_back(i);
    }
    std::ranges::stable_sort(outermost, std::ranges::greater{},
                             [&](std::size_t i) { return changed(i); });
    for (std::size_t i : outermost) tell_one(i, i, 0);
    return std::move(lines_);
  }

 private:
  // By so much in the direction that is asked for; else 0.
  std::uint64_t changed(std::size_t i) const {
    std::int64_t growth = holders_[i].growth();
    if (!grew_) growth = growth_of_reverse(growth);
    return growth > 0 ? static_cast<std::uint64_t>(growth) : 0;
  }

  static std::int64_t growth_of_reverse(std::int64_t growth) {
    return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(growth));
  }

  // Or one that came or went with all that it has: a slice that was made, a cache that was dropped.
  bool is_as_many(std::size_t i) const {
    return !holders_[i].is_object || (more(i) >= -1 && more(i) <= 1);
  }

  // `above`: what the line before it, which is less deep, tells.
  void tell_one(std::size_t index, std::size_t above, std::uint32_t depth) {
    add_line(index, above, depth);
    std::size_t at = index;
    while (is_as_many(at) && !children_[at].empty() &&
           changed(children_[at].front()) >= changed(at) / 5 * 4)
      at = children_[at].front();
    if (depth >= kMostDepth) return;
    if (at != index) add_line(at, index, ++depth);
    if (!is_as_many(at) || depth >= kMostDepth) return;
    std::size_t parts = 0;
    for (std::size_t child : children_[at])
      if (parts < kMostParts && changed(child) >= std::max(least_, changed(at) / 5)) {
        tell_one(child, at, depth + 1);
        ++parts;
      }
  }

  void add_line(std::size_t index, std::size_t above, std::uint32_t depth) {
    lines_.push_back({.change = &holders_[index],
                      .depth = depth,
                      .text = text_of(index, above),
                      .whole = text_of(index, index)});
  }

  std::string text_of(std::size_t index, std::size_t above) const {
    const HolderChange& change = holders_[index];
    if (!change.is_object)
      return escape_controls(change.path.empty() || change.name.starts_with(kStacks) ? change.name
                                                                                     : change.path);
    std::string way = !change.path.empty()       ? way_by_words(index, above)
                      : parents_[index] == index ? "several holders"
                                                 : way_by_types(index, above);
    std::string text = escape_controls(way), type = escape_controls(type_text(change));
    if (is_as_many(index))
      text = text.empty() ? type : fmt::format("{} ({})", text, type);
    else
      text += fmt::format("{}{} × {}{}", text.empty() ? "" : ": ", signed_count(more(index)), type,
                          changed_hands(index));
    bool is_shared = parents_[index] == index && !change.path.empty();
    return text + (is_shared ? ", which several hold" : "");
  }

  std::int64_t more(std::size_t i) const {
    return findings::growth_of(holders_[i].count_before, holders_[i].count_after);
  }

  std::string_view changed_hands(std::size_t index) const {
    if (holders_[index].name.empty()) return "";
    auto found = more_of_types_.find(holders_[index].name);
    std::int64_t of_type = found == more_of_types_.end() ? 0 : found->second;
    std::int64_t here = more(index);
    if (here > 0 && of_type < here / 2) return " (not new: others held them)";
    if (here < 0 && of_type > here / 2) return " (not freed: others hold them)";
    return "";
  }

  std::string way_by_words(std::size_t index, std::size_t above) const {
    const std::string& path = holders_[index].path;
    return above == index ? path : path_below(path, holders_[above].path);
  }

  // Where nobody told how it is held.
  std::string way_by_types(std::size_t index, std::size_t above) const {
    std::string way;
    std::size_t from = index;
    for (std::size_t i = parents_[index]; i != from && (i != above || above == index);
         from = i, i = parents_[i])
      way.insert(0, type_text(holders_[i]) + (way.empty() ? "" : " -> "));
    return way;
  }

  const std::vector<HolderChange>& holders_;
  bool grew_;
  std::uint64_t least_;
  std::map<std::string, std::int64_t> more_of_types_;  // objects
  std::vector<std::size_t> parents_;  // of those right below the whole heap: themselves
  std::vector<std::vector<std::size_t>> children_;  // that changed most first
  std::vector<HolderLine> lines_;
};

}  // namespace

std::vector<HolderLine> tell_changed_holders(const std::vector<HolderChange>& holders,
                                             const std::vector<TypeChange>& types,
                                             Direction direction, std::uint64_t least_bytes) {
  return Telling(holders, types, direction, std::max<std::uint64_t>(least_bytes, 1)).tell();
}

std::vector<std::vector<std::string>> holder_steps(const std::vector<HolderChange>& holders) {
  std::vector<std::vector<std::string>> all;
  std::vector<std::string> steps;
  for (const HolderChange& change : holders) {
    steps.resize(std::min<std::size_t>(steps.size(), change.depth));
    steps.push_back(change.name);
    all.push_back(steps);
  }
  return all;
}

}  // namespace goshawk::report
