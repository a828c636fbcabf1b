// Layouts of stripped binaries: the generated table of facts/generated, made from the debug
// information of real toolchains (tools/runtime_layouts). One column of it answers for one build:
// release, patch level, architecture, and those experiments that move fields.
//
// Inside a release the runtime's structures hardly ever change, but they do (m.alllink moved in
// 1.23.12 and 1.24.6): the column taken is the first that is not older than the binary, else the
// newest of its release. The caller checks what it reads against the target.
#include "goruntime/layout/table_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
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
    "nounified",
    "rangefunc",
    "runtimefreegc",
    "runtimesecret",
    "simd",
    "synctest",
};

constexpr int kDeepestEmbedding = 3;

bool has_column(std::uint64_t columns, std::size_t column) { return (columns >> column & 1) != 0; }

const LayoutTypeRow* find_type(std::string_view name) {
  // Nameless rows stand behind all others.
  const auto* end = std::find_if(std::begin(kLayoutTypes), std::end(kLayoutTypes),
                                 [](const LayoutTypeRow& row) { return row.name.empty(); });
  auto found = std::ranges::equal_range(std::span(std::begin(kLayoutTypes), end), name, {},
                                        &LayoutTypeRow::name);
  return found.empty() ? nullptr : &found.front();
}

auto find_constants(std::string_view name) {
  auto rows = std::ranges::equal_range(kLayoutConstants, name, {}, &LayoutConstantRow::name);
  if (!rows.empty()) return rows;
  return std::ranges::equal_range(kLayoutConstants, "runtime." + std::string(name), {},
                                  &LayoutConstantRow::name);
}

bool is_embedded(const LayoutFieldRow& row) {
  if (row.type < 0) return false;
  std::string_view type = kLayoutTypes[row.type].name;
  return !type.empty() && type.substr(type.rfind('.') + 1) == row.name;
}

struct Step {
  const LayoutFieldRow* row;
  std::uint32_t offset;
};

// A field by its name, or as Go promotes it: from an embedded structure, which is a field named
// as its type.
std::optional<Step> find_step(const LayoutTypeRow& type, std::string_view name, std::size_t column,
                              int depth) {
  auto rows = std::span(kLayoutFields).subspan(type.first_field, type.end_field - type.first_field);
  for (const LayoutFieldRow& row : rows)
    if (has_column(row.columns, column) && row.name == name) return Step{&row, row.offset};
  if (depth == 0) return std::nullopt;
  for (const LayoutFieldRow& row : rows) {
    if (!has_column(row.columns, column) || !is_embedded(row)) continue;
    if (auto inner = find_step(kLayoutTypes[row.type], name, column, depth - 1))
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

}  // namespace

std::optional<std::uint64_t> TableLayout::size_of(std::string_view type) const {
  const LayoutTypeRow* row = find_type(type);
  if (row == nullptr) return std::nullopt;
  for (std::uint32_t i = row->first_size; i < row->end_size; ++i)
    if (has_column(kLayoutSizes[i].columns, column_)) return kLayoutSizes[i].size_bytes;
  return std::nullopt;
}

std::optional<Field> TableLayout::field(std::string_view type, std::string_view path) const {
  const LayoutTypeRow* in = find_type(type);
  Field whole;
  while (in != nullptr) {
    std::string_view name = path.substr(0, path.find('.'));
    auto step = find_step(*in, name, column_, kDeepestEmbedding);
    if (!step) return std::nullopt;
    whole = {whole.offset + step->offset, step->row->size_bytes};
    if (name.size() == path.size()) return whole;
    path.remove_prefix(name.size() + 1);
    in = step->row->type < 0 ? nullptr : &kLayoutTypes[step->row->type];
  }
  return std::nullopt;
}

std::optional<std::int64_t> TableLayout::constant(std::string_view name) const {
  for (const LayoutConstantRow& row : find_constants(name))
    if (has_column(row.columns, column_)) return row.value;
  return std::nullopt;
}

std::string TableLayout::origin() const {
  const LayoutColumn& column = kLayoutColumns[column_];
  return fmt::format("table go1.{}.{} {}{}{}", column.minor, column.patch, column.arch,
                     column.experiments.empty() ? "" : " X:", column.experiments);
}

bool TableLayout::tracks_type(std::string_view type) { return find_type(type) != nullptr; }

bool TableLayout::tracks_constant(std::string_view name) { return !find_constants(name).empty(); }

bool TableLayout::is_in_every_program(std::string_view type) {
  const LayoutTypeRow* row = find_type(type);
  return row != nullptr && row->in_every_program;
}

Result<std::unique_ptr<LayoutSource>> table_layout(const GoVersion& version,
                                                   std::string_view arch) {
  return std::unique_ptr<LayoutSource>(TRY(TableLayout::find(version, arch)));
}

Result<std::unique_ptr<TableLayout>> TableLayout::find(const GoVersion& version,
                                                       std::string_view arch) {
  if (version.development) return fail(not_in_table(version, arch));
  std::string experiments = TRY(moving_experiments(version));
  const LayoutColumn* best = nullptr;
  for (const LayoutColumn& column : kLayoutColumns) {
    if (column.minor != version.minor || column.arch != arch || column.experiments != experiments)
      continue;
    // Columns of a release stand in the order of their patch levels.
    best = &column;
    if (column.patch >= version.patch) break;
  }
  if (best == nullptr) return fail(not_in_table(version, arch));
  return std::unique_ptr<TableLayout>(new TableLayout(best - kLayoutColumns));
}

}  // namespace goshawk::goruntime
