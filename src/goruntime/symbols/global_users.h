// Which functions use a global variable that no symbol names: in a stripped program that is all
// there is to tell what it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "binary/address_mentions.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/modules.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class GlobalUsers {
 public:
  // All must outlive it. Reads the program's code when it is asked for the first time.
  GlobalUsers(const target::Memory& memory, const Modules& modules, const Functions& functions)
      : memory_(memory), modules_(modules), functions_(functions) {}

  // "used by main.fill and others", of a word of the main module's data; where no code mentions
  // that very word "near what main.fill uses", of the nearest one before it. "" when there is none.
  std::string describe(Address word);

 private:
  struct Users {
    std::string_view function;
    bool has_others = false;
  };

  void read_code();
  void read_section(const TextSection& section, AddressRange data);
  std::optional<Users> users_of(Address word);
  std::optional<Users> users_before(Address word);
  const std::vector<Address>& references_of(FunctionId function);
  FunctionId function_of(const binary::AddressMention& mention) const;

  const target::Memory& memory_;
  const Modules& modules_;
  const Functions& functions_;
  bool was_read_ = false;
  AddressRange data_;
  std::vector<binary::AddressMention> mentions_;  // by target
  std::map<FunctionId, std::vector<Address>> references_;
};

}  // namespace goshawk::goruntime
