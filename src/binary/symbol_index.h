// A file's symbols of data, by address: for who asks for many.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "binary/elf_file.h"

namespace goshawk::binary {

class SymbolIndex {
 public:
  // Those with a size, of .symtab, or where there is none of .dynsym. `elf` must outlive it.
  explicit SymbolIndex(const ElfFile& elf);

  struct Found {
    std::string_view name;
    Symbol symbol;
  };
  // The one that this link-time address lies in.
  std::optional<Found> find(Address address) const;

 private:
  void read(const ElfFile& elf, const Section& table);

  std::vector<Found> symbols_;  // by address
};

}  // namespace goshawk::binary
