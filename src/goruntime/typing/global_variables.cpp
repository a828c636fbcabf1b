// Debug information has a unit for each package; a variable's type leads to its descriptor by what
// Go's linker writes beside it, which is believed only where that has the same name.
#include "goruntime/typing/global_variables.h"

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

}  // namespace

std::optional<GlobalVariables::Variable> GlobalVariables::find(Address address) const {
  const binary::ElfFile* elf = program_.debug.for_symbols();
  auto module = elf != nullptr ? elf->find_symbol("runtime.firstmoduledata") : std::nullopt;
  if (!module) return std::nullopt;
  std::uint64_t bias = program_.modules.all.front().address - module->address;
  auto symbol = elf->find_symbol_at(address - bias);
  if (!symbol) return std::nullopt;
  return Variable{symbol->name, address - (symbol->symbol.address + bias)};
}

Address GlobalVariables::type_of(const std::string& name) {
  auto [entry, is_new] = known_.try_emplace(name);
  if (is_new) entry->second = read_type(name);
  return entry->second;
}

Address GlobalVariables::read_type(std::string_view name) {
  std::size_t slash = name.rfind('/');
  std::size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  if (dot == std::string_view::npos) return {};
  const binary::ElfFile* elf = program_.debug.for_layout();
  if (elf == nullptr) return {};
  auto [package, is_new] = packages_.try_emplace(std::string(name.substr(0, dot)));
  if (is_new)
    if (auto opened = binary::DwarfTypes::open(*elf, package->first))
      package->second.emplace(std::move(*opened));
  auto found = package->second ? package->second->find_variable_type(name) : std::nullopt;
  if (!found) return {};
  Address type = program_.modules.all.front().types.start + found->offset;
  return is_same_type(found->name, types_.name(type)) ? type : Address();
}

}  // namespace goshawk::goruntime
