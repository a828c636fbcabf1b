// Lookups in one module's pclntab. Nothing is copied and nothing is read ahead: a lookup touches a
// few cache lines of the tables, however large they are.
//
// The functab is {entry offset, _func offset} in the order of the text, with a sentinel; a pc is
// found by halving it. (The runtime's findfunctab would save a few steps; every caller here
// remembers what it found.) Every offset that comes out of a table is checked against the table it
// leads into, so that broken tables give absent functions, "?" and -1, never a wild read.
//
// A _func says its entry once more. An obfuscator (garble) has that word changed, in a way that the
// program's own runtime undoes: xor (its name's offset times a key of the build). The functab stays
// plain, so the entry is always taken from there, and the key follows from any function whose name
// stands at an odd offset; it is believed when all functions agree.
// Follows runtime/symtab.go findfunc, funcname, funcfile, funcline1, pcdatavalue, funcdata,
// textOff.
#include "goruntime/symbols/pclntab.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "goruntime/symbols/pcvalue.h"

namespace goshawk::goruntime {
namespace {

// A number that, times the factor, gives the difference in 32 bits; of a factor that ends with zero
// bits the rest divides, and the number's upper bits are any. Newton's step doubles the right bits
// of an odd number's inverse.
std::uint32_t divide_modulo_word(Pclntab::EntryDifference of) {
  int zeros = std::countr_zero(of.factor);
  std::uint32_t odd = of.factor >> zeros;
  std::uint32_t inverse = odd;
  for (int bits = 3; bits < 32; bits *= 2) inverse *= 2 - odd * inverse;
  return (of.difference >> zeros) * inverse;
}

}  // namespace

Pclntab::Pclntab(const Moduledata& module, const Bytes& bytes, const FuncLayout& layout)
    : bytes_(bytes),
      layout_(layout),
      pc_quantum_(module.pclntab.pc_quantum),
      functions_(module.functions),
      text_(module.text.start),
      text_sections_(module.text_sections),
      gofunc_(module.gofunc),
      rodata_(module.rodata) {
  std::uint64_t entries = bytes.pclntable.size() / 8;
  function_count_ = entries == 0 ? 0
                                 : static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                       module.pclntab.function_count, entries - 1));
}

// What makes the second entry word of this function differ from the first.
std::optional<Pclntab::EntryDifference> Pclntab::entry_difference(std::uint32_t index) const {
  std::uint64_t start = functab_word(index, 1);
  auto entry = load<std::uint32_t>(bytes_.pclntable, start + func_head::kEntryOff);
  auto name = load<std::uint32_t>(bytes_.pclntable, start + func_head::kNameOff);
  if (!entry || !name) return std::nullopt;
  return EntryDifference{*name, *entry ^ functab_word(index, 0)};
}

std::optional<std::uint32_t> Pclntab::find_entry_key() const {
  EntryDifference
      clearest;  // the fewer zero bits its factor ends with, the more of the key it tells
  auto unknown_bits = [](std::uint32_t factor) { return std::countr_zero(factor); };
  for (std::uint32_t index = 0; index < function_count_; ++index) {
    auto difference = entry_difference(index);
    if (!difference) return std::nullopt;
    if (unknown_bits(difference->factor) < unknown_bits(clearest.factor)) clearest = *difference;
    if (clearest.factor % 2 == 1) break;
  }
  std::uint32_t key = clearest.factor == 0 ? 0 : divide_modulo_word(clearest);
  for (std::uint32_t index = 0; index < function_count_; ++index) {
    auto difference = entry_difference(index);
    if (!difference || difference->difference != difference->factor * key) return std::nullopt;
  }
  return key;
}

// The strongest sign is that each record ends where the next one begins.
bool Pclntab::has_shape() const {
  constexpr std::uint32_t kSamples = 64;
  constexpr std::uint32_t kMaxTables = 32;  // PCDATA and FUNCDATA kinds: 5 and 8 in Go 1.27
  constexpr std::uint64_t kAlignment = 8;
  if (function_count_ == 0) return false;
  bool plain = true;
  std::uint32_t step = std::max(1U, function_count_ / kSamples);
  for (std::uint32_t index = 0; index < function_count_; index += step) {
    auto function = record(index);
    if (!function) return false;
    auto difference = entry_difference(index);
    plain = plain && difference && difference->difference == 0;
    if (function->pcdata_count > kMaxTables || function->funcdata_count > kMaxTables) return false;
    if (function->flag > (kFlagTopFrame | kFlagSpWrite | kFlagAsm)) return false;
    std::uint32_t name = function->name_offset;
    if (name >= bytes_.funcnametab.size()) return false;
    if (name > 0 && bytes_.funcnametab[name - 1] != std::byte{0}) return false;
    std::uint64_t end = function->tables_offset +
                        4 * (std::uint64_t{function->pcdata_count} + function->funcdata_count);
    if (index + 1 < function_count_ && functab_word(index + 1, 1) - end >= kAlignment) return false;
  }
  return plain || find_entry_key();
}

std::uint32_t Pclntab::functab_word(std::uint32_t index, std::uint32_t word) const {
  return load_unchecked<std::uint32_t>(bytes_.pclntable.data() + std::uint64_t{index} * 8 +
                                       std::uint64_t{word} * 4);
}

std::optional<std::uint32_t> Pclntab::offset_of(Address pc) const {
  if (text_sections_.empty()) {
    std::uint64_t offset = pc - text_;
    if (offset > 0xffffffff) return std::nullopt;
    return static_cast<std::uint32_t>(offset);
  }
  for (const TextSection& section : text_sections_) {
    std::uint64_t inside = pc - section.start;
    if (inside < section.last_offset - section.first_offset)
      return static_cast<std::uint32_t>(section.first_offset + inside);
  }
  return std::nullopt;
}

Address Pclntab::address_of(std::uint32_t code_offset) const {
  for (const TextSection& section : text_sections_)
    if (code_offset >= section.first_offset && code_offset < section.last_offset)
      return section.start + (code_offset - section.first_offset);
  return text_ + code_offset;
}

std::optional<std::uint32_t> Pclntab::find(Address pc) const {
  if (!functions_.contains(pc) || function_count_ == 0) return std::nullopt;
  auto offset = offset_of(pc);
  if (!offset || *offset < functab_word(0, 0)) return std::nullopt;
  std::uint32_t low = 0;
  std::uint32_t high = function_count_;  // functab[low] <= offset < functab[high]
  while (high - low > 1) {
    std::uint32_t middle = low + (high - low) / 2;
    if (functab_word(middle, 0) <= *offset)
      low = middle;
    else
      high = middle;
  }
  return low;
}

Address Pclntab::entry(std::uint32_t index) const {
  return index < function_count_ ? address_of(functab_word(index, 0)) : Address();
}

std::uint32_t Pclntab::name_offset(std::uint32_t index) const {
  if (index >= function_count_) return 0;
  std::uint64_t at = std::uint64_t{functab_word(index, 1)} + func_head::kNameOff;
  return load<std::uint32_t>(bytes_.pclntable, at).value_or(0);
}

std::uint8_t Pclntab::func_id(std::uint32_t index) const {
  if (index >= function_count_) return 0;
  std::uint64_t at = std::uint64_t{functab_word(index, 1)} + layout_.func_id;
  return load<std::uint8_t>(bytes_.pclntable, at).value_or(0);
}

std::optional<FunctionRecord> Pclntab::record(std::uint32_t index) const {
  if (index >= function_count_) return std::nullopt;
  std::uint64_t start = functab_word(index, 1);
  if (!fits(bytes_.pclntable, start, layout_.size_bytes)) return std::nullopt;
  const std::byte* at = bytes_.pclntable.data() + start;
  auto word = [at](std::uint32_t offset) { return load_unchecked<std::uint32_t>(at + offset); };

  FunctionRecord function;
  function.entry = entry(index);
  function.name_offset = word(func_head::kNameOff);
  function.args_bytes = static_cast<std::int32_t>(word(func_head::kArgs));
  function.deferreturn = word(func_head::kDeferreturn);
  function.pcsp = word(func_head::kPcsp);
  function.pcfile = word(func_head::kPcfile);
  function.pcln = word(func_head::kPcln);
  function.pcdata_count = word(func_head::kNpcdata);
  function.cu_offset = word(func_head::kCuOffset);
  function.func_id = load_unchecked<std::uint8_t>(at + layout_.func_id);
  function.flag = load_unchecked<std::uint8_t>(at + layout_.flag);
  function.funcdata_count = load_unchecked<std::uint8_t>(at + layout_.funcdata_count);
  function.tables_offset = start + layout_.size_bytes;
  return function;
}

std::string_view Pclntab::name(std::uint32_t name_offset) const {
  if (name_offset >= bytes_.funcnametab.size()) return {};
  return Cursor(bytes_.funcnametab, name_offset).c_string();
}

std::uint32_t Pclntab::find_name(std::string_view name) const {
  std::string_view table = as_text(bytes_.funcnametab);
  for (std::size_t at = table.find(name); at != std::string_view::npos;
       at = table.find(name, at + 1)) {
    std::size_t end = at + name.size();
    if (at > 0 && table[at - 1] == '\0' && end < table.size() && table[end] == '\0')
      return static_cast<std::uint32_t>(at);
  }
  return 0;
}

std::int32_t Pclntab::pcvalue(const FunctionRecord& function, std::uint32_t table,
                              Address pc) const {
  return find_pcvalue(bytes_.pctab, table, pc - function.entry, pc_quantum_);
}

FileLine Pclntab::file_line(const FunctionRecord& function, Address pc) const {
  std::int32_t file = pcvalue(function, function.pcfile, pc);
  std::int32_t line = pcvalue(function, function.pcln, pc);
  if (file < 0 || line < 0) return {};
  std::uint64_t unit = std::uint64_t{function.cu_offset} + static_cast<std::uint32_t>(file);
  auto offset = load<std::uint32_t>(bytes_.cutab, unit * 4);
  if (!offset || *offset >= bytes_.filetab.size()) return {};
  return {Cursor(bytes_.filetab, *offset).c_string(), static_cast<std::uint32_t>(line)};
}

std::int32_t Pclntab::spdelta(const FunctionRecord& function, Address pc) const {
  return pcvalue(function, function.pcsp, pc);
}

std::int32_t Pclntab::pcdata(const FunctionRecord& function, std::uint32_t table,
                             Address pc) const {
  if (table >= function.pcdata_count) return kNoPcvalue;
  auto offset =
      load<std::uint32_t>(bytes_.pclntable, function.tables_offset + std::uint64_t{table} * 4);
  return offset ? pcvalue(function, *offset, pc) : kNoPcvalue;
}

std::optional<Address> Pclntab::funcdata(const FunctionRecord& function,
                                         std::uint32_t table) const {
  constexpr std::uint32_t kNone = 0xffffffff;
  if (table >= function.funcdata_count) return std::nullopt;
  std::uint64_t at = function.tables_offset + (std::uint64_t{function.pcdata_count} + table) * 4;
  auto offset = load<std::uint32_t>(bytes_.pclntable, at);
  if (!offset || *offset == kNone) return std::nullopt;
  return gofunc_ + *offset;
}

}  // namespace goshawk::goruntime
