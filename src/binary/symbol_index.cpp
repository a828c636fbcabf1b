// One pass over the table, and a sorted copy of what it says. Of symbols that lie in each other the
// one that begins last is found; Go's linker writes none such.
#include "binary/symbol_index.h"

#include <elf.h>

#include <algorithm>

namespace goshawk::binary {
namespace {

constexpr std::size_t kMostNameBytes = 4096;
constexpr std::size_t kMostSymbols = 1 << 24;

}  // namespace

SymbolIndex::SymbolIndex(const ElfFile& elf) {
  for (std::uint32_t type : {SHT_SYMTAB, SHT_DYNSYM}) {
    for (const Section& section : elf.sections())
      if (section.type == type) read(elf, section);
    if (!symbols_.empty()) break;
  }
  std::ranges::sort(symbols_, {}, [](const Found& one) { return one.symbol.address; });
}

void SymbolIndex::read(const ElfFile& elf, const Section& table) {
  if (table.link >= elf.sections().size()) return;
  ByteView symbols = elf.section_bytes(table);
  ByteView strings = elf.section_bytes(elf.sections()[table.link]);
  for (std::uint64_t at = 0; fits(symbols, at, sizeof(Elf64_Sym)) && symbols_.size() < kMostSymbols;
       at += sizeof(Elf64_Sym)) {
    auto symbol = load_unchecked<Elf64_Sym>(symbols.data() + at);
    bool is_data = ELF64_ST_TYPE(symbol.st_info) != STT_FUNC && symbol.st_shndx != SHN_UNDEF;
    if (!is_data || symbol.st_size == 0 || symbol.st_name >= strings.size()) continue;
    std::string_view text = as_text(slice(strings, symbol.st_name, kMostNameBytes));
    symbols_.push_back(
        {text.substr(0, text.find('\0')), {Address(symbol.st_value), symbol.st_size}});
  }
}

std::optional<SymbolIndex::Found> SymbolIndex::find(Address address) const {
  auto after = std::ranges::upper_bound(symbols_, address, {},
                                        [](const Found& one) { return one.symbol.address; });
  if (after == symbols_.begin()) return std::nullopt;
  const Found& found = *std::prev(after);
  if (address - found.symbol.address >= found.symbol.size_bytes) return std::nullopt;
  return found;
}

}  // namespace goshawk::binary
