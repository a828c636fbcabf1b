// Debug information has a unit for each package, by whose name it is found.
#include "goruntime/typing/global_variables.h"

namespace goshawk::goruntime {
std::optional<GlobalVariables::Variable> GlobalVariables::find(Address address) {
  const binary::SymbolIndex* symbols = debug_.symbols();
  auto bias = debug_.bias();
  auto found = symbols != nullptr && bias ? symbols->find(address - *bias) : std::nullopt;
  if (!found) return std::nullopt;
  return Variable{std::string(found->name), address - (found->symbol.address + *bias),
                  found->symbol.size_bytes};
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

const binary::DwarfTypes* GlobalVariables::package_of(const Variable& variable) {
  std::string_view name = variable.name;
  std::size_t slash = name.rfind('/');
  std::size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  return dot == std::string_view::npos ? nullptr : debug_.of_package(name.substr(0, dot));
}

std::optional<GlobalVariables::Part> GlobalVariables::read_part(const Variable& variable) {
  const binary::DwarfTypes* package = package_of(variable);
  auto found = package != nullptr ? package->find_place_in_variable(variable.name, variable.offset)
                                  : std::nullopt;
  return found ? debug_.part(*found) : std::nullopt;
}

std::optional<binary::DwarfTypes::Lead> GlobalVariables::find_lead(const Variable& variable) {
  const binary::DwarfTypes* package = package_of(variable);
  return package != nullptr ? package->find_lead_in_variable(variable.name, variable.offset)
                            : std::nullopt;
}

std::string GlobalVariables::type_name(const Variable& variable) {
  const binary::DwarfTypes* package = package_of(variable);
  auto name = package != nullptr ? package->find_type_of_variable(variable.name) : std::nullopt;
  return name ? DebugTypes::without_folders(*name) : std::string();
}

PlaceInType GlobalVariables::find_place(const Variable& variable) {
  return debug_.place(find_part(variable));
}

}  // namespace goshawk::goruntime
