// The binary's own debug information is right by construction, whatever was done to its runtime, so
// it is asked for every structure that the runtime cannot be without. The others are described only
// where the program uses them, and to learn that one is not described takes a walk over the types
// of all packages (half a second in a program of 300 MB): for them, for the constants of other
// packages, and for names that only other releases have, the table of the release answers.
//
// History
//   1.19-1.24  DWARF 4            -ldflags=-w leaves it out, -s leaves out the symbol table as well
//   1.25       DWARF 5 (default)  cmd/link, GOEXPERIMENT=dwarf5
#include "goruntime/facts/layout_choice.h"

#include <string>
#include <utility>

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

 private:
  const LayoutSource& source_of(std::string_view type) const {
    if (!TableLayout::tracks_type(type)) return *own_;
    bool described =
        TableLayout::is_in_every_program(type) && table_->size_of(type) && own_->size_of(type);
    return described ? *own_ : static_cast<const LayoutSource&>(*table_);
  }

  std::unique_ptr<LayoutSource> own_;
  std::unique_ptr<TableLayout> table_;
};

}  // namespace

std::unique_ptr<LayoutSource> combined_layout(std::unique_ptr<LayoutSource> own,
                                              std::unique_ptr<TableLayout> table) {
  return std::make_unique<CombinedLayout>(std::move(own), std::move(table));
}

Result<std::unique_ptr<LayoutSource>> choose_layout(const binary::ElfFile* elf,
                                                    const GoVersion& version,
                                                    std::string_view arch) {
  if (elf == nullptr) return table_layout(version, arch);
  auto own = dwarf_layout(*elf);
  if (!own) return table_layout(version, arch);
  auto table = TableLayout::find(version, arch);
  if (!table) return own;
  return combined_layout(std::move(*own), std::move(*table));
}

}  // namespace goshawk::goruntime
