// Debug information has a unit for each package; a variable's type leads to its descriptor by what
// Go's linker writes beside it, which is believed only where that has the same name.
#include "goruntime/typing/global_variables.h"

#include <utility>

namespace goshawk::goruntime {
namespace {

std::string without_packages(std::string_view type) {
  std::string bare;
  std::size_t word = 0;  // where the last one begins in `bare`
  for (char letter : type) {
    bool ends_word = std::string_view(" *[](){},;").find(letter) != std::string_view::npos;
    if (letter == '.' || letter == '/')
      bare.resize(word);
    else
      bare += letter;
    if (ends_word) word = bare.size();
  }
  return bare;
}

// Debug information spells packages out, of unexported fields too, descriptors do not:
// "map[string]*a/b/c.T" and "map[string]*c.T".
bool is_same_type(std::string_view spelled_out, std::string_view described) {
  return !described.empty() && without_packages(spelled_out) == without_packages(described);
}

// ".shards[3].buf" is ".shards[...].buf" where it is about all of them.
std::string without_indices(std::string_view path) {
  std::string text;
  for (std::size_t at = 0; at < path.size(); ++at) {
    text += path[at];
    if (path[at] != '[') continue;
    text += "...";
    at = path.find(']', at) - 1;
  }
  return text;
}

}  // namespace

std::optional<GlobalVariables::Variable> GlobalVariables::find(Address address) const {
  const binary::ElfFile* elf = program_.debug.for_symbols();
  auto module = elf != nullptr ? elf->find_symbol("runtime.firstmoduledata") : std::nullopt;
  if (!module) return std::nullopt;
  std::uint64_t bias = program_.modules.all.front().address - module->address;
  auto symbol = elf->find_symbol_at(address - bias);
  if (!symbol) return std::nullopt;
  return Variable{symbol->name, address - (symbol->symbol.address + bias),
                  symbol->symbol.size_bytes};
}

// Most variables have a descriptor, and are asked for again and again.
std::optional<GlobalVariables::Part> GlobalVariables::find_part(const Variable& variable) {
  if (auto known = whole_.find(variable.name); known != whole_.end())
    return Part{.path = "", .type = known->second, .element = {}, .offset = variable.offset};
  auto part = read_part(variable);
  if (part && !part->type.is_null() && part->path.empty())
    whole_.emplace(variable.name, part->type);
  return part;
}

std::optional<GlobalVariables::Part> GlobalVariables::read_part(const Variable& variable) {
  std::string_view name = variable.name;
  std::size_t slash = name.rfind('/');
  std::size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  if (dot == std::string_view::npos) return std::nullopt;
  const binary::ElfFile* elf = program_.debug.for_layout();
  if (elf == nullptr) return std::nullopt;
  auto [package, is_new] = packages_.try_emplace(std::string(name.substr(0, dot)));
  if (is_new)
    if (auto opened = binary::DwarfTypes::open(*elf, package->first))
      package->second.emplace(std::move(*opened));
  auto found = package->second ? package->second->find_place_in_variable(name, variable.offset)
                               : std::nullopt;
  if (!found) return std::nullopt;
  Address type = program_.modules.all.front().types.start + found->type.offset;
  if (!is_same_type(found->type.name, types_.name(type))) return std::nullopt;
  using Leads = binary::DwarfTypes::PlaceInVariable::Leads;
  Part part{.path = std::move(found->path),
            .type = type,
            .element = {},
            .is_slice = found->leads == Leads::kSlice,
            .offset = found->offset};
  if (found->leads != Leads::kItself) part.element = std::exchange(part.type, Address());
  return part;
}

PlaceInType GlobalVariables::find_place(const Variable& variable) {
  auto part = find_part(variable);
  if (!part) return {};
  if (part->type.is_null())
    return {.path = without_indices(part->path),
            .type = {},
            .kind = part->is_slice ? TypeKind::kSlice : TypeKind::kPointer,
            .offset = part->offset,
            .element = part->element};
  PlaceInType place = goruntime::find_place(types_, part->type, part->offset);
  place.path = without_indices(part->path) + place.path;
  return place;
}

}  // namespace goshawk::goruntime
