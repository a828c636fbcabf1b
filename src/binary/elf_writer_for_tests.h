// ELF files for tests, written where they are read: sections, symbols, segments and notes.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_view.h"

namespace goshawk::binary {

// Bytes that grow; numbers little-endian.
class Bytes {
 public:
  template <typename T>
  Bytes& put(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& u8(std::uint64_t v) { return put(static_cast<std::uint8_t>(v)); }
  Bytes& u16(std::uint64_t v) { return put(static_cast<std::uint16_t>(v)); }
  Bytes& u32(std::uint64_t v) { return put(static_cast<std::uint32_t>(v)); }
  Bytes& u64(std::uint64_t v) { return put(v); }
  Bytes& uleb(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(v | 0x80);
    return u8(v);
  }
  Bytes& sleb(std::int64_t v) {
    for (; v < -64 || v > 63; v >>= 7) u8(static_cast<std::uint64_t>(v) | 0x80);
    return u8(static_cast<std::uint64_t>(v) & 0x7f);
  }
  Bytes& text(std::string_view v) { return raw(v).u8(0); }
  Bytes& raw(std::string_view v) {
    text_ += v;
    return *this;
  }
  template <typename T>
  void patch(std::size_t at, T value) {
    std::memcpy(text_.data() + at, &value, sizeof value);
  }
  std::size_t size() const { return text_.size(); }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

inline ByteView view(const std::string& bytes) {
  return std::as_bytes(std::span(bytes.data(), bytes.size()));
}

class ElfWriter {
 public:
  Elf64_Ehdr header{};

  ElfWriter() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_X86_64;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    section("", SHT_NULL, "");
  }

  // Its index.
  std::uint32_t section(std::string name, std::uint32_t type, std::string contents,
                        std::uint64_t flags = 0, std::uint32_t link = 0) {
    sections_.push_back({std::move(name), type, std::move(contents), flags, link});
    return static_cast<std::uint32_t>(sections_.size() - 1);
  }
  // Loads the contents of a section.
  void segment(std::uint32_t type, std::uint32_t section, std::uint64_t address) {
    segments_.push_back({type, section, address});
  }

  struct SymbolText {
    std::string name;
    std::uint64_t value = 0, size = 0;
    std::uint16_t section = 1;
    std::uint8_t type = STT_NOTYPE;
  };
  void symbols(std::uint32_t type, const std::vector<SymbolText>& all) {
    Bytes table, names;
    names.u8(0);
    table.put(Elf64_Sym{});
    for (const SymbolText& symbol : all) {
      Elf64_Sym raw{};
      raw.st_name = static_cast<std::uint32_t>(names.size());
      raw.st_value = symbol.value;
      raw.st_size = symbol.size;
      raw.st_shndx = symbol.section;
      raw.st_info = ELF64_ST_INFO(STB_GLOBAL, symbol.type);
      table.put(raw);
      names.text(symbol.name);
    }
    auto strings = section(type == SHT_SYMTAB ? ".strtab" : ".dynstr", SHT_STRTAB, names.str());
    section(type == SHT_SYMTAB ? ".symtab" : ".dynsym", type, table.str(), 0, strings);
  }

  std::string write(bool section_headers = true) {
    std::uint32_t names_index = section(".shstrtab", SHT_STRTAB, "");
    Bytes names;
    for (Section& one : sections_) one.name_offset = names.size(), names.text(one.name);
    sections_[names_index].contents = names.str();

    Bytes file;
    file.put(header);
    header.e_phoff = file.size();
    header.e_phnum = static_cast<std::uint16_t>(segments_.size());
    std::uint64_t offset = file.size() + segments_.size() * sizeof(Elf64_Phdr);
    for (Section& one : sections_) one.offset = offset, offset += one.contents.size();
    for (const Segment& one : segments_) {
      const Section& loaded = sections_[one.section];
      file.put(Elf64_Phdr{one.type, PF_R, loaded.offset, one.address, one.address,
                          loaded.contents.size(), loaded.contents.size(), 4});
    }
    for (const Section& one : sections_) file.raw(one.contents);
    if (section_headers) {
      header.e_shoff = file.size();
      header.e_shnum = static_cast<std::uint16_t>(sections_.size());
      header.e_shstrndx = static_cast<std::uint16_t>(names_index);
      for (const Section& one : sections_)
        file.put(Elf64_Shdr{static_cast<std::uint32_t>(one.name_offset), one.type, one.flags, 0,
                            one.offset, one.contents.size(), one.link, 0, 1, 0});
    }
    file.patch(0, header);
    sections_.pop_back();
    return file.str();
  }

 private:
  struct Section {
    std::string name;
    std::uint32_t type;
    std::string contents;
    std::uint64_t flags;
    std::uint32_t link;
    std::uint64_t offset = 0, name_offset = 0;
  };
  struct Segment {
    std::uint32_t type, section;
    std::uint64_t address;
  };
  std::vector<Section> sections_;
  std::vector<Segment> segments_;
};

}  // namespace goshawk::binary
