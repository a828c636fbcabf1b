// Goroutines with the same stack and labels are counted together, the largest group first: its
// return addresses, its labels, then its calls. Follows runtime/pprof/pprof.go (printCountProfile).
#include "report/goroutine_counts_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report/foreign_text.h"
#include "report/stack_record_text.h"

namespace goshawk::report {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;

namespace {

class CountsText {
 public:
  explicit CountsText(const Snapshot& snapshot) : snapshot_(snapshot) {}

  void add(const Goroutine& goroutine) {
    auto [found, is_new] =
        numbers_.try_emplace({goroutine.stack, labels_text(goroutine)}, groups_.size());
    if (is_new) groups_.push_back({found->first.first, found->first.second, 0});
    ++groups_[found->second].count;
  }

  void write(Output& out) {
    std::ranges::stable_sort(groups_, std::greater(), &Group::count);
    for (const Group& group : groups_)
      if (out.usable()) out.write(render(group));
  }

 private:
  struct Group {
    StackId stack = 0;
    std::string labels;
    std::uint64_t count = 0;
  };

  std::string render(const Group& group) const {
    std::string text = fmt::format("{} @", group.count);
    append_return_addresses(text, snapshot_, group.stack);
    text += "\n" + group.labels;
    append_calls(text, snapshot_, group.stack);
    return text + "\n";
  }

  std::string labels_text(const Goroutine& goroutine) const {
    if (goroutine.label_count == 0) return "";
    std::vector<std::string> labels;
    for (std::uint32_t i = 0; i < goroutine.label_count; ++i) {
      const snapshot::Label& label = snapshot_.labels[goroutine.first_label + i];
      labels.push_back(fmt::format("\"{}\":\"{}\"", escape_controls(snapshot_.strings[label.key]),
                                   escape_controls(snapshot_.strings[label.value])));
    }
    std::ranges::sort(labels);
    return fmt::format("# labels: {{{}}}\n", fmt::join(labels, ", "));
  }

  const Snapshot& snapshot_;
  std::vector<Group> groups_;
  std::map<std::pair<StackId, std::string>, std::size_t> numbers_;
};

}  // namespace

void render_goroutine_counts(Output& out, const Snapshot& snapshot, const Selection& selection,
                             std::string_view type) {
  out.write(fmt::format("{} profile: total {}\n", type, selection.size()));
  CountsText text(snapshot);
  for (std::uint32_t index : selection) text.add(snapshot.goroutines[index]);
  text.write(out);
}

}  // namespace goshawk::report
