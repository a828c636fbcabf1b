// The profile as data here; that `go tool pprof` reads it and says what the endpoint says is
// checked on live processes, end to end. Its encoding is checked by `go tool pprof` below.
#include "report/goroutine_profile.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pprof/encoder.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

namespace fs = std::filesystem;
using testing::PictureBuilder;

void fill(PictureBuilder& builder) {
  snapshot::StackId stack = builder.stack(
      {builder.frame("runtime.gopark", "/go/proc.go", 400, 0x402000),
       builder.inlined("main.get[...]", "/src/main.go", 30, 0x401010, "main.get[go.shape.int]"),
       builder.frame("main.worker", "/src/main.go", 12, 0x401010),
       builder.wrapper("main.main.gowrap1", 0x401100),
       builder.frame("runtime.goexit", "/go/asm.s", 1, 0x403000)});
  for (std::uint64_t goid = 2; goid < 5; ++goid) builder.waiting(goid, "chan receive", stack);
  builder.waiting(9, "chan receive", stack);
  builder.label("tenant", "blue");
}

TEST(GoroutineProfile, OneSampleForEachStackAndLabels) {
  PictureBuilder builder;
  fill(builder);
  pprof::Profile profile = make_goroutine_profile(
      builder.picture(), select_goroutines(builder.picture(), {}), "goroutine", 1);
  ASSERT_EQ(profile.sample_count(), 2u);
  EXPECT_EQ(profile.values_of(0)[0], 3);
  EXPECT_EQ(profile.values_of(1)[0], 1);
  ASSERT_EQ(profile.labels_of(1).size(), 1u);
  EXPECT_EQ(profile.strings[profile.labels_of(1)[0].text], "blue");
  EXPECT_EQ(profile.period, 1);
  EXPECT_EQ(profile.strings[profile.period_type.type], "goroutine");
}

TEST(GoroutineProfile, LocationsArePhysicalFramesWithTheirInlinedCalls) {
  PictureBuilder builder;
  fill(builder);
  pprof::Profile profile = make_goroutine_profile(
      builder.picture(), select_goroutines(builder.picture(), {}), "goroutine", 1);
  ASSERT_EQ(profile.locations.size(), 2u);  // neither the wrapper nor goexit
  EXPECT_EQ(profile.locations[0].address.value(), 0x401fffu);
  EXPECT_EQ(profile.locations[1].address.value(), 0x40100fu);
  ASSERT_EQ(profile.lines_of(1).size(), 2u);
  const pprof::Line& inner = profile.lines_of(1)[0];
  EXPECT_EQ(profile.strings[profile.functions[inner.function].name], "main.get[go.shape.int]");
  EXPECT_EQ(inner.line, 30);
}

TEST(GoroutineProfile, GoToolPprofReadsIt) {
  if (std::system("go version >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs Go";
  PictureBuilder builder;
  fill(builder);
  auto bytes = pprof::encode_gzipped(make_goroutine_profile(
      builder.picture(), select_goroutines(builder.picture(), {}), "goroutine", 1));
  ASSERT_TRUE(bytes.has_value());
  std::string pattern = (fs::temp_directory_path() / "goshawk-profile-XXXXXX").string();
  fs::path folder = ::mkdtemp(pattern.data());
  std::ofstream(folder / "p") << *bytes;
  std::string command =
      "cd " + folder.string() +
      " && go tool pprof -traces p > out 2> errors && go tool pprof -raw p >> out 2>> errors";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::ostringstream out;
  out << std::ifstream(folder / "out").rdbuf();
  for (const char* expected :
       {"Type: goroutine", "3   runtime.gopark", "main.get[go.shape.int] (inline)", "main.worker",
        "tenant:[blue]", "Build ID: abc123"})
    EXPECT_NE(out.str().find(expected), std::string::npos) << expected << "\n" << out.str();
  fs::remove_all(folder);
}

}  // namespace
}  // namespace goshawk::report
