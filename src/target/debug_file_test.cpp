#include "target/debug_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "binary/debug_link.h"
#include "binary/elf_writer_for_tests.h"

namespace goshawk::target {
namespace {

using binary::Bytes;
using binary::ElfWriter;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Whose root is a folder of ours, or who has none.
class RootedTarget : public Target {
 public:
  explicit RootedTarget(std::string root) : root_(std::move(root)) {}
  Result<int> open_in_root(const std::string& path) const override {
    int fd = root_.empty() ? -1 : ::open((root_ + path).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(Missing{path, ""});
    return fd;
  }
  std::string kind() const override { return "process"; }
  binary::Machine machine() const override { return binary::Machine::kX86_64; }
  std::int64_t pid() const override { return 1; }
  std::string executable_path() const override { return ""; }
  Result<int> open_executable() const override { return fail(Missing{"executable", ""}); }
  const Memory& memory() const override { std::abort(); }
  Result<std::vector<Mapping>> read_mappings() const override { return fail(Missing{"", ""}); }
  Result<std::unique_ptr<Stop>> stop() override { return fail(Missing{"", ""}); }
  Result<std::int64_t> read_monotonic_ns() const override { return fail(Missing{"", ""}); }

 private:
  std::string root_;
};

constexpr std::uint32_t kBuild = 0x04030201;  // "01020304" as an id is written

std::string note(const std::string& owner, std::uint32_t type, const std::string& id) {
  std::string text = owner + '\0';
  text.resize((text.size() + 3) / 4 * 4);
  return Bytes().u32(owner.size() + 1).u32(id.size()).u32(type).raw(text).raw(id).str();
}

struct File {
  std::uint32_t gnu = kBuild;  // 0: none
  std::string go = {};         // its size a multiple of four
  std::string info = "information";
  std::uint16_t type = ET_EXEC;
  std::uint16_t machine = EM_X86_64;

  void write_ids(ElfWriter& writer) const {
    writer.header.e_type = type;
    writer.header.e_machine = machine;
    if (gnu != 0) writer.section(".note.g", SHT_NOTE, note("GNU", 3, Bytes().u32(gnu).str()));
    if (!go.empty()) writer.section(".note.go", SHT_NOTE, note("Go", 4, go));
  }
  std::string debug() const {
    ElfWriter writer;
    write_ids(writer);
    writer.section(".debug_info", SHT_PROGBITS, info);
    return writer.write();
  }
  std::string stripped(const std::string& link, const std::string& linked) const {
    ElfWriter writer;
    write_ids(writer);
    std::string name = link + '\0';
    name.resize((name.size() + 3) / 4 * 4);
    std::uint32_t crc = binary::compute_debug_link_crc(binary::view(linked));
    if (!link.empty())
      writer.section(".gnu_debuglink", SHT_PROGBITS, Bytes().raw(name).u32(crc).str());
    return writer.write();
  }
};

class DebugFileTest : public ::testing::Test {
 protected:
  DebugFileTest() {
    std::string pattern = ::testing::TempDir() + "debug-file-XXXXXX";
    here = ::mkdtemp(pattern.data());
  }
  ~DebugFileTest() override { std::filesystem::remove_all(here); }

  std::string put(const std::string& path, const std::string& contents) const {
    std::filesystem::create_directories(std::filesystem::path(here + path).parent_path());
    std::ofstream(here + path) << contents;
    return here + path;
  }
  DebugFileSearch search(const std::string& bytes, std::vector<std::string> directories = {},
                         const std::string& root = "", const std::string& path = "") const {
    auto image = binary::ElfFile::parse(binary::view(bytes), "program");
    return find_debug_file(RootedTarget(root), *image, path.empty() ? here + "/bin/program" : path,
                           directories);
  }
  std::string found(const std::string& bytes, std::vector<std::string> directories = {}) const {
    auto result = search(bytes, std::move(directories));
    return result.found == nullptr ? "" : result.found->name();
  }

  std::string here;
  File file;
  std::string debug = file.debug();
  std::string program = file.stripped("x.debug", debug);
};

TEST_F(DebugFileTest, InTheOrderThatGdbDocuments) {
  std::string symbols = here + "/symbols", more = here + "/more";
  std::vector<std::string> places = {put("/symbols/.build-id/01/020304.debug", debug),
                                     put("/more/.build-id/01/020304.debug", debug),
                                     put("/bin/x.debug", debug),
                                     put("/bin/.debug/x.debug", debug),
                                     put("/symbols" + here + "/bin/x.debug", debug),
                                     put("/more" + here + "/bin/x.debug", debug),
                                     put("/symbols/x.debug", debug),
                                     put("/more/x.debug", debug)};
  for (const std::string& place : places) {
    EXPECT_EQ(found(program, {symbols, more}), place);
    std::filesystem::remove(place);
  }
  EXPECT_EQ(found(program, {symbols, more}), "");
}

TEST_F(DebugFileTest, TheTargetsOwnRootGoesFirst) {
  put("/root/bin/x.debug", debug);
  auto result = search(program, {}, here + "/root", "/bin/program");
  ASSERT_NE(result.found, nullptr);
  EXPECT_EQ(result.found->name(), "/bin/x.debug");
  put("/root/usr/lib/debug/.build-id/01/020304.debug", debug);
  EXPECT_EQ(search(program, {}, here + "/root", "/bin/program").found->name(),
            "/usr/lib/debug/.build-id/01/020304.debug");
  // What the user named is a path of ours.
  std::filesystem::remove_all(here + "/root");
  put("/root" + here + "/symbols/x.debug", debug);
  EXPECT_EQ(search(program, {here + "/symbols"}, here + "/root", "/bin/program").found, nullptr);
  std::string place = put("/symbols/x.debug", debug);
  EXPECT_EQ(search(program, {here + "/symbols"}, here + "/root", "/bin/program").found->name(),
            place);
}

TEST_F(DebugFileTest, AnotherBuildIsRejectedWithBothIds) {
  File other{.gnu = 0x0a030201};
  put("/symbols/.build-id/01/020304.debug", other.debug());
  auto result = search(program, {here + "/symbols"});
  EXPECT_EQ(result.found, nullptr);
  EXPECT_THAT(result.rejected, ElementsAre(AllOf(HasSubstr("another build"), HasSubstr("01020304"),
                                                 HasSubstr("0102030a"))));
  // Even where the link's checksum says that it is the one.
  put("/bin/x.debug", other.debug());
  EXPECT_EQ(found(file.stripped("x.debug", other.debug())), "");
}

TEST_F(DebugFileTest, ChecksumDecidesWhereThereIsNoBuildId) {
  File none{.gnu = 0};
  std::string linked = none.debug(), image = none.stripped("x.debug", linked);
  std::string place = put("/bin/x.debug", linked);
  EXPECT_EQ(found(image), place);
  File changed{.gnu = 0, .info = "informatioN"};
  put("/bin/x.debug", changed.debug());
  auto result = search(image);
  EXPECT_EQ(result.found, nullptr);
  EXPECT_THAT(result.rejected, ElementsAre(HasSubstr("CRC")));
}

TEST_F(DebugFileTest, GosOwnBuildIdCountsToo) {
  File one{.gnu = 0, .go = "abcd"}, other{.gnu = 0, .go = "abcE"};
  put("/bin/x.debug", other.debug());
  auto result = search(one.stripped("x.debug", other.debug()));
  EXPECT_EQ(result.found, nullptr);
  EXPECT_THAT(result.rejected, ElementsAre(AllOf(HasSubstr("abcd"), HasSubstr("abcE"))));
}

TEST_F(DebugFileTest, FileWithoutAnIdIsNotFoundByTheIdInItsName) {
  put("/symbols/.build-id/01/020304.debug", File{.gnu = 0}.debug());
  EXPECT_EQ(found(program, {here + "/symbols"}), "");
}

TEST_F(DebugFileTest, RejectedOnesAreForgottenWhenOneIsFound) {
  put("/bin/x.debug", File{.gnu = 0x0a030201}.debug());
  std::string place = put("/bin/.debug/x.debug", debug);
  auto result = search(program);
  ASSERT_NE(result.found, nullptr);
  EXPECT_EQ(result.found->name(), place);
  EXPECT_THAT(result.rejected, IsEmpty());
}

TEST_F(DebugFileTest, WhatIsNoDebugFileIsRejected) {
  auto rejected = [&](const std::string& contents) {
    put("/bin/x.debug", contents);
    auto result = search(file.stripped("x.debug", contents));
    return result.found == nullptr && result.rejected.size() == 1;
  };
  EXPECT_TRUE(rejected("text"));
  EXPECT_TRUE(rejected(""));
  EXPECT_TRUE(rejected(File{.machine = EM_AARCH64}.debug()));
  EXPECT_TRUE(rejected(File{.type = ET_DYN}.debug()));
  EXPECT_TRUE(rejected(File{.type = ET_CORE}.debug()));
  EXPECT_FALSE(rejected(debug));
}

TEST_F(DebugFileTest, ProgramIsNotItsOwnDebugFile) {
  put("/bin/x.debug", program);
  EXPECT_THAT(search(program).rejected, ElementsAre(HasSubstr("the program itself")));
}

TEST_F(DebugFileTest, FoldersAndPipesAreNoFiles) {
  std::filesystem::create_directories(here + "/bin/x.debug");
  EXPECT_EQ(search(program).rejected.size(), 1U);
  std::filesystem::remove(here + "/bin/x.debug");
  ASSERT_EQ(::mkfifo((here + "/bin/x.debug").c_str(), 0600), 0);
  EXPECT_EQ(search(program).rejected.size(), 1U);  // and it does not wait for a writer
}

}  // namespace
}  // namespace goshawk::target
