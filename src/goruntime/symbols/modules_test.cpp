#include "goruntime/symbols/modules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "goruntime/symbols/build_facts.h"
#include "goruntime/testing/synthetic_image.h"

namespace goshawk::goruntime {
namespace {

using testing::HasSubstr;

class ModulesTest : public SyntheticImage, public testing::TestWithParam<int> {
 protected:
  ModulesTest() : SyntheticImage(GetParam()) {}

  std::string read_error() {
    auto modules = read();
    return modules ? "no error" : describe(modules.error());
  }
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

TEST_P(ModulesTest, ProgramOfAnotherProcessorIsAnEmulators) {
  memory().write(kRodata + 6, std::uint8_t{4});  // arm64's least instruction
  auto modules = read();
  ASSERT_FALSE(modules);
  EXPECT_NE(describe(modules.error()).find("is an emulator"), std::string::npos);
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
  EXPECT_THAT(read_error(), HasSubstr("does not name its Go release"));
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

// Its moduledata alone would fit several; its types are not there to tell them apart.
TEST_P(ModulesTest, ReleaseThatNothingTellsIsRefused) {
  write_build_information("unknown");
  EXPECT_THAT(read_error(), HasSubstr("does not name its Go release"));
}

TEST_P(ModulesTest, OlderReleaseIsNamed) {
  write_build_information("go1.17.9");
  EXPECT_THAT(read_error(), HasSubstr("go1.17.9"));
}

// Besides the program: libraries with a runtime of their own, whose tables are the program's.
class RuntimesTest : public SyntheticImage, public testing::Test {
 protected:
  RuntimesTest() : SyntheticImage(27) {}

  // The second file at each address has the same path as the first.
  void add_library(Address at, const std::string& path, int minor) {
    memory().map(at, kBytes);
    write_build_information("go1." + std::to_string(minor) + ".3", at);
    write_moduledata(at + 0x400, minor, false);
    target::Mapping mapping = mappings.back();
    mapping.range = {at, at + kBytes};
    mapping.path = path;
    mappings.push_back(mapping);
  }
  std::string version_of(std::string_view wanted) {
    auto modules = read_modules(target, mappings, wanted);
    return modules ? modules->build.version.text : describe(modules.error());
  }

  std::vector<target::Mapping> mappings = ImageTarget::mappings();
};

constexpr Address kLow{0x10000000}, kHigh{0x20000000};

TEST_F(RuntimesTest, TheExecutableGoesFirstThenLibrariesByPath) {
  add_library(kLow, "/lib/b.so", 25);
  add_library(kHigh, "/lib/a.so", 26);
  auto runtimes = find_runtimes(target, mappings);
  ASSERT_TRUE(runtimes) << describe(runtimes.error());
  std::vector<std::string> texts;
  for (const Runtime& runtime : *runtimes) texts.push_back(runtime.name.text());
  EXPECT_THAT(texts, testing::ElementsAre("/bin/program (go1.27.3)", "/lib/a.so (go1.26.3)",
                                          "/lib/b.so (go1.25.3)"));
}

TEST_F(RuntimesTest, OneIsChosenAndTheOthersAreTold) {
  add_library(kLow, "/lib/b.so", 25);
  add_library(kHigh, "/lib/a.so", 26);
  EXPECT_EQ(version_of(""), "go1.27.3");
  EXPECT_EQ(version_of("2"), "go1.26.3");
  EXPECT_EQ(version_of("/lib/b.so"), "go1.25.3");
  EXPECT_EQ(version_of("b.so"), "go1.25.3");
  auto modules = read_modules(target, mappings, "a.so");
  ASSERT_TRUE(modules);
  EXPECT_EQ(modules->image.path, "/lib/a.so");
  ASSERT_EQ(modules->other_runtimes.size(), 2U);
  EXPECT_EQ(modules->other_runtimes[0].path, "/bin/program");
  EXPECT_EQ(modules->other_runtimes[1].path, "/lib/b.so");
}

TEST_F(RuntimesTest, NameOfNoneOrOfSeveralIsAnError) {
  add_library(kLow, "/lib/go.so", 25);
  add_library(kHigh, "/opt/go.so", 26);
  for (const char* wanted : {"0", "4", "c.so", "/lib", "1x", "go.so"}) {
    auto modules = read_modules(target, mappings, wanted);
    ASSERT_FALSE(modules) << wanted;
    EXPECT_THAT(describe(modules.error()), testing::AllOf(HasSubstr("1 /bin/program (go1.27.3)"),
                                                          HasSubstr("2 /lib/go.so (go1.25.3)"),
                                                          HasSubstr("3 /opt/go.so (go1.26.3)")));
  }
}

TEST_F(RuntimesTest, PluginOfTheProgramIsNoOtherRuntime) {
  add_library(kLow, "/lib/plugin.so", 27);
  memory().write_pointer(kModuledata + layout_of(27).next, kLow + 0x400);
  auto modules = read_modules(target, mappings);
  ASSERT_TRUE(modules) << describe(modules.error());
  EXPECT_EQ(modules->all.size(), 2U);
  EXPECT_TRUE(modules->other_runtimes.empty());
}

TEST_F(RuntimesTest, LibraryThatIsThereTwiceHasTwo) {
  add_library(kLow, "/lib/go.so", 25);
  add_library(kHigh, "/lib/go.so", 25);
  auto runtimes = find_runtimes(target, mappings);
  ASSERT_TRUE(runtimes);
  EXPECT_EQ(runtimes->size(), 3U);
  EXPECT_EQ(version_of("3"), "go1.25.3");
}

TEST_F(RuntimesTest, ReleaseIsTheFilesOwn) {
  memory().write_text(kData, std::string(14, '\0'));  // the program says nothing of its own
  add_library(kLow, "/lib/go.so", 25);
  EXPECT_THAT(version_of("1"), HasSubstr("does not name its Go release"));
  EXPECT_EQ(version_of("2"), "go1.25.3");
  EXPECT_EQ(version_of(""), "go1.25.3");  // the first that can be read
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
