// Types with their objects, their bytes and their share, the largest first; then what is of unknown
// type, whose share is said in any case.
#include "report/type_table_text.h"

#include <fmt/format.h>

#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

namespace {

constexpr std::size_t kFewTypes = 8, kFewUnknown = 2;
constexpr std::size_t kManyTypes = 20, kManyUnknown = 5;
constexpr std::uint64_t kLeastShare = 200;
constexpr std::size_t kIndent = 34;

class TypeTableText {
 public:
  TypeTableText(Output& out, const findings::TypeTable& table, bool many, const TextStyle& style)
      : out_(out), table_(table), many_(many), style_(style) {}

  void render() {
    std::size_t types = shown(table_.types, many_ ? kManyTypes : kFewTypes);
    for (std::size_t i = 0; i < types; ++i)
      render_row(table_.types[i].bytes, table_.types[i].objects, type_text(table_.types[i]));
    render_rest(table_.types.size() - types, "type");
    std::size_t unknown = shown(table_.unknown, many_ ? kManyUnknown : kFewUnknown);
    for (std::size_t i = 0; i < unknown; ++i)
      render_row(table_.unknown[i].bytes, table_.unknown[i].objects,
                 unknown_text(table_.unknown[i]));
    render_rest(table_.unknown.size() - unknown, "of unknown type");
  }

 private:
  // What is hardly more than themselves goes without saying.
  static std::string type_text(const findings::TypeRow& row) {
    bool holds_more = row.retained_bytes - row.bytes > row.bytes / 2;
    return row.retained_bytes > row.bytes && holds_more
               ? fmt::format("{}, retain {}", row.type, human_bytes(row.retained_bytes))
               : row.type;
  }

  // Of few only those that are worth a line.
  template <typename Row>
  std::size_t shown(const std::vector<Row>& rows, std::size_t most) const {
    if (style_.all) return rows.size();
    std::size_t count = std::min(rows.size(), most);
    while (!many_ && count > 0 && rows[count - 1].bytes < table_.total_bytes / kLeastShare) --count;
    return count;
  }

  void render_row(std::uint64_t bytes, std::uint64_t objects, const std::string& what) {
    out_.write(fmt::format("{:>10}  {:>7}  {:>11}  {}\n", human_bytes(bytes),
                           share_text(bytes, table_.total_bytes), human_count(objects),
                           wrap_text(escape_controls(what), kIndent, style_.columns)));
  }

  void render_rest(std::size_t count, std::string_view what) {
    if (count == 0) return;
    std::string text = fmt::format("{} more {}{}: {}", human_count(count), what,
                                   what == "type" && count != 1 ? "s" : "",
                                   many_ ? "--all shows them" : "--types shows more");
    out_.write(std::string(kIndent, ' ') + style_.palette.faint(text) + "\n");
  }

  Output& out_;
  const findings::TypeTable& table_;
  bool many_;
  const TextStyle& style_;
};

}  // namespace

std::string unknown_text(const findings::UnknownObjects& unknown) {
  std::string text = unknown.slot_bytes == 0
                         ? std::string("unknown, large")
                         : fmt::format("unknown, {}", human_bytes(unknown.slot_bytes));
  text += unknown.has_pointers ? "" : ", no pointers";
  return unknown.held_by.empty() ? text : text + ", held by " + unknown.held_by;
}

std::string type_table_title(const findings::TypeTable& table) {
  return fmt::format("Types of the {} in use; of {} the type is not known",
                     human_bytes(table.total_bytes),
                     share_text(table.unknown_bytes, table.total_bytes));
}

void render_type_table(Output& out, const findings::TypeTable& table, bool many,
                       const TextStyle& style) {
  TypeTableText(out, table, many, style).render();
}

}  // namespace goshawk::report
