#include "target/core_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "target/core_writer_for_tests.h"

namespace goshawk::target {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::uint64_t kPage = 4096;

std::string page_of(char c) { return std::string(kPage, c); }

// Two pages: headers with a build id, then text.
std::string executable(std::uint32_t build_id) {
  binary::ElfWriter writer;
  std::string note = binary::Bytes().u32(4).u32(4).u32(3).text("GNU").u32(build_id).str();
  writer.segment(PT_NOTE, writer.section(".note", SHT_NOTE, note), 0x400100);
  std::string file = writer.write(false);
  file.resize(kPage);
  return file + page_of('T');
}

// Headers are dumped, text is not, data is; a page of anonymous memory was not written whole.
CoreWriter core_of(const std::string& path, std::uint32_t build_id,
                   std::uint16_t machine = EM_X86_64) {
  CoreWriter core;
  core.machine = machine;
  core.thread(77);
  core.thread(78, false);
  core.program_headers = 0x400040;
  core.segments = {{.address = 0x400000,
                    .flags = PF_R | PF_X,
                    .contents = executable(build_id).substr(0, kPage),
                    .memory_size = 2 * kPage},
                   {.address = 0x402000, .contents = page_of('D')},
                   {.address = 0xc000000000, .contents = page_of('H'), .memory_size = 2 * kPage}};
  core.files = {{0x400000, 0x402000, 0, path}, {0x402000, 0x403000, 2, path}};
  return core;
}

char byte_at(const Target& target, std::uint64_t address) {
  return target.memory().read_value<char>(Address(address)).value_or('?');
}

TEST(CoreFile, MemoryIsTheCoresThenTheExecutables) {
  MemoryFile program(executable(7) + page_of('X'));
  MemoryFile file(core_of(program.path(), 7).write());
  auto core = open_core(file.path(), {});
  ASSERT_TRUE(core) << describe(core.error());
  EXPECT_EQ(byte_at(**core, 0x401000), 'T');
  EXPECT_EQ(byte_at(**core, 0x402000), 'D');  // never the file's: it was written
  EXPECT_EQ(byte_at(**core, 0xc000000fff), 'H');
  EXPECT_FALSE((*core)->memory().read_value<char>(Address(0xc000001000)));
  EXPECT_FALSE((*core)->memory().read_value<char>(Address(0x403000)));
  auto both = (*core)->memory().read_bytes(Address(0x401ffe), 4);  // across two parts
  ASSERT_TRUE(both);
  EXPECT_EQ(as_text(*both), "TTDD");
  EXPECT_FALSE((*core)->why_unreadable());
  EXPECT_TRUE((*core)->shortcomings().empty());
  EXPECT_EQ((*core)->executable_path(), program.path());
  EXPECT_EQ((*core)->pid(), 77);
}

TEST(CoreFile, MappingsKnowTheirFiles) {
  MemoryFile program(executable(7) + page_of('X'));
  CoreWriter writer = core_of(program.path(), 7);
  writer.segments.erase(writer.segments.begin());  // as gdb leaves out what it finds in a file
  MemoryFile file(writer.write());
  auto core = open_core(file.path(), {});
  ASSERT_TRUE(core) << describe(core.error());
  auto mappings = (*core)->read_mappings();
  ASSERT_TRUE(mappings);
  ASSERT_EQ(mappings->size(), 3U);
  EXPECT_EQ((*mappings)[0].path, program.path());
  EXPECT_FALSE((*mappings)[0].writable);
  EXPECT_EQ((*mappings)[1].path, program.path());
  EXPECT_EQ((*mappings)[1].file_offset, 2 * kPage);
  EXPECT_TRUE((*mappings)[1].writable);
  EXPECT_EQ((*mappings)[2].path, "");
  EXPECT_EQ((*mappings)[2].range.size_bytes(), 2 * kPage);
  EXPECT_EQ(byte_at(**core, 0x401000), 'T');
}

TEST(CoreFile, RegistersAreTheThreads) {
  MemoryFile file(core_of("/gone", 7).write());
  auto core = open_core(file.path(), {});
  ASSERT_TRUE(core) << describe(core.error());
  auto stop = (*core)->stop();
  ASSERT_TRUE(stop);
  const std::vector<Thread>& threads = (*stop)->threads();
  ASSERT_EQ(threads.size(), 2U);
  EXPECT_EQ(threads[0].tid, 77);
  EXPECT_EQ(threads[0].pc, Address(77016));
  EXPECT_EQ(threads[0].sp, Address(77019));
  EXPECT_EQ(threads[0].fp, Address(77004));
  EXPECT_EQ(threads[0].tls, Address(77021));
  EXPECT_EQ(threads[0].registers.size(), 17U);
  EXPECT_THAT(threads[0].vector_words, Contains(0xf1U));
  EXPECT_TRUE(threads[0].vectors_complete);
  EXPECT_THAT(threads[1].vector_words, Contains(0xf0U));
  EXPECT_FALSE(threads[1].vectors_complete);
  EXPECT_FALSE((*core)->goes_on());
  EXPECT_FALSE((*core)->read_monotonic_ns());
}

TEST(CoreFile, Arm64RegistersAreOthers) {
  MemoryFile file(core_of("/gone", 7, EM_AARCH64).write());
  auto core = open_core(file.path(), {});
  ASSERT_TRUE(core) << describe(core.error());
  EXPECT_EQ((*core)->machine(), binary::Machine::kArm64);
  auto stop = (*core)->stop();
  ASSERT_TRUE(stop);
  ASSERT_EQ((*stop)->threads().size(), 2U);
  const Thread& thread = (*stop)->threads()[0];
  EXPECT_EQ(thread.pc, Address(77032));
  EXPECT_EQ(thread.sp, Address(77031));
  EXPECT_EQ(thread.lr, Address(77030));
  EXPECT_EQ(thread.fp, Address(77029));
  EXPECT_EQ(thread.tls, Address(0x715));
  EXPECT_EQ(thread.registers.size(), 33U);
  EXPECT_EQ(thread.registers[28], 77028U);  // g
  EXPECT_THAT(thread.vector_words, Contains(0xf0U));
  EXPECT_TRUE(thread.vectors_complete);
  EXPECT_FALSE((*stop)->threads()[1].vectors_complete);  // 16 bytes are not all of them
}

TEST(CoreFile, WithoutItsExecutableItSaysSo) {
  MemoryFile file(core_of("/gone/service", 7).write());
  auto core = open_core(file.path(), {});
  ASSERT_TRUE(core);
  auto reason = (*core)->why_unreadable();
  ASSERT_TRUE(reason);
  EXPECT_THAT(describe(*reason), HasSubstr("/gone/service (build id 07000000) was not found"));
  EXPECT_THAT((*core)->shortcomings(), Contains(HasSubstr("--exe")));  // its code is not there
  EXPECT_FALSE((*core)->open_executable());
}

TEST(CoreFile, AnotherBuildIsNotBelieved) {
  MemoryFile other(executable(8));
  MemoryFile file(core_of(other.path(), 7).write());
  auto by_path = open_core(file.path(), {});
  ASSERT_TRUE(by_path);
  ASSERT_TRUE((*by_path)->why_unreadable());
  EXPECT_THAT(describe(*(*by_path)->why_unreadable()), HasSubstr("another build"));
  EXPECT_EQ(byte_at(**by_path, 0x401000), '?');

  auto named = open_core(file.path(), {.executable = other.path(), .debug_directories = {}});
  ASSERT_FALSE(named);
  std::string text = describe(named.error());
  EXPECT_THAT(text, HasSubstr("build id 08000000"));
  EXPECT_THAT(text, HasSubstr("build id 07000000"));
}

// As Go's linker does it with an external one: GNU's note is in no segment, and a core has no
// sections.
TEST(CoreFile, AnExecutableMayKnowMoreIdsThanTheCore) {
  binary::ElfWriter writer;
  std::string go = binary::Bytes().u32(4).u32(4).u32(4).text("Go").u8(0).text("abc").str();
  std::string gnu = binary::Bytes().u32(4).u32(4).u32(3).text("GNU").u32(7).str();
  writer.segment(PT_NOTE, writer.section(".note.go", SHT_NOTE, go), 0x400100);
  writer.section(".note.gnu", SHT_NOTE, gnu);
  std::string file = writer.write(false);
  file.resize(kPage);
  MemoryFile program(file + page_of('T'));
  std::string recorded = file;
  recorded.replace(offsetof(Elf64_Ehdr, e_shoff), 8, 8, '\0');
  recorded.replace(offsetof(Elf64_Ehdr, e_shnum), 2, 2, '\0');
  auto is_refused = [&](const std::string& contents) {
    CoreWriter core = core_of(program.path(), 7);
    core.segments[0].contents = contents;
    MemoryFile core_file(core.write());
    auto opened = open_core(core_file.path(), {});
    return !opened || (*opened)->why_unreadable().has_value();
  };
  EXPECT_FALSE(is_refused(file));
  EXPECT_FALSE(is_refused(recorded));
  recorded[recorded.find("abc")] = 'x';
  EXPECT_TRUE(is_refused(recorded));
}

TEST(CoreFile, OneThatNamesNoFilesIsMappedBySegments) {
  binary::ElfWriter writer;
  writer.segment(PT_LOAD, writer.section(".text", SHT_PROGBITS, page_of('T')), 0);
  std::string program = writer.write(false);
  std::size_t at = program.find(page_of('T'));
  program.insert(at, kPage - at, '\0');  // to a page of its own
  Elf64_Phdr segment{PT_LOAD, PF_R | PF_X, kPage, 0x401000, 0, kPage, kPage, kPage};
  std::memcpy(program.data() + sizeof(Elf64_Ehdr), &segment, sizeof segment);
  MemoryFile executable_file(program);
  CoreWriter core = core_of("", 7);
  core.files.clear();
  core.segments.erase(core.segments.begin());
  MemoryFile file(core.write());
  auto opened =
      open_core(file.path(), {.executable = executable_file.path(), .debug_directories = {}});
  ASSERT_TRUE(opened) << describe(opened.error());
  EXPECT_EQ(byte_at(**opened, 0x401000), 'T');
}

TEST(CoreFile, AFileThatIsCutOffIsSaidToBe) {
  std::string bytes = core_of("/gone", 7).write();
  MemoryFile file(bytes.substr(0, bytes.size() - 100));
  auto core = open_core(file.path(), {});
  ASSERT_TRUE(core);
  EXPECT_THAT((*core)->shortcomings(), Contains(HasSubstr("100 bytes")));
  EXPECT_FALSE((*core)->memory().read_value<char>(Address(0xc000000fff)));
  EXPECT_EQ(byte_at(**core, 0xc000000000), 'H');
}

TEST(CoreFile, EveryBeginningOfACoreIsReadOrRefused) {
  std::string bytes = core_of("/gone", 7).write();
  for (std::size_t size = 0; size < bytes.size(); size += size < 2000 ? 7 : 501) {
    MemoryFile file(std::string_view(bytes).substr(0, size));
    auto core = open_core(file.path(), {});
    EXPECT_TRUE(core || !describe(core.error()).empty());
  }
}

TEST(CoreFile, WhatIsNoCoreIsRefused) {
  MemoryFile program(executable(7));
  auto opened = open_core(program.path(), {});
  ASSERT_FALSE(opened);
  EXPECT_THAT(describe(opened.error()), HasSubstr("is a program"));
  CoreWriter empty;
  MemoryFile file(empty.write());
  opened = open_core(file.path(), {});
  ASSERT_FALSE(opened);
  EXPECT_THAT(describe(opened.error()), HasSubstr("no thread"));
}

TEST(CoreFile, MappedFilesThatContradictEachOtherAreRefused) {
  CoreWriter core = core_of("/gone", 7);
  core.files.push_back({0x401000, 0x402000, 0, "/other"});
  MemoryFile file(core.write());
  EXPECT_FALSE(open_core(file.path(), {}));
}

}  // namespace
}  // namespace goshawk::target
