// Types with their objects, their bytes and their share, the largest first; then what is of unknown
// type, whose share is said in any case.
#include "report/type_table_text.h"

#include <fmt/format.h>

#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

namespace {

constexpr std::size_t kShownTypes = 20, kShownUnknown = 5;
constexpr std::size_t kIndent = 34;

std::string share_of(std::uint64_t bytes, std::uint64_t total) {
  double percent = total == 0 ? 0 : 100.0 * static_cast<double>(bytes) / static_cast<double>(total);
  return fmt::format("{:.1f} %", percent);
}

class TypeTableText {
 public:
  TypeTableText(Output& out, const findings::TypeTable& table, const TextStyle& style)
      : out_(out), table_(table), style_(style) {}

  void render() {
    out_.write(
        style_.palette.bold(fmt::format("\nTypes of the {} in use; of {} the type is not known",
                                        human_bytes(table_.total_bytes),
                                        share_of(table_.unknown_bytes, table_.total_bytes))) +
        "\n");
    std::size_t types = shown(table_.types.size(), kShownTypes);
    for (std::size_t i = 0; i < types; ++i)
      render_row(table_.types[i].bytes, table_.types[i].objects, table_.types[i].type);
    render_rest(table_.types.size() - types, "type");
    std::size_t unknown = shown(table_.unknown.size(), kShownUnknown);
    for (std::size_t i = 0; i < unknown; ++i)
      render_row(table_.unknown[i].bytes, table_.unknown[i].objects, describe(table_.unknown[i]));
    render_rest(table_.unknown.size() - unknown, "row of unknown type");
  }

 private:
  std::size_t shown(std::size_t all, std::size_t most) const {
    return style_.all ? all : std::min(all, most);
  }

  static std::string describe(const findings::UnknownObjects& unknown) {
    std::string text = unknown.slot_bytes == 0
                           ? std::string("unknown, large")
                           : fmt::format("unknown, {}", human_bytes(unknown.slot_bytes));
    text += unknown.has_pointers ? "" : ", no pointers";
    return unknown.held_by.empty() ? text : text + ", held by " + unknown.held_by;
  }

  void render_row(std::uint64_t bytes, std::uint64_t objects, const std::string& what) {
    out_.write(fmt::format("{:>10}  {:>7}  {:>11}  {}\n", human_bytes(bytes),
                           share_of(bytes, table_.total_bytes), human_count(objects),
                           wrap_text(escape_controls(what), kIndent, style_.columns)));
  }

  void render_rest(std::size_t count, std::string_view what) {
    if (count == 0) return;
    std::string text = fmt::format("{} more {}{}: --all shows them", human_count(count), what,
                                   count == 1 ? "" : "s");
    if (what.starts_with("row"))
      text = fmt::format("{} more of unknown type: --all shows them", human_count(count));
    out_.write(std::string(kIndent, ' ') + style_.palette.faint(text) + "\n");
  }

  Output& out_;
  const findings::TypeTable& table_;
  const TextStyle& style_;
};

}  // namespace

void render_type_table(Output& out, const findings::TypeTable& table, const TextStyle& style) {
  TypeTableText(out, table, style).render();
}

}  // namespace goshawk::report
