// Symbols by name: one pass over the table, whatever number of names is asked for.
//
// Tables of large programs hold a million symbols. Most names are told apart by their length and
// first bytes, which are compared before anything is hashed; nothing is stored for later.
#include <elf.h>

#include <algorithm>
#include <string>
#include <unordered_map>

#include "binary/elf_file.h"

namespace goshawk::binary {
namespace {

constexpr std::size_t kMostNameBytes = 4096;

class Wanted {
 public:
  explicit Wanted(std::span<const std::string_view> names) : found_(names.size()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      indices_[names[i]].push_back(i);
      longest_ = std::max(longest_, names[i].size());
      if (!names[i].empty()) first_letters_[static_cast<unsigned char>(names[i][0])] = true;
    }
    missing_ = names.size();
  }

  bool complete() const { return missing_ == 0; }
  std::vector<std::optional<Symbol>> release() && { return std::move(found_); }

  // `name` starts in `strings`, and ends with the first zero.
  void offer(ByteView strings, std::uint32_t name, const Elf64_Sym& symbol) {
    if (name >= strings.size() || !first_letters_[std::to_integer<unsigned>(strings[name])]) return;
    std::string_view text = as_text(slice(strings, name, longest_ + 1));
    std::size_t end = text.find('\0');
    if (end == std::string_view::npos) return;
    auto found = indices_.find(text.substr(0, end));
    if (found == indices_.end()) return;
    for (std::size_t i : found->second) {
      if (found_[i]) continue;
      found_[i] = Symbol{Address(symbol.st_value), symbol.st_size};
      --missing_;
    }
  }

 private:
  std::unordered_map<std::string_view, std::vector<std::size_t>> indices_;
  std::size_t longest_ = 0, missing_ = 0;
  bool first_letters_[256] = {};
  std::vector<std::optional<Symbol>> found_;
};

void search_table(const ElfFile& elf, const Section& table, Wanted& wanted) {
  if (table.link >= elf.sections().size()) return;
  ByteView symbols = elf.section_bytes(table);
  ByteView strings = elf.section_bytes(elf.sections()[table.link]);
  for (std::uint64_t at = 0; fits(symbols, at, sizeof(Elf64_Sym)) && !wanted.complete();
       at += sizeof(Elf64_Sym)) {
    auto symbol = load_unchecked<Elf64_Sym>(symbols.data() + at);
    if (symbol.st_shndx != SHN_UNDEF) wanted.offer(strings, symbol.st_name, symbol);
  }
}

std::optional<NamedSymbol> search_table(const ElfFile& elf, const Section& table, Address address) {
  if (table.link >= elf.sections().size()) return std::nullopt;
  ByteView symbols = elf.section_bytes(table);
  ByteView strings = elf.section_bytes(elf.sections()[table.link]);
  for (std::uint64_t at = 0; fits(symbols, at, sizeof(Elf64_Sym)); at += sizeof(Elf64_Sym)) {
    auto symbol = load_unchecked<Elf64_Sym>(symbols.data() + at);
    if (symbol.st_shndx == SHN_UNDEF || address.value() < symbol.st_value ||
        address.value() - symbol.st_value >= symbol.st_size || symbol.st_name >= strings.size())
      continue;
    std::string_view text = as_text(strings.subspan(symbol.st_name));
    text = text.substr(0, std::min(text.find('\0'), kMostNameBytes));
    return NamedSymbol{std::string(text), {Address(symbol.st_value), symbol.st_size}};
  }
  return std::nullopt;
}

}  // namespace

std::optional<NamedSymbol> ElfFile::find_symbol_at(Address address) const {
  for (std::uint32_t type : {SHT_SYMTAB, SHT_DYNSYM})
    for (const Section& section : sections_)
      if (section.type == type)
        if (auto found = search_table(*this, section, address)) return found;
  return std::nullopt;
}

std::vector<std::optional<Symbol>> ElfFile::find_symbols(
    std::span<const std::string_view> names) const {
  Wanted wanted(names);
  for (std::uint32_t type : {SHT_SYMTAB, SHT_DYNSYM})
    for (const Section& section : sections_)
      if (section.type == type && !wanted.complete()) search_table(*this, section, wanted);
  return std::move(wanted).release();
}

std::optional<Symbol> ElfFile::find_symbol(std::string_view name) const {
  return find_symbols(std::span(&name, 1)).front();
}

}  // namespace goshawk::binary
