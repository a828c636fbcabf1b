#include "binary/elf_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <fstream>
#include <random>

#include "binary/elf_writer_for_tests.h"
#include "binary/section_contents.h"

namespace goshawk::binary {
namespace {

using std::string_view_literals::operator""sv;

Result<ElfFile> parse(const std::string& bytes) { return ElfFile::parse(view(bytes), "test"); }

std::string long_text() {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += std::to_string(i * 7919 % 10007);
  return text;
}

std::string zlib(const std::string& text) {
  uLongf size = ::compressBound(text.size());
  std::string packed(size, '\0');
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(text.data()), text.size());
  packed.resize(size);
  return packed;
}

std::string zstd(const std::string& text) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
  return packed;
}

std::string with_header(std::uint32_t method, std::uint64_t size_bytes, const std::string& packed) {
  return Bytes().u32(method).u32(0).u64(size_bytes).u64(1).raw(packed).str();
}

std::string read_text(const ElfFile& elf, std::string_view name) {
  auto bytes = elf.read_section(name);
  return bytes ? std::string(as_text(*bytes)) : "error: " + describe(bytes.error());
}

TEST(ElfFile, RefusesWhatItCannotRead) {
  auto expect = [](ElfWriter writer, const char* words) {
    auto elf = parse(writer.write());
    ASSERT_FALSE(elf);
    EXPECT_NE(describe(elf.error()).find(words), std::string::npos) << describe(elf.error());
  };
  ElfWriter writer;
  writer.header.e_ident[EI_CLASS] = ELFCLASS32;
  expect(writer, "32-bit");
  writer = {};
  writer.header.e_ident[EI_DATA] = ELFDATA2MSB;
  expect(writer, "big-endian");
  writer = {};
  writer.header.e_machine = EM_RISCV;
  expect(writer, "another machine");
  writer = {};
  writer.header.e_type = ET_REL;
  expect(writer, "neither a program nor a core");
  writer = {};
  writer.segment(PT_LOAD, 0, 0);
  std::string file = writer.write();
  reinterpret_cast<Elf64_Ehdr*>(file.data())->e_phoff = file.size() - 8;
  EXPECT_FALSE(parse(file));
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(
      parse("\x7f"
            "ELF"));
  EXPECT_FALSE(parse("#!/bin/sh\n"));
}

TEST(ElfFile, OpensAFileAndClosesIt) {
  int fd = ::open("/proc/self/exe", O_RDONLY);
  auto elf = ElfFile::open(fd, "self");
  ASSERT_TRUE(elf) << describe(elf.error());
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
  EXPECT_NE(elf->find_section(".text"), nullptr);
  EXPECT_TRUE(elf->find_symbol("main"));
  EXPECT_FALSE(elf->find_loaded_bytes(elf->entry(), 16).empty());
  ElfFile moved = std::move(*elf);
  EXPECT_TRUE(moved.find_symbol("main"));
  EXPECT_FALSE(ElfFile::open(::open("/dev/null", O_RDONLY), "null"));
  EXPECT_FALSE(ElfFile::open(-1, "nothing"));
}

TEST(ElfFile, CopyStaysWhatItWas) {
  std::string path = ::testing::TempDir() + "elf-copy";
  ElfWriter writer;
  writer.section(".text", SHT_PROGBITS, "before");
  std::string bytes = writer.write();
  std::ofstream(path) << bytes;
  auto open = [&] { return ::open(path.c_str(), O_RDONLY); };
  EXPECT_FALSE(ElfFile::open_copy(open(), "copy", bytes.size() - 1));
  auto elf = ElfFile::open_copy(open(), "copy", bytes.size());
  ASSERT_TRUE(elf) << describe(elf.error());
  std::ofstream(path, std::ios::trunc) << "gone";
  EXPECT_EQ(read_text(*elf, ".text"), "before");
  EXPECT_FALSE(ElfFile::open_copy(-1, "nothing", 100));
}

TEST(ElfFile, DebugFileHasCodeOnlyByName) {
  constexpr std::uint64_t kCode = SHF_ALLOC | SHF_EXECINSTR;
  auto is_debug_file = [](std::uint32_t type, std::uint64_t flags) {
    ElfWriter writer;
    writer.section(".text", type, "0123", flags);
    std::string file = writer.write();
    return parse(file)->is_debug_file();
  };
  EXPECT_TRUE(is_debug_file(SHT_NOBITS, kCode));
  EXPECT_FALSE(is_debug_file(SHT_PROGBITS, kCode));
  EXPECT_FALSE(is_debug_file(SHT_NOBITS, SHF_ALLOC | SHF_WRITE));  // .bss
}

TEST(ElfFile, ReadsHeaders) {
  ElfWriter writer;
  auto text = writer.section(".text", SHT_PROGBITS, "0123456789", SHF_ALLOC);
  writer.segment(PT_LOAD, text, 0x400000);
  writer.header.e_machine = EM_AARCH64;
  writer.header.e_type = ET_DYN;
  std::string file = writer.write();
  auto elf = parse(file);
  ASSERT_TRUE(elf);
  EXPECT_EQ(elf->machine(), Machine::kArm64);
  EXPECT_TRUE(elf->is_position_independent());
  EXPECT_EQ(read_text(*elf, ".text"), "0123456789");
  EXPECT_EQ(as_text(elf->find_loaded_bytes(Address(0x400002), 3)), "234");
  EXPECT_TRUE(elf->find_loaded_bytes(Address(0x400002), 9).empty());
  EXPECT_TRUE(elf->find_loaded_bytes(Address(0x3fffff), 1).empty());
  EXPECT_TRUE(elf->find_loaded_bytes(Address(~0ULL), 1).empty());
  EXPECT_EQ(elf->find_section(".data"), nullptr);
}

TEST(ElfFile, WorksWithoutSectionHeaders) {
  ElfWriter writer;
  auto note = writer.section(".note.go.buildid", SHT_NOTE,
                             Bytes().u32(4).u32(7).u32(4).raw("Go\0\0"sv).raw("abc/def").str());
  std::string gnu = Bytes()
                        .u32(4)
                        .u32(0)
                        .u32(9)
                        .raw("GNU\0"sv)
                        .u32(4)
                        .u32(3)
                        .u32(3)
                        .raw("GNU\0"sv)
                        .raw("\x01\xab\xff")
                        .str();
  auto gnu_note = writer.section(".note.gnu.build-id", SHT_NOTE, gnu);
  writer.segment(PT_NOTE, note, 0);
  writer.segment(PT_NOTE, gnu_note, 0);
  std::string file = writer.write(false);
  auto elf = parse(file);
  ASSERT_TRUE(elf);
  EXPECT_TRUE(elf->sections().empty());
  EXPECT_EQ(elf->go_build_id(), "abc/def");
  EXPECT_EQ(elf->gnu_build_id(), "01abff");
  EXPECT_FALSE(elf->find_symbol("main"));
}

TEST(ElfFile, DecompressesEveryForm) {
  std::string text = long_text();
  ElfWriter writer;
  writer.section(".plain", SHT_PROGBITS, "plain");
  writer.section(".debug_zlib", SHT_PROGBITS, with_header(1, text.size(), zlib(text)),
                 SHF_COMPRESSED);
  writer.section(".debug_zstd", SHT_PROGBITS, with_header(2, text.size(), zstd(text)),
                 SHF_COMPRESSED);
  writer.section(".zdebug_old", SHT_PROGBITS,
                 Bytes().raw("ZLIB").u64(__builtin_bswap64(text.size())).raw(zlib(text)).str());
  writer.section(".none", SHT_NOBITS, "");
  std::string file = writer.write();
  auto elf = parse(file);
  ASSERT_TRUE(elf);
  EXPECT_EQ(read_text(*elf, ".plain"), "plain");
  EXPECT_TRUE(read_text(*elf, ".debug_zlib") == text);
  EXPECT_TRUE(read_text(*elf, ".debug_zstd") == text);
  EXPECT_TRUE(read_text(*elf, ".debug_old") == text);
  EXPECT_EQ(read_text(*elf, ".none"), "");
}

TEST(ElfFile, DecompressesNoMoreThanIsAskedFor) {
  std::string text = long_text();
  ElfWriter writer;
  // The second half of the stream is missing: what lies before can be read all the same.
  std::string packed = zlib(text);
  writer.section(".debug_cut", SHT_PROGBITS,
                 with_header(1, text.size(), packed.substr(0, packed.size() / 2)), SHF_COMPRESSED);
  std::string file = writer.write();
  auto elf = parse(file);
  auto contents = SectionContents::open(*elf, ".debug_cut");
  ASSERT_TRUE(contents) << describe(contents.error());
  EXPECT_EQ(contents->size_bytes(), text.size());
  ByteView start = contents->first(1000);
  ASSERT_GE(start.size(), 1000u);
  EXPECT_EQ(as_text(start), text.substr(0, start.size()));
  EXPECT_LT(contents->all().size(), text.size());
  EXPECT_EQ(as_text(contents->all()), text.substr(0, contents->all().size()));
  EXPECT_EQ(contents->all().data(), start.data());
  EXPECT_NE(read_text(*elf, ".debug_cut").find("ends after"), std::string::npos);
}

TEST(ElfFile, RefusesHostileCompression) {
  ElfWriter writer;
  writer.section(".debug_huge", SHT_PROGBITS, with_header(1, 1ULL << 40, zlib("x")),
                 SHF_COMPRESSED);
  writer.section(".debug_huge2", SHT_PROGBITS, with_header(2, 1ULL << 30, zstd("x")),
                 SHF_COMPRESSED);
  writer.section(".debug_lzma", SHT_PROGBITS, with_header(77, 10, "xxxx"), SHF_COMPRESSED);
  writer.section(".debug_short", SHT_PROGBITS, "xxxx", SHF_COMPRESSED);
  writer.section(".debug_junk", SHT_PROGBITS, with_header(1, 100, "this is no stream"),
                 SHF_COMPRESSED);
  writer.section(".debug_junk2", SHT_PROGBITS, with_header(2, 100, "this is no stream"),
                 SHF_COMPRESSED);
  writer.section(".zdebug_short", SHT_PROGBITS, "ZLIB");
  std::string file = writer.write();
  auto elf = parse(file);
  for (const char* name : {".debug_huge", ".debug_huge2", ".debug_lzma", ".debug_short",
                           ".debug_junk", ".debug_junk2", ".debug_none"})
    EXPECT_FALSE(elf->read_section(name)) << name;
  EXPECT_FALSE(elf->read_section(".zdebug_none"));
}

TEST(ElfFile, FindsSymbolsInOnePass) {
  ElfWriter writer;
  writer.symbols(SHT_SYMTAB, {{"runtime.allgs", 0x1000, 24},
                              {"runtime.allgs2", 0x1100, 8},
                              {"runtime.mheap_", 0, 0, SHN_UNDEF},
                              {"runtime.sched", 0x1200, 8},
                              {"runtime.sched", 0x1300, 8}});
  writer.symbols(SHT_DYNSYM, {{"runtime.sched", 0x9999, 8}, {"crosscall2", 0x2000, 16}});
  std::string file = writer.write();
  auto elf = parse(file);
  std::string_view names[] = {"crosscall2",     "runtime.sched", "nothing", "runtime.allgs",
                              "runtime.mheap_", "crosscall2",    ""};
  auto found = elf->find_symbols(names);
  ASSERT_EQ(found.size(), 7u);
  EXPECT_EQ(found[0]->address, Address(0x2000));
  EXPECT_EQ(found[1]->address, Address(0x1200));
  EXPECT_FALSE(found[2]);
  EXPECT_EQ(found[3]->address, Address(0x1000));
  EXPECT_EQ(found[3]->size_bytes, 24u);
  EXPECT_FALSE(found[4]);
  EXPECT_TRUE(found[5]);
  EXPECT_FALSE(found[6]);
  EXPECT_TRUE(elf->find_symbols({}).empty());
}

void use_all(const std::string& bytes) {
  auto elf = parse(bytes);
  if (!elf) return;
  for (const Section& section : elf->sections()) (void)elf->read_section(section.name);
  (void)elf->find_symbol("runtime.allgs");
  (void)elf->gnu_build_id();
  (void)elf->go_build_id();
  (void)elf->find_loaded_bytes(elf->entry(), 1 << 20);
}

// Under the sanitizers this says that nothing outside of the file is touched.
TEST(ElfFile, DamagedFilesDoNoHarm) {
  std::string text = long_text().substr(0, 3000);
  ElfWriter writer;
  auto loaded = writer.section(".note.gnu.build-id", SHT_NOTE,
                               Bytes().u32(4).u32(3).u32(3).raw("GNU\0"sv).raw("abc").str());
  writer.segment(PT_LOAD, loaded, 0x400000);
  writer.segment(PT_NOTE, loaded, 0x400000);
  writer.section(".debug_zlib", SHT_PROGBITS, with_header(1, text.size(), zlib(text)),
                 SHF_COMPRESSED);
  writer.section(".debug_zstd", SHT_PROGBITS, with_header(2, text.size(), zstd(text)),
                 SHF_COMPRESSED);
  writer.symbols(SHT_SYMTAB, {{"runtime.allgs", 0x1000, 24}, {"runtime.sched", 0x1200, 8}});
  std::string file = writer.write();
  for (std::size_t size = 0; size < file.size(); size += 1 + size / 50)
    use_all(file.substr(0, size));
  std::mt19937 random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = file;
    for (unsigned i = 0; i < 1 + random() % 4; ++i) {
      std::size_t at =
          random() % 2 == 0 ? random() % damaged.size() : damaged.size() - 1 - random() % 600;
      damaged[at] = static_cast<char>(random() % 3 == 0 ? 0xff : random());
    }
    use_all(damaged);
  }
}

}  // namespace
}  // namespace goshawk::binary
