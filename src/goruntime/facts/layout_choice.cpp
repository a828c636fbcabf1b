// The binary's own debug information is right by construction, whatever the release; the table is
// right for the builds that it was made from, and is calibrated against the target by its users.
// So the table is asked only for what the debug information does not have, and never for a field of
// a structure that the debug information describes: a field that is not in there does not exist.
//
// History
//   1.19-1.24  DWARF 4            -ldflags=-w leaves it out, -s leaves out the symbol table as well
//   1.25       DWARF 5 (default)  cmd/link, GOEXPERIMENT=dwarf5
// Types of the runtime are described only if something uses them (cmd/link, dead code elimination
// of types), so small programs lack runtime.timer, runtime.coro and others.
#include "goruntime/facts/layout_choice.h"

#include <string>
#include <utility>

#include "goruntime/dwarf_layout.h"

namespace goshawk::goruntime {
namespace {

class CombinedLayout final : public LayoutSource {
 public:
  CombinedLayout(std::unique_ptr<LayoutSource> first, std::unique_ptr<LayoutSource> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    auto size = first_->size_of(type);
    return size ? size : second_->size_of(type);
  }
  std::optional<Field> field(std::string_view type, std::string_view name) const override {
    return (first_->size_of(type) ? first_ : second_)->field(type, name);
  }
  std::optional<std::int64_t> constant(std::string_view name) const override {
    auto value = first_->constant(name);
    return value ? value : second_->constant(name);
  }
  std::string origin() const override { return first_->origin() + ", then " + second_->origin(); }

 private:
  std::unique_ptr<LayoutSource> first_, second_;
};

}  // namespace

std::unique_ptr<LayoutSource> combined_layout(std::unique_ptr<LayoutSource> first,
                                              std::unique_ptr<LayoutSource> second) {
  return std::make_unique<CombinedLayout>(std::move(first), std::move(second));
}

Result<std::unique_ptr<LayoutSource>> choose_layout(const binary::ElfFile* elf,
                                                    const GoVersion& version,
                                                    std::string_view arch) {
  auto table = table_layout(version, arch);
  if (elf == nullptr) return table;
  auto dwarf = dwarf_layout(*elf);
  if (!dwarf) return table;
  if (!table) return dwarf;
  return combined_layout(std::move(*dwarf), std::move(*table));
}

}  // namespace goshawk::goruntime
