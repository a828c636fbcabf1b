// First what was asked for and what would be freed without it; then from the outside inwards: how
// it is held, who refers to it, what it refers to, what hangs on it.
#include "report/retention_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/picture_lines.h"
#include "report/type_table_text.h"

namespace goshawk::report {

using findings::Neighbours;
using findings::Retention;

namespace {

constexpr std::size_t kShownNeighbours = 8;
constexpr std::size_t kIndent = 24;

class RetentionText {
 public:
  RetentionText(Output& out, const snapshot::Snapshot& snapshot, const Retention& retention,
                const TextStyle& style)
      : out_(out), snapshot_(snapshot), retention_(retention), style_(style) {}

  void render(RetentionPart part) {
    write(heading(), &Palette::bold);
    render_target_line(out_, snapshot_.target, style_);
    out_.write("\n");
    if (retention_.live) {
      if (part != RetentionPart::kHolds) render_paths();
      if (part == RetentionPart::kWhole) {
        render_neighbours("Who refers to it", "Who refers to them", retention_.referrers);
        render_neighbours("It refers to", "They refer to", retention_.referents);
      }
      if (part != RetentionPart::kPaths && retention_.retained_objects > 0) render_holds();
    }
    for (const snapshot::Doubt& doubt : snapshot_.doubts)
      write("Doubt: " + escape_controls(doubt.what), &Palette::warning);
    render_pause_line(out_, snapshot_.picture, style_);
  }

 private:
  bool is_one() const { return retention_.address != 0; }

  void write(const std::string& text, std::string (Palette::*color)(std::string_view) const) {
    out_.write((style_.palette.*color)(wrap_text(text, 0, style_.columns)) + "\n");
  }

  std::string freed() const {
    return fmt::format("{} in {} ({} of the live heap)", human_bytes(retention_.retained_bytes),
                       plural(retention_.retained_objects, "object"),
                       share_text(retention_.retained_bytes, retention_.live_bytes));
  }

  std::string heading() const {
    std::string asked = escape_controls(retention_.asked);
    if (retention_.is_goroutine && retention_.retained_objects == 0)
      return fmt::format("The stack of {} alone holds nothing of the heap", asked);
    if (retention_.is_goroutine)
      return fmt::format("Without {} would be freed: {}", asked, freed());
    if (!is_one())
      return retention_.live ? fmt::format("{}: {}, {}; without them would be freed: {}", asked,
                                           plural(retention_.objects, "live object"),
                                           human_bytes(retention_.shallow_bytes), freed())
                             : fmt::format("{}: no live object of this type", asked);
    std::string type =
        retention_.type.empty() ? "an object of unknown type" : escape_controls(retention_.type);
    std::string text = fmt::format("{:#x}: {}{}", retention_.address, type,
                                   retention_.noscan ? ", without pointers" : "");
    if (!retention_.live) return text + "; nothing that lives leads to it: it is garbage";
    return fmt::format("{}, {}; without it would be freed: {}", text,
                       human_bytes(retention_.shallow_bytes), freed());
  }

  void title(std::string_view text) { out_.write(style_.palette.bold(text) + "\n"); }

  void render_paths() {
    if (retention_.paths.empty()) return;
    title(is_one() ? "How it is held" : "How they are held");
    for (const findings::RetentionPath& path : retention_.paths)
      out_.write(is_one() ? "  " + wrap_text(escape_controls(path.path), 2, style_.columns) + "\n"
                          : row(path.bytes, path.objects, escape_controls(path.path)));
    if (retention_.more_paths > 0)
      out_.write(std::string(is_one() ? 2 : kIndent, ' ') +
                 style_.palette.faint(plural(retention_.more_paths, "other way", "other ways")) +
                 "\n");
    out_.write("\n");
  }

  std::string row(std::uint64_t bytes, std::uint64_t objects, const std::string& text) const {
    return fmt::format("{:>10} {:>11}  {}\n", human_bytes(bytes), human_count(objects),
                       wrap_text(text, kIndent, style_.columns));
  }

  void render_neighbours(std::string_view of_one, std::string_view of_many,
                         const std::vector<Neighbours>& neighbours) {
    if (neighbours.empty()) return;
    title(is_one() ? of_one : of_many);
    std::size_t shown =
        style_.all ? neighbours.size() : std::min(neighbours.size(), kShownNeighbours);
    for (std::size_t i = 0; i < shown; ++i) {
      const Neighbours& one = neighbours[i];
      std::string type = one.type.empty() ? "of unknown type" : escape_controls(one.type);
      std::string text = one.objects > 1    ? fmt::format("{} × {}", human_count(one.objects), type)
                         : one.address != 0 ? fmt::format("{:#x} {}", one.address, type)
                                            : type;
      out_.write("  " + wrap_text(text, 2, style_.columns) + "\n");
    }
    if (shown < neighbours.size())
      out_.write("  " +
                 style_.palette.faint(plural(neighbours.size() - shown, "other type") +
                                      ": --all shows them") +
                 "\n");
    out_.write("\n");
  }

  void render_holds() {
    title("What would be freed, by type");
    render_type_table(out_, retention_.retained_types, true, style_);
    render_unknown();
    out_.write("\n");
  }

  // So that the rows add up, and a heading never stands alone.
  void render_unknown() {
    const findings::TypeTable& table = retention_.retained_types;
    if (table.unknown_bytes == 0) return;
    std::uint64_t objects = retention_.retained_objects;
    for (const findings::TypeRow& row : table.types) objects -= std::min(row.objects, objects);
    out_.write(
        fmt::format("{:>10}  {:>7}  {:>11}  of unknown type\n", human_bytes(table.unknown_bytes),
                    share_text(table.unknown_bytes, table.total_bytes), human_count(objects)));
  }

  Output& out_;
  const snapshot::Snapshot& snapshot_;
  const Retention& retention_;
  const TextStyle& style_;
};

}  // namespace

void render_retention_text(Output& out, const snapshot::Snapshot& snapshot,
                           const Retention& retention, RetentionPart part, const TextStyle& style) {
  RetentionText(out, snapshot, retention, style).render(part);
}

}  // namespace goshawk::report
