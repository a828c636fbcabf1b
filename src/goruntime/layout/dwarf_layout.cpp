// The linker describes the types of all packages in the unit of package runtime, so one unit
// answers for structures; constants stand in the unit of their own package, and those units are
// opened when they are first asked for. Types that the program does not use are not described at
// all. What dwz moved to another file is not followed: such debug information counts as none, as
// the names of some members are there. Follows cmd/link/internal/ld/dwarf.go.
#include "goruntime/layout/dwarf_layout.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <string>

#include "binary/debug_link.h"
#include "binary/dwarf_types.h"

namespace goshawk::goruntime {
namespace {

using binary::DwarfTypes;

constexpr int kDeepestEmbedding = 3;
constexpr int kMostSteps = 8;

class DwarfLayout final : public LayoutSource {
 public:
  DwarfLayout(const binary::ElfFile& elf, DwarfTypes runtime)
      : elf_(elf), runtime_(std::move(runtime)) {}

  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    return runtime_.find_size(type);
  }

  std::optional<Field> field(std::string_view type, std::string_view path) const override {
    std::string in(type);
    std::uint64_t offset = 0;
    for (int step = 0; step < kMostSteps; ++step) {
      std::string_view name = path.substr(0, path.find('.'));
      auto member = find_member(in, name, kDeepestEmbedding);
      if (!member) return std::nullopt;
      offset += member->offset;
      if (name.size() == path.size()) return narrow(offset, member->size_bytes);
      path.remove_prefix(name.size() + 1);
      in = element_type(member->type);
    }
    return std::nullopt;
  }

  std::optional<std::int64_t> constant(std::string_view name) const override {
    std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || name.substr(0, dot) == "runtime")
      return runtime_.find_constant(name);
    const std::optional<DwarfTypes>& package = unit_of(std::string(name.substr(0, dot)));
    return package ? package->find_constant(name) : std::nullopt;
  }

  std::string origin() const override {
    return elf_.is_debug_file() ? "DWARF of " + elf_.name() : "DWARF";
  }

 private:
  // As Go promotes it: a field of the structure itself, else of one that it embeds.
  std::optional<DwarfTypes::Member> find_member(const std::string& type, std::string_view name,
                                                int depth) const {
    auto structure = runtime_.find_struct(type);
    if (!structure) return std::nullopt;
    for (DwarfTypes::Member& member : structure->members)
      if (member.name == name) return std::move(member);
    if (depth == 0) return std::nullopt;
    for (const DwarfTypes::Member& member : structure->members) {
      if (member.type.substr(member.type.rfind('.') + 1) != member.name) continue;
      auto inner = find_member(member.type, name, depth - 1);
      if (!inner) continue;
      inner->offset += member.offset;
      return inner;
    }
    return std::nullopt;
  }

  // "[136]struct {...}" leads to its first element.
  static std::string element_type(const std::string& type) {
    if (!type.starts_with('[') || type.starts_with("[]")) return type;
    return type.substr(std::min(type.size(), type.find(']') + 1));
  }

  static std::optional<Field> narrow(std::uint64_t offset, std::uint64_t size_bytes) {
    if (offset > 0xffffffff || size_bytes > 0xffffffff) return std::nullopt;
    return Field{static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(size_bytes)};
  }

  const std::optional<DwarfTypes>& unit_of(const std::string& package) const {
    std::lock_guard lock(mutex_);
    auto [found, is_new] = packages_.try_emplace(package);
    if (is_new)
      if (auto types = DwarfTypes::open(elf_, package)) found->second.emplace(std::move(*types));
    return found->second;
  }

  const binary::ElfFile& elf_;
  DwarfTypes runtime_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::optional<DwarfTypes>> packages_;
};

}  // namespace

Result<std::unique_ptr<LayoutSource>> dwarf_layout(const binary::ElfFile& elf) {
  if (std::string other = binary::find_debug_alt_link(elf); !other.empty())
    return fail(Missing{
        fmt::format("parts of the debug information of {} are in {} (by dwz)", elf.name(), other),
        "goshawk does not follow that"});
  DwarfTypes runtime = TRY(DwarfTypes::open(elf, "runtime"));
  if (!runtime.find_size("runtime.g"))
    return fail(
        Missing{"runtime.g in the debug information of " + elf.name(), "reading structures by it"});
  return std::make_unique<DwarfLayout>(elf, std::move(runtime));
}

}  // namespace goshawk::goruntime
