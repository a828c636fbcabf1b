// Layouts by release: the generated tables of facts/generated, one a minor release, made from the
// debug information of real toolchains (tools/runtime_layouts). One column answers for one build:
// patch level, architecture, and those experiments that move fields.
//
// Inside a release the runtime's structures hardly ever change, but they do (m.alllink moved in
// 1.23.12 and 1.24.6): the column taken is the first that is not older than the binary, else the
// newest of its release. The caller checks what it reads against the target.
#include "goruntime/layout/table_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>
#include <utility>

#include "goruntime/facts/generated/runtime_layouts.h"

namespace goshawk::goruntime {
namespace {

using namespace generated;

// Experiments that leave the runtime's structures alone: tried with the table's generator (its
// --try-neutral), or of the compiler and the libraries only.
constexpr std::string_view kNeutralExperiments[] = {
    "aliastypeparams",
    "arenas",
    "boringcrypto",
    "cacheprog",
    "cgocheck2",
    "coverageredesign",
    "dwarf5",
    "fieldtrack",
    "goroutineleakprofile",
    "heapminimum512kib",
    "jsonv2",
    "loopvar",
    "mapsplitgroup",
    "newinliner",
    "noaliastypeparams",
    "nocoverageredesign",
    "nodwarf5",
    "nojsonv2",
    "noloopvar",
    "norandomizedheapbase64",
    "noregabiargs",
    "noregabiwrappers",
    "nosizespecializedmalloc",
    "nosynchashtriemap",
    "nounified",
    "preemptibleloops",
    "rangefunc",
    "runtimefreegc",
    "runtimesecret",
    "simd",
    "sizespecializedmalloc",
    "synctest",
};

constexpr int kDeepestEmbedding = 3;

bool has_column(std::uint64_t columns, std::size_t column) { return (columns >> column & 1) != 0; }

const LayoutTypeRow* find_type(const LayoutTable& table, std::string_view name) {
  // Nameless rows stand behind all others.
  auto end =
      std::ranges::find_if(table.types, [](const LayoutTypeRow& row) { return row.name.empty(); });
  auto found = std::ranges::equal_range(table.types.begin(), end, name, {}, &LayoutTypeRow::name);
  return found.empty() ? nullptr : &found.front();
}

auto find_constants(const LayoutTable& table, std::string_view name) {
  auto rows = std::ranges::equal_range(table.constants, name, {}, &LayoutConstantRow::name);
  if (!rows.empty()) return rows;
  return std::ranges::equal_range(table.constants, "runtime." + std::string(name), {},
                                  &LayoutConstantRow::name);
}

auto fields_of(const LayoutTable& table, const LayoutTypeRow& type) {
  return table.fields.subspan(type.first_field, type.end_field - type.first_field);
}

bool is_embedded(const LayoutTable& table, const LayoutFieldRow& row) {
  if (row.type < 0) return false;
  std::string_view type = table.types[row.type].name;
  return !type.empty() && type.substr(type.rfind('.') + 1) == row.name;
}

struct Step {
  const LayoutFieldRow* row;
  std::uint32_t offset;
};

// A field by its name, or as Go promotes it: from an embedded structure, which is a field named
// as its type.
std::optional<Step> find_step(const LayoutTable& table, const LayoutTypeRow& type,
                              std::string_view name, std::size_t column, int depth) {
  auto rows = fields_of(table, type);
  for (const LayoutFieldRow& row : rows)
    if (has_column(row.columns, column) && row.name == name) return Step{&row, row.offset};
  if (depth == 0) return std::nullopt;
  for (const LayoutFieldRow& row : rows) {
    if (!has_column(row.columns, column) || !is_embedded(table, row)) continue;
    if (auto inner = find_step(table, table.types[row.type], name, column, depth - 1))
      return Step{inner->row, row.offset + inner->offset};
  }
  return std::nullopt;
}

// The experiments of this build that matter, as the table spells them; Missing names one it does
// not know.
Result<std::string> moving_experiments(const GoVersion& version) {
  std::vector<std::string> moving;
  for (const std::string& name : version.experiments())
    if (std::ranges::find(kNeutralExperiments, name) == std::end(kNeutralExperiments))
      moving.push_back(name);
  std::ranges::sort(moving);
  return fmt::format("{}", fmt::join(moving, ","));
}

Error not_in_table(const GoVersion& version, std::string_view arch) {
  return Missing{fmt::format("the layout of {} ({}) in the built-in table", version.text, arch),
                 "reading this program without its debug information; build it without "
                 "-ldflags=-w, or use a newer goshawk"};
}

struct Place {
  const LayoutTable* table;
  std::size_t column;
};

// The first column of a release that is not older than the patch level, else its last: they stand
// in that order.
std::optional<Place> find_column(int minor, int patch, std::string_view arch,
                                 std::string_view experiments) {
  std::optional<Place> best;
  for (const LayoutTable& table : kLayoutTables) {
    if (table.minor != minor) continue;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const LayoutColumn& column = table.columns[i];
      if (column.arch != arch || column.experiments != experiments) continue;
      best = {&table, i};
      if (column.patch >= patch) break;
    }
  }
  return best;
}

}  // namespace

std::optional<std::uint64_t> TableLayout::size_of(std::string_view type) const {
  const LayoutTypeRow* row = find_type(table_, type);
  if (row == nullptr) return std::nullopt;
  for (std::uint32_t i = row->first_size; i < row->end_size; ++i)
    if (has_column(table_.sizes[i].columns, column_)) return table_.sizes[i].size_bytes;
  return std::nullopt;
}

std::optional<Field> TableLayout::field(std::string_view type, std::string_view path) const {
  const LayoutTypeRow* in = find_type(table_, type);
  Field whole;
  while (in != nullptr) {
    std::string_view name = path.substr(0, path.find('.'));
    auto step = find_step(table_, *in, name, column_, kDeepestEmbedding);
    if (!step) return std::nullopt;
    whole = {whole.offset + step->offset, step->row->size_bytes};
    if (name.size() == path.size()) return whole;
    path.remove_prefix(name.size() + 1);
    in = step->row->type < 0 ? nullptr : &table_.types[step->row->type];
  }
  return std::nullopt;
}

std::optional<std::int64_t> TableLayout::constant(std::string_view name) const {
  for (const LayoutConstantRow& row : find_constants(table_, name))
    if (has_column(row.columns, column_)) return row.value;
  return std::nullopt;
}

std::string TableLayout::origin() const {
  const LayoutColumn& column = table_.columns[column_];
  return fmt::format("{} go1.{}.{} {}{}{}", nearest_ ? "the nearest table," : "table", column.minor,
                     column.patch, column.arch,
                     column.experiments.empty() ? "" : " X:", column.experiments);
}

std::vector<std::string_view> TableLayout::inner_types(std::string_view type) const {
  std::vector<std::string_view> inner;
  std::vector<const LayoutTypeRow*> left;
  if (const LayoutTypeRow* row = find_type(table_, type)) left.push_back(row);
  while (!left.empty()) {
    const LayoutTypeRow* in = left.back();
    left.pop_back();
    for (const LayoutFieldRow& row : fields_of(table_, *in)) {
      if (row.type < 0 || !has_column(row.columns, column_)) continue;
      const LayoutTypeRow& found = table_.types[row.type];
      if (found.name.empty())
        left.push_back(&found);
      else
        inner.push_back(found.name);
    }
  }
  return inner;
}

bool TableLayout::has_same_fields(std::string_view type, const LayoutSource& other) const {
  return std::ranges::all_of(
      fields_of(table_, *find_type(table_, type)), [&](const LayoutFieldRow& field) {
        if (!has_column(field.columns, column_)) return true;
        auto theirs = other.field(type, field.name);
        return theirs && theirs->offset == field.offset && theirs->size_bytes == field.size_bytes;
      });
}

std::vector<std::string_view> TableLayout::find_differences(const LayoutSource& other) const {
  std::vector<std::string_view> different;
  for (const LayoutTypeRow& row : table_.types) {
    auto ours = row.name.empty() ? std::nullopt : size_of(row.name);
    auto theirs = ours ? other.size_of(row.name) : std::nullopt;
    if (theirs && (*ours != *theirs || !has_same_fields(row.name, other)))
      different.push_back(row.name);
  }
  return different;
}

TableLayout::Comparison TableLayout::compare(const LayoutSource& other) const {
  Comparison compared{.described = 0, .different = find_differences(other)};
  auto is_from_here = [&](std::string_view type) { return other.origin_of(type) == origin(); };
  std::erase_if(compared.different, is_from_here);
  for (const LayoutTypeRow& row : table_.types)
    if (!row.name.empty() && size_of(row.name) && !is_from_here(row.name) &&
        other.size_of(row.name))
      ++compared.described;
  return compared;
}

std::vector<std::string_view> TableLayout::find_contradictions(const LayoutSource& one,
                                                               const LayoutSource& other) const {
  auto same_field = [&](std::string_view type, std::string_view name) {
    auto field = one.field(type, name), its_other = other.field(type, name);
    return !field || !its_other ||
           (field->offset == its_other->offset && field->size_bytes == its_other->size_bytes);
  };
  std::vector<std::string_view> different;
  for (const LayoutTypeRow& row : table_.types) {
    auto size = row.name.empty() ? std::nullopt : one.size_of(row.name);
    auto its_other = size ? other.size_of(row.name) : std::nullopt;
    if (its_other &&
        (*size != *its_other ||
         !std::ranges::all_of(fields_of(table_, row), [&](const LayoutFieldRow& field) {
           return same_field(row.name, field.name);
         })))
      different.push_back(row.name);
  }
  return different;
}

bool TableLayout::tracks_type(std::string_view type) {
  return std::ranges::any_of(
      kLayoutTables, [&](const LayoutTable& table) { return find_type(table, type) != nullptr; });
}

bool TableLayout::tracks_constant(std::string_view name) {
  return std::ranges::any_of(kLayoutTables, [&](const LayoutTable& table) {
    return !find_constants(table, name).empty();
  });
}

bool TableLayout::is_in_every_program(std::string_view type) const {
  const LayoutTypeRow* row = find_type(table_, type);
  return row != nullptr && row->in_every_program;
}

Result<std::unique_ptr<LayoutSource>> table_layout(const GoVersion& version,
                                                   std::string_view arch) {
  return std::unique_ptr<LayoutSource>(TRY(TableLayout::find(version, arch)));
}

int TableLayout::newest_minor() { return std::prev(std::end(kLayoutTables))->minor; }

Result<std::unique_ptr<TableLayout>> TableLayout::find(const GoVersion& version,
                                                       std::string_view arch) {
  if (version.development) return fail(not_in_table(version, arch));
  auto place = find_column(version.minor, version.patch, arch, TRY(moving_experiments(version)));
  if (!place) return fail(not_in_table(version, arch));
  return std::unique_ptr<TableLayout>(new TableLayout(*place->table, place->column, false));
}

Result<std::unique_ptr<TableLayout>> TableLayout::find_nearest(const GoVersion& version,
                                                               std::string_view arch) {
  bool newer = version.minor == 0 || version.minor > newest_minor();
  int minor = newer ? newest_minor() : version.minor;
  int patch = newer ? std::numeric_limits<int>::max() : version.patch;
  auto place = find_column(minor, patch, arch, TRY(moving_experiments(version)));
  if (!place) return fail(not_in_table(version, arch));
  return std::unique_ptr<TableLayout>(new TableLayout(*place->table, place->column, true));
}

std::vector<std::unique_ptr<TableLayout>> TableLayout::find_builds(const LayoutSource& own,
                                                                   std::string_view arch) {
  std::vector<std::unique_ptr<TableLayout>> builds;
  for (const LayoutTable& table : kLayoutTables) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].arch != arch) continue;
      std::unique_ptr<TableLayout> build(new TableLayout(table, i, false));
      if (build->find_differences(own).empty()) builds.push_back(std::move(build));
    }
  }
  return builds;
}

GoVersion TableLayout::version() const {
  const LayoutColumn& column = table_.columns[column_];
  return {.minor = column.minor,
          .patch = column.patch,
          .text = fmt::format("go1.{}{}{}", column.minor,
                              column.experiments.empty() ? "" : " X:", column.experiments)};
}

}  // namespace goshawk::goruntime
