// A type leads to its descriptor by what Go's linker writes beside it, which is believed only where
// that has the same name. A generic function's types stand for several (go.shape): they are none.
#include "goruntime/typing/debug_types.h"

#include <utility>

namespace goshawk::goruntime {
namespace {

// Of each word what is behind the last of these.
std::string without_leading_parts(std::string_view type, std::string_view separators) {
  std::string bare;
  std::size_t word = 0;  // where the last one begins in `bare`
  for (char letter : type) {
    bool ends_word = std::string_view(" *[](){},;").find(letter) != std::string_view::npos;
    if (separators.find(letter) != std::string_view::npos)
      bare.resize(word);
    else
      bare += letter;
    if (ends_word) word = bare.size();
  }
  return bare;
}

std::string without_packages(std::string_view type) { return without_leading_parts(type, "./"); }

// Debug information spells packages out, of unexported fields too, descriptors do not:
// "map[string]*a/b/c.T" and "map[string]*c.T".
bool is_same_type(std::string_view spelled_out, std::string_view described) {
  return !described.empty() && without_packages(spelled_out) == without_packages(described);
}

}  // namespace

std::string DebugTypes::without_folders(std::string_view type) {
  return without_leading_parts(type, "/");
}

std::string DebugTypes::without_indices(std::string_view path) {
  std::string text;
  for (std::size_t at = 0; at < path.size(); ++at) {
    text += path[at];
    if (path[at] != '[') continue;
    text += "...";
    at = path.find(']', at) - 1;
  }
  return text;
}

const std::shared_ptr<binary::DwarfEntries>& DebugTypes::entries() {
  const binary::ElfFile* elf = program_.debug.for_layout();
  if (!std::exchange(entries_asked_, true) && elf != nullptr)
    if (auto opened = binary::DwarfEntries::open(*elf))
      entries_ = std::make_shared<binary::DwarfEntries>(std::move(*opened));
  return entries_;
}

const binary::DwarfTypes* DebugTypes::of_package(std::string_view package) {
  auto known = packages_.find(package);
  if (known == packages_.end()) {
    known = packages_.try_emplace(std::string(package)).first;
    if (entries() != nullptr)
      if (auto opened =
              binary::DwarfTypes::open(entries_, *program_.debug.for_layout(), known->first))
        known->second.emplace(std::move(*opened));
  }
  return known->second ? &*known->second : nullptr;
}

binary::DwarfFunctions* DebugTypes::functions() {
  if (!functions_ && entries() != nullptr) functions_.emplace(entries_);
  return functions_ ? &*functions_ : nullptr;
}

const binary::SymbolIndex* DebugTypes::symbols() {
  if (!symbols_ && program_.debug.for_symbols() != nullptr)
    symbols_.emplace(*program_.debug.for_symbols());
  return symbols_ ? &*symbols_ : nullptr;
}

std::optional<std::uint64_t> DebugTypes::bias() {
  const binary::ElfFile* elf = program_.debug.for_symbols();
  if (!std::exchange(bias_asked_, true) && elf != nullptr)
    if (auto module = elf->find_symbol("runtime.firstmoduledata"))
      bias_ = program_.modules.all.front().address - module->address;
  return bias_;
}

std::optional<DebugTypes::Part> DebugTypes::part(
    const binary::DwarfTypes::PlaceInVariable& found) const {
  Address type = program_.modules.all.front().types.start + found.type.offset;
  const std::string& name = types_.name(type);
  if (!is_same_type(found.type.name, name) || name.find("go.shape.") != std::string::npos)
    return std::nullopt;
  using Leads = binary::DwarfTypes::PlaceInVariable::Leads;
  Part part{.path = found.path,
            .type = type,
            .element = {},
            .is_slice = found.leads == Leads::kSlice,
            .offset = found.offset};
  if (found.leads != Leads::kItself) part.element = std::exchange(part.type, Address());
  return part;
}

PlaceInType DebugTypes::place(const std::optional<Part>& part) {
  if (!part) return {};
  if (part->type.is_null())
    return {.path = without_indices(part->path),
            .type = {},
            .kind = part->is_slice ? TypeKind::kSlice : TypeKind::kPointer,
            .offset = part->offset,
            .element = part->element};
  PlaceInType place = find_place(types_, part->type, part->offset);
  place.path = without_indices(part->path) + place.path;
  return place;
}

}  // namespace goshawk::goruntime
