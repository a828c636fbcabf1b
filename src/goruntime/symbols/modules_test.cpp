#include "goruntime/symbols/modules.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "goruntime/facts/moduledata.h"
#include "goruntime/symbols/build_facts.h"
#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime {
namespace {

using testing::HasSubstr;

constexpr Address kRodata{0x600000};  // the pclntab, then what else is read-only
constexpr Address kData{0x800000};    // build information, moduledata, the globals
constexpr std::uint64_t kBytes = 0x10000;
constexpr Address kModuledata = kData + 0x400;
constexpr Address kPlugin = kData + 0x1000;
constexpr Address kGlobals = kData + 0x2000;
constexpr Address kMask = kData + 0x3000;

class SyntheticTarget : public target::Target {
 public:
  explicit SyntheticTarget(std::uint16_t machine) : machine_(machine) {}

  std::string kind() const override { return "process"; }
  std::int64_t pid() const override { return 1; }
  std::string executable_path() const override { return "/bin/program"; }
  Result<int> open_executable() const override {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = machine_;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    int fd = ::memfd_create("program", 0);
    if (fd < 0 || ::write(fd, &header, sizeof header) != sizeof header)
      return fail(Missing{"a file in memory", ""});
    return fd;
  }
  const target::Memory& memory() const override { return memory_; }
  Result<std::vector<target::Mapping>> read_mappings() const override { return mappings(); }
  Result<std::unique_ptr<target::Stop>> stop() override { return fail(Missing{"stop", ""}); }
  Result<std::int64_t> read_monotonic_ns() const override { return 0; }

  static std::vector<target::Mapping> mappings() {
    target::Mapping rodata;
    rodata.range = {kRodata, kRodata + kBytes};
    rodata.readable = true;
    rodata.path = "/bin/program";
    rodata.file_offset = 0x200000;
    target::Mapping data = rodata;
    data.range = {kData, kData + kBytes};
    data.writable = true;
    data.file_offset = 0x400000;
    return {rodata, data};
  }

  SyntheticMemory memory_;

 private:
  std::uint16_t machine_;
};

class ModulesTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    memory().map(kRodata, kBytes);
    memory().map(kData, kBytes);
    write_pclntab();
    write_build_information("go1." + std::to_string(GetParam()) + ".3");
    write_moduledata(kModuledata, GetParam(), true);
  }

  SyntheticMemory& memory() { return target.memory_; }
  Result<Modules> read() { return read_modules(target, SyntheticTarget::mappings()); }
  std::string read_error() {
    auto modules = read();
    return modules ? "no error" : describe(modules.error());
  }

  void write_pclntab(std::uint32_t magic = 0xfffffff1) {
    memory().write(kRodata, magic);
    memory().write(kRodata + 6, std::uint8_t{1});
    memory().write(kRodata + 7, std::uint8_t{8});
    memory().write(kRodata + 8, std::uint64_t{2});  // functions
    memory().write(kRodata + 16, std::uint64_t{1});
    for (std::uint64_t i = 0; i < 5; ++i) memory().write(kRodata + 32 + i * 8, kTables[i]);
  }

  void write_build_information(const std::string& version) {
    const std::string modinfo =
        "0123456789abcdefpath\texample.com/program\nmod\tx\n0123456789abcdef";
    memory().write_text(kData, "\xff Go buildinf:");
    memory().write(kData + 14, std::uint8_t{8});
    memory().write(kData + 15, std::uint8_t{2});
    memory().write(kData + 32, static_cast<std::uint8_t>(version.size()));
    memory().write_text(kData + 33, version);
    Address rest = kData + 33 + version.size();
    memory().write(rest, static_cast<std::uint8_t>(modinfo.size()));
    memory().write_text(rest + 1, modinfo);
  }

  void write_range(Address at, Address start, std::uint64_t size_bytes) {
    memory().write_pointer(at, start);
    memory().write_pointer(at + 8, start + size_bytes);
  }
  void write_slice(Address at, Address start, std::uint64_t length) {
    memory().write_pointer(at, start);
    memory().write(at + 8, length);
    memory().write(at + 16, length);
  }

  ModuledataLayout layout_of(int minor) {
    GoVersion version;
    version.minor = minor;
    version.text = "go1." + std::to_string(minor);
    auto table = table_layout(version, "amd64");
    EXPECT_TRUE(table);
    auto layout = ModuledataLayout::bind(**table);
    EXPECT_TRUE(layout);
    return *layout;
  }

  void write_moduledata(Address at, int minor, bool has_main) {
    namespace head = moduledata_head;
    ModuledataLayout layout = layout_of(minor);
    memory().write_pointer(at + head::kPcHeader, kRodata);
    write_slice(at + head::kFuncnametab, kRodata + kTables[0], 16);
    write_slice(at + head::kCutab, kRodata + kTables[1], 2);
    write_slice(at + head::kFiletab, kRodata + kTables[2], 8);
    write_slice(at + head::kPctab, kRodata + kTables[3], 8);
    write_slice(at + head::kPclntable, kRodata + kTables[4], 512);
    write_slice(at + head::kFtab, kRodata + kTables[4], 3);
    write_range(at + head::kText, Address(0x401000), 0x1000);
    write_range(at + head::kMinpc, Address(0x401000), 0xf00);
    write_range(at + head::kNoptrdata, kData, 0);
    write_range(at + head::kData, kGlobals, 0x100);
    write_range(at + head::kBss, kGlobals + 0x100, 0x80);
    write_range(at + head::kNoptrbss, kGlobals + 0x180, 0x10);
    memory().write(at + layout.gcdatamask, std::uint32_t{30});
    memory().write_pointer(at + layout.gcdatamask + 8, kMask);
    memory().write(at + layout.gcbssmask, std::uint32_t{16});
    memory().write_pointer(at + layout.gcbssmask + 8, kMask);
    memory().write_pointer(at + layout.types, kRodata + 0x800);
    memory().write_pointer(at + layout.etypes, kRodata + 0x900);
    memory().write_pointer(at + layout.rodata, kRodata);
    memory().write_pointer(at + layout.gofunc, kRodata + 0xa00);
    memory().write(at + layout.hasmain, static_cast<std::uint8_t>(has_main));
  }

  static constexpr std::uint64_t kTables[] = {72, 96, 112, 120, 128};
  SyntheticTarget target{EM_X86_64};
};

INSTANTIATE_TEST_SUITE_P(Releases, ModulesTest, testing::Range(19, 28));

TEST_P(ModulesTest, FindsTheModuleByItsShape) {
  auto modules = read();
  ASSERT_TRUE(modules) << describe(modules.error());
  EXPECT_EQ(modules->build.version.minor, GetParam());
  EXPECT_EQ(modules->build.version.patch, 3);
  EXPECT_EQ(modules->build.arch, "amd64");
  EXPECT_EQ(modules->build.main_path, "example.com/program");
  EXPECT_FALSE(modules->build.newer_than_tables);
  ASSERT_EQ(modules->all.size(), 1U);
  const Moduledata& module = modules->all.front();
  EXPECT_EQ(module.address, kModuledata);
  EXPECT_EQ(module.pc_header, kRodata);
  EXPECT_EQ(module.pclntab.function_count, 2U);
  EXPECT_EQ(module.text, (AddressRange{Address(0x401000), Address(0x402000)}));
  EXPECT_EQ(module.data, (AddressRange{kGlobals, kGlobals + 0x100}));
  EXPECT_EQ(module.gcdata_mask.bits, 30U);
  EXPECT_EQ(module.gofunc, kRodata + 0xa00);
  EXPECT_TRUE(module.has_main);
}

TEST_P(ModulesTest, MagicOfAnObfuscatorDoesNotMatter) {
  write_pclntab(0x12345678);
  EXPECT_TRUE(read());
}

TEST_P(ModulesTest, ReleaseByRuntimeBuildVersion) {
  memory().write_text(kData, std::string(14, '\0'));
  const std::string version = "go1." + std::to_string(GetParam());
  memory().write_text(kRodata + 0xb00, version);
  memory().write_pointer(kGlobals + 0x40, kRodata + 0xb00);
  memory().write(kGlobals + 0x48, version.size());
  auto modules = read();
  ASSERT_TRUE(modules) << describe(modules.error());
  EXPECT_EQ(modules->build.version.minor, GetParam());
  EXPECT_EQ(modules->build.main_path, "");
}

TEST_P(ModulesTest, TwoReleasesAreNone) {
  memory().write_text(kData, std::string(14, '\0'));
  for (std::uint64_t i = 0; i < 2; ++i) {
    memory().write_text(kRodata + 0xb00 + i * 16, i == 0 ? "go1.19" : "go1.20");
    memory().write_pointer(kGlobals + 0x40 + i * 16, kRodata + 0xb00 + i * 16);
    memory().write(kGlobals + 0x48 + i * 16, std::uint64_t{6});
  }
  EXPECT_THAT(read_error(), HasSubstr("the Go release"));
}

TEST_P(ModulesTest, PluginsFollowTheMainModule) {
  ModuledataLayout layout = layout_of(GetParam());
  write_moduledata(kModuledata, GetParam(), false);
  write_moduledata(kPlugin, GetParam(), true);
  memory().write_pointer(kModuledata + layout.next, kPlugin);
  memory().write_pointer(kPlugin + layout.next, kModuledata);  // a circle
  auto modules = read();
  ASSERT_TRUE(modules) << describe(modules.error());
  ASSERT_EQ(modules->all.size(), 2U);
  EXPECT_EQ(modules->all.front().address, kPlugin);
}

TEST_P(ModulesTest, ContradictionIsNamed) {
  ModuledataLayout layout = layout_of(GetParam());
  memory().write(kModuledata + layout.gcdatamask, std::uint32_t{3000});
  EXPECT_THAT(read_error(), HasSubstr("gcdatamask"));
  write_moduledata(kModuledata, GetParam(), true);
  memory().write_pointer(kModuledata + layout.gofunc, Address(0x10));
  EXPECT_THAT(read_error(), HasSubstr("gofunc"));
}

TEST_P(ModulesTest, RuntimeThatIsStillStarting) {
  ModuledataLayout layout = layout_of(GetParam());
  memory().write(kModuledata + layout.gcdatamask, std::uint32_t{0});
  memory().write(kModuledata + layout.gcbssmask, std::uint32_t{0});
  EXPECT_THAT(read_error(), HasSubstr("starting"));
}

TEST_P(ModulesTest, TableAtAnotherOffsetIsNoModuledata) {
  memory().write(kRodata + 48, kTables[2] + 8);
  EXPECT_THAT(read_error(), HasSubstr("not a Go program"));
}

TEST_P(ModulesTest, NewerReleaseIsReadByAShapeThatFits) {
  write_build_information("go1.45.1");
  auto modules = read();
  ASSERT_TRUE(modules) << describe(modules.error());
  EXPECT_TRUE(modules->build.newer_than_tables);
  EXPECT_EQ(modules->build.version.minor, 45);
  EXPECT_EQ(modules->all.front().gofunc, kRodata + 0xa00);
}

TEST_P(ModulesTest, OlderReleaseIsNamed) {
  write_build_information("go1.17.9");
  EXPECT_THAT(read_error(), HasSubstr("go1.17.9"));
}

TEST(BuildFactsTest, MainPath) {
  EXPECT_EQ(parse_main_path("xxpath\ta/b\nmod\tc\n"), "a/b");
  EXPECT_EQ(parse_main_path("path\ta"), "a");
  EXPECT_EQ(parse_main_path(""), "");
}

TEST(BuildFactsTest, CutOffInformation) {
  SyntheticMemory memory;
  memory.map(Address(0x1000), 33);
  memory.write_text(Address(0x1000), "\xff Go buildinf:");
  memory.write(Address(0x100f), std::uint8_t{2});
  for (int length : {0, 5, 0x7f, 0xff}) {
    memory.write(Address(0x1020), static_cast<std::uint8_t>(length));
    EXPECT_FALSE(read_build_information(memory, Address(0x1000))) << length;
  }
  EXPECT_FALSE(read_build_information(memory, Address(0x5000)));
}

}  // namespace
}  // namespace goshawk::goruntime
