// The binary's own debug information is right by construction, whatever was done to its runtime, so
// it is asked for every structure that the runtime cannot be without. The others are described only
// where the program uses them, and to learn that one is not described takes a walk over the types
// of all packages (half a second in a program of 300 MB): for them, for the constants of other
// packages, and for names that only other releases have, the table of the release answers.
//
// A stripped binary still describes the types that reflection could meet; those are as sure. What
// is left is in tables only: mheap, sched, the semaphore table, arenas, the records of specials.
// A structure of the table that holds one of another size in this program is not there: its fields
// have moved. Whoever reads by the rest checks it on the target.
//
// History
//   1.19-1.24  DWARF 4            -ldflags=-w leaves it out, -s leaves out the symbol table as well
//   1.25       DWARF 5 (default)  cmd/link, GOEXPERIMENT=dwarf5
#include "goruntime/facts/layout_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "goruntime/layout/descriptor_layout.h"
#include "goruntime/layout/dwarf_layout.h"

namespace goshawk::goruntime {
namespace {

class CombinedLayout final : public LayoutSource {
 public:
  CombinedLayout(std::unique_ptr<LayoutSource> own, std::unique_ptr<TableLayout> table)
      : own_(std::move(own)), table_(std::move(table)) {}

  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    return source_of(type).size_of(type);
  }
  std::optional<Field> field(std::string_view type, std::string_view name) const override {
    return source_of(type).field(type, name);
  }
  std::optional<std::int64_t> constant(std::string_view name) const override {
    bool of_runtime = name.find('.') == std::string_view::npos || name.starts_with("runtime.");
    bool asks_table =
        TableLayout::tracks_constant(name) && (!of_runtime || !table_->constant(name));
    if (asks_table) return table_->constant(name);
    auto value = own_->constant(name);
    return value ? value : table_->constant(name);
  }
  std::string origin() const override { return own_->origin() + ", then " + table_->origin(); }
  std::string origin_of(std::string_view type) const override { return source_of(type).origin(); }

 private:
  const LayoutSource& source_of(std::string_view type) const {
    if (!TableLayout::tracks_type(type)) return *own_;
    bool described =
        table_->is_in_every_program(type) && table_->size_of(type) && own_->size_of(type);
    return described ? *own_ : static_cast<const LayoutSource&>(*table_);
  }

  std::unique_ptr<LayoutSource> own_;
  std::unique_ptr<TableLayout> table_;
};

class CompletedLayout final : public LayoutSource {
 public:
  CompletedLayout(std::unique_ptr<LayoutSource> own, std::unique_ptr<TableLayout> table)
      : own_(std::move(own)), table_(std::move(table)) {}

  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    const LayoutSource* source = find_source(type);
    return source == nullptr ? std::nullopt : source->size_of(type);
  }
  std::optional<Field> field(std::string_view type, std::string_view name) const override {
    const LayoutSource* source = find_source(type);
    return source == nullptr ? std::nullopt : source->field(type, name);
  }
  std::optional<std::int64_t> constant(std::string_view name) const override {
    auto own = own_->constant(name);
    return own ? own : table_->constant(name);
  }
  std::string origin() const override { return own_->origin() + ", then " + table_->origin(); }
  std::string origin_of(std::string_view type) const override {
    const LayoutSource* source = find_source(type);
    return source == nullptr ? "" : source->origin();
  }

 private:
  const LayoutSource* find_source(std::string_view type) const {
    if (own_->size_of(type)) return own_.get();
    return fits_program(type, kDeepest) ? table_.get() : nullptr;
  }

  bool fits_program(std::string_view type, int depth) const {
    if (depth == 0) return false;
    return std::ranges::all_of(table_->inner_types(type), [&](std::string_view inner) {
      if (auto own = own_->size_of(inner)) return own == table_->size_of(inner);
      return fits_program(inner, depth - 1);
    });
  }

  static constexpr int kDeepest = 8;
  std::unique_ptr<LayoutSource> own_;
  std::unique_ptr<TableLayout> table_;
};

// What the program says of itself: nullptr when it says nothing.
struct OwnLayout {
  std::unique_ptr<LayoutSource> source;
  bool complete = false;  // debug information
};

OwnLayout find_own_layout(const LayoutClues& clues) {
  if (clues.elf != nullptr)
    if (auto dwarf = dwarf_layout(*clues.elf)) return {std::move(*dwarf), true};
  if (clues.memory != nullptr)
    if (auto descriptors = descriptor_layout(*clues.memory, clues.types))
      return {std::move(*descriptors), false};
  return {};
}

std::string remark_on_release(const GoVersion& version, const std::string& origin) {
  bool newer = version.minor == 0 || version.minor > TableLayout::newest_minor();
  return fmt::format("{} is {}: it was read by {}, and every check passed", version.text,
                     newer ? "newer than what this goshawk knows" : "between two releases", origin);
}

std::string remark_on_runtime(const GoVersion& version, const TableLayout& table,
                              const LayoutSource& own) {
  auto different = table.compare(own).different;
  if (different.empty()) return {};
  return fmt::format(
      "the runtime of this program is not that of {} ({} differs): it was read by its {}, and "
      "every check passed",
      version.text, fmt::join(different, ", "), own.origin());
}

// A table that was not made for this release: with debug information, less is asked of it.
LayoutChoice complete_by_nearest(const GoVersion& version, OwnLayout own,
                                 std::unique_ptr<TableLayout> nearest) {
  LayoutChoice choice;
  choice.source = own.source == nullptr
                      ? std::move(nearest)
                      : completed_layout(std::move(own.source), std::move(nearest));
  choice.remark = remark_on_release(version, choice.source->origin());
  return choice;
}

}  // namespace

std::unique_ptr<LayoutSource> combined_layout(std::unique_ptr<LayoutSource> own,
                                              std::unique_ptr<TableLayout> table) {
  return std::make_unique<CombinedLayout>(std::move(own), std::move(table));
}

std::unique_ptr<LayoutSource> completed_layout(std::unique_ptr<LayoutSource> own,
                                               std::unique_ptr<TableLayout> table) {
  return std::make_unique<CompletedLayout>(std::move(own), std::move(table));
}

Result<LayoutChoice> choose_layout(const LayoutClues& clues) {
  OwnLayout own = find_own_layout(clues);
  auto table = TableLayout::find(clues.version, clues.arch);
  if (!table) {
    auto nearest = TableLayout::find_nearest(clues.version, clues.arch);
    if (nearest) return complete_by_nearest(clues.version, std::move(own), std::move(*nearest));
    if (!own.complete) return fail(std::move(table.error()));
    std::string remark = remark_on_release(clues.version, own.source->origin());
    return LayoutChoice{std::move(own.source), std::move(remark)};
  }
  if (own.source == nullptr) return LayoutChoice{std::move(*table), {}};
  if (own.complete)
    return LayoutChoice{combined_layout(std::move(own.source), std::move(*table)), {}};
  std::string remark = remark_on_runtime(clues.version, **table, *own.source);
  return LayoutChoice{completed_layout(std::move(own.source), std::move(*table)),
                      std::move(remark)};
}

}  // namespace goshawk::goruntime
