// An ELF file for reading: 64-bit, little-endian, x86-64 or arm64. Nothing in it is believed: all
// offsets and sizes are checked against the file, and a file without section headers still has
// its segments and notes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"

namespace goshawk::binary {

enum class Machine { kX86_64, kArm64 };

struct Segment {
  std::uint32_t type = 0;   // PT_LOAD, PT_NOTE ...
  std::uint32_t flags = 0;  // PF_R, PF_W, PF_X
  std::uint64_t file_offset = 0;
  std::uint64_t file_size_bytes = 0;
  Address address;  // as linked, without load bias
  std::uint64_t memory_size_bytes = 0;
};

struct Section {
  std::string_view name;    // in the file; empty when there are no names
  std::uint32_t type = 0;   // SHT_PROGBITS, SHT_SYMTAB ...
  std::uint64_t flags = 0;  // SHF_ALLOC, SHF_COMPRESSED ...
  Address address;
  std::uint64_t file_offset = 0;
  std::uint64_t size_bytes = 0;  // in the file
  std::uint32_t link = 0;
  std::uint64_t entry_size_bytes = 0;
};

struct Symbol {
  Address address;  // as linked, without load bias
  std::uint64_t size_bytes = 0;
};

struct NamedSymbol {
  std::string name;
  Symbol symbol;
};

struct UnmapFile {
  std::uint64_t size_bytes = 0;
  void operator()(const std::byte* start) const;
};

class ElfFile {
 public:
  // Takes the descriptor, also when it fails. `name` is for messages.
  static Result<ElfFile> open(int fd, std::string name);
  // The same of a copy, for a file that somebody may change meanwhile: what was checked is what is
  // read. Missing when it is larger than `limit_bytes`.
  static Result<ElfFile> open_copy(int fd, std::string name, std::uint64_t limit_bytes);
  // `bytes` must outlive the ElfFile.
  static Result<ElfFile> parse(ByteView bytes, std::string name);

  ElfFile(ElfFile&&) noexcept = default;
  ElfFile& operator=(ElfFile&&) noexcept = default;

  const std::string& name() const { return name_; }
  ByteView bytes() const { return bytes_; }
  Machine machine() const { return machine_; }
  bool is_position_independent() const { return position_independent_; }  // ET_DYN
  bool is_core() const { return core_; }                                  // ET_CORE
  // What was split off an executable: it says where code and data are, and has none of them.
  bool is_debug_file() const;
  Address entry() const { return entry_; }
  const std::vector<Segment>& segments() const { return segments_; }
  const std::vector<Section>& sections() const { return sections_; }

  const Section* find_section(std::string_view name) const;
  // Its bytes as they stand in the file, cut at the file's end; empty for SHT_NOBITS.
  ByteView section_bytes(const Section& section) const;
  // By name, decompressed. ".debug_x" also finds ".zdebug_x". Missing when there is none.
  Result<std::vector<std::byte>> read_section(std::string_view name) const;

  // One pass over .symtab, then over .dynsym for names not found. Order as asked.
  std::vector<std::optional<Symbol>> find_symbols(std::span<const std::string_view> names) const;
  std::optional<Symbol> find_symbol(std::string_view name) const;
  // Of the data or function that this link-time address lies in. One pass over the tables.
  std::optional<NamedSymbol> find_symbol_at(Address address) const;

  // File bytes that a link-time address range is loaded from; empty when not all of it is in the
  // file.
  ByteView find_loaded_bytes(Address address, std::uint64_t size_bytes) const;

  std::string gnu_build_id() const;  // hexadecimal; "" when there is none
  std::string go_build_id() const;   // "" when there is none

 private:
  ElfFile() = default;
  static Result<ElfFile> adopt(void* memory, std::uint64_t size_bytes, std::string name);
  Result<void> parse_header();
  Result<void> parse_segments(std::uint64_t offset, std::uint64_t count, std::uint64_t entry_size);
  void parse_sections(std::uint64_t offset, std::uint64_t count, std::uint64_t entry_size,
                      std::uint32_t names_index);
  ByteView find_note(std::string_view owner, std::uint32_t type) const;

  std::unique_ptr<const std::byte, UnmapFile> mapped_;
  ByteView bytes_;
  std::string name_;
  Machine machine_ = Machine::kX86_64;
  bool position_independent_ = false;
  bool core_ = false;
  Address entry_;
  std::vector<Segment> segments_;
  std::vector<Section> sections_;
};

}  // namespace goshawk::binary
