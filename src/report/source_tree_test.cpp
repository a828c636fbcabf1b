#include "report/source_tree.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace goshawk::report {
namespace {

namespace fs = std::filesystem;

// repository/.git, repository/services/go.mod (module example.com/shop), files below it.
class SourceTreeTest : public ::testing::Test {
 protected:
  SourceTreeTest() {
    fs::create_directories(root_ / ".git");
    write("services/go.mod", "// ours\n\nmodule \"example.com/shop\" // the shop\n\ngo 1.22\n");
    write("services/api/handler.go", "");
    write("services/api/handler_test.go", "");
    write("services/yaml.v3/yaml.go", "");
    write("services/main.go", "");
  }
  ~SourceTreeTest() override { fs::remove_all(folder_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  std::string find(const std::string& file, const std::string& function = "main.main",
                   const std::string& from = "services") {
    return SourceTree::around(root_ / from).find({function, file, 1}).value_or("");
  }

  fs::path folder_ =
      fs::canonical(fs::temp_directory_path()) / ("source_tree_" + std::to_string(::getpid()));
  fs::path root_ = folder_ / "repository";
};

TEST_F(SourceTreeTest, BuiltInThisTree) {
  EXPECT_EQ(find((root_ / "services/api/handler.go").string()), "services/api/handler.go");
  EXPECT_EQ(find((root_ / "gone.go").string(), "main.main", "services/api"), "gone.go");
  EXPECT_EQ(find("/usr/local/go/src/net/http/server.go", "net/http.(*conn).serve"), "");
  EXPECT_EQ(find(root_.string() + "2/x.go"), "");
  EXPECT_EQ(find((root_ / ".go/pkg/mod/example.com/dep@v1.2.3/x.go").string()), "");
}

TEST_F(SourceTreeTest, ThroughASymbolicLink) {
  fs::create_directory_symlink(root_, folder_ / "link");
  EXPECT_EQ(find((folder_ / "link/services/main.go").string()), "services/main.go");
  EXPECT_EQ(SourceTree::around(folder_ / "link/services").root(), root_.string());
}

TEST_F(SourceTreeTest, BuiltWithTrimpath) {
  EXPECT_EQ(find("example.com/shop/api/handler.go"), "services/api/handler.go");
  EXPECT_EQ(find("example.com/shop/main.go"), "services/main.go");
  EXPECT_EQ(find("example.com/shop/gone.go"), "");
  EXPECT_EQ(find("example.com/shopping/main.go"), "");
  EXPECT_EQ(find("example.com/dep@v1.2.3/main.go"), "");
  EXPECT_EQ(find("net/http/server.go", "net/http.(*conn).serve"), "");
}

TEST_F(SourceTreeTest, BuiltInAnotherCopy) {
  EXPECT_EQ(find("/src/api/handler.go", "example.com/shop/api.(*Handler).Serve.func1"),
            "services/api/handler.go");
  EXPECT_EQ(find("/src/api/handler_test.go", "example.com/shop/api_test.TestServe"),
            "services/api/handler_test.go");
  EXPECT_EQ(find("/src/yaml.v3/yaml.go", "example.com/shop/yaml%2ev3.Parse"),
            "services/yaml.v3/yaml.go");
  EXPECT_EQ(find("/src/main.go", "main.main"), "");
}

TEST_F(SourceTreeTest, NothingLeadsOutOfIt) {
  write("../secret.go", "");
  EXPECT_EQ(find("example.com/shop/../../secret.go"), "");
  EXPECT_EQ(find(root_.string() + "/../secret.go"), "");
  EXPECT_EQ(find("/src/secret.go", "example.com/shop/../...f"), "");
  EXPECT_EQ(find(std::string("example.com/shop/main.go\0x", 26)), "");
  EXPECT_EQ(find((root_ / "services/\x1b[31m.go").string()), "");
  EXPECT_EQ(find(""), "");
}

TEST_F(SourceTreeTest, WithoutARepository) {
  fs::remove_all(root_ / ".git");
  EXPECT_EQ(find("example.com/shop/api/handler.go", "main.f", "services/api"), "api/handler.go");
  fs::remove(root_ / "services/go.mod");
  EXPECT_EQ(find((root_ / "services/api/handler.go").string(), "main.f", "services"),
            "api/handler.go");
  EXPECT_EQ(SourceTree::around("/").root(), "");
  EXPECT_EQ(SourceTree::around(root_ / "nowhere").root(), "");
  EXPECT_FALSE(SourceTree().find({"main.main", "main.go", 1}));
}

TEST(EncodeUri, WhatIsNotPlainIsEncoded) {
  EXPECT_EQ(encode_uri("a/b-1_2.go"), "a/b-1_2.go");
  EXPECT_EQ(encode_uri("a b%:\"\xff\n"), "a%20b%25%3A%22%FF%0A");
}

}  // namespace
}  // namespace goshawk::report
