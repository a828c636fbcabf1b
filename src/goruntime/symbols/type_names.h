// The name of a runtime type (abi.Type), as the program's author would write it.
// Follows internal/abi/type.go (Name), runtime/type.go (toRType.string).
#pragma once

#include <string>
#include <unordered_map>

#include "base/address.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/modules.h"

namespace goshawk::goruntime {

class TypeNames {
 public:
  TypeNames(PageCache& cache, const Modules& modules) : cache_(cache), modules_(modules) {}

  // "" when the address is not a type of any module, or its name cannot be read.
  const std::string& name(Address type);
  bool is_channel(Address type);

 private:
  std::string read_name(Address type);

  PageCache& cache_;
  const Modules& modules_;
  std::unordered_map<Address, std::string> names_;
};

}  // namespace goshawk::goruntime
