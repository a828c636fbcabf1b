// One module's pclntab: functions by pc, and the tables of each.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "goruntime/facts/func.h"
#include "goruntime/facts/func_id.h"
#include "goruntime/symbols/modules.h"

namespace goshawk::goruntime {

// runtime._func, decoded.
struct FunctionRecord {
  Address entry;
  std::uint32_t name_offset = 0;
  std::int32_t args_bytes = 0;  // kArgsSizeUnknown: assembly with variable arguments
  std::uint32_t deferreturn = 0;
  std::uint32_t pcsp = 0;
  std::uint32_t pcfile = 0;
  std::uint32_t pcln = 0;
  std::uint32_t pcdata_count = 0;
  std::uint32_t cu_offset = 0;
  std::uint8_t func_id = 0;
  std::uint8_t flag = 0;
  std::uint8_t funcdata_count = 0;
  std::uint64_t tables_offset = 0;  // of the pcdata offsets, in pclntable
};

struct FileLine {
  std::string_view file = "?";
  std::uint32_t line = 0;
};

class Pclntab {
 public:
  // Views of a module's tables; all of them live as long as this.
  struct Bytes {
    ByteView funcnametab, cutab, filetab, pctab, pclntable;
  };

  Pclntab(const Moduledata& module, const Bytes& bytes, const FuncLayout& layout);

  // Some functions, all over the table, look as the layout says.
  bool has_shape() const;
  // What an obfuscator multiplied with each function's name offset to hide its second entry word;
  // 0 in an ordinary program. Absent when the functions fit no key. A walk over all functions.
  std::optional<std::uint32_t> find_entry_key() const;
  struct EntryDifference {
    std::uint32_t factor = 0;      // the name's offset
    std::uint32_t difference = 0;  // between the two entry words: factor * key
  };

  std::uint32_t function_count() const { return function_count_; }
  AddressRange functions() const { return functions_; }
  std::optional<std::uint32_t> find(Address pc) const;  // an index below function_count
  Address entry(std::uint32_t index) const;
  // For walks over all functions; 0 when the table is broken there.
  std::uint32_t name_offset(std::uint32_t index) const;
  std::uint8_t func_id(std::uint32_t index) const;

  std::optional<FunctionRecord> record(std::uint32_t index) const;

  std::string_view name(std::uint32_t name_offset) const;
  // Where `name` begins in the name table; 0 when it is not there.
  std::uint32_t find_name(std::string_view name) const;
  FileLine file_line(const FunctionRecord& function, Address pc) const;
  std::int32_t spdelta(const FunctionRecord& function, Address pc) const;
  std::int32_t pcdata(const FunctionRecord& function, std::uint32_t table, Address pc) const;
  std::optional<Address> funcdata(const FunctionRecord& function, std::uint32_t table) const;
  Address rodata() const { return rodata_; }
  const FuncLayout& layout() const { return layout_; }

 private:
  std::optional<EntryDifference> entry_difference(std::uint32_t index) const;
  std::optional<std::uint32_t> offset_of(Address pc) const;
  Address address_of(std::uint32_t code_offset) const;
  std::uint32_t functab_word(std::uint32_t index, std::uint32_t word) const;
  std::int32_t pcvalue(const FunctionRecord& function, std::uint32_t table, Address pc) const;

  Bytes bytes_;
  FuncLayout layout_;
  std::uint32_t function_count_ = 0;
  std::uint32_t pc_quantum_ = 1;
  AddressRange functions_;
  Address text_;
  std::vector<TextSection> text_sections_;
  Address gofunc_, rodata_;
};

}  // namespace goshawk::goruntime
