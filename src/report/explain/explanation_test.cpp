// Every rule is explained, and the Go programs in the explanations compile: the right ones also
// pass `go vet`.
#include "report/explain/explanation.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "findings/rules.h"
#include "report/explain_text.h"

namespace goshawk::report {
namespace {

namespace fs = std::filesystem;

TEST(Explanations, StandInTheOrderOfTheRules) {
  std::vector<std::string_view> explained, known;
  for (const Explanation* explanation : explanations()) explained.push_back(explanation->rule);
  for (const findings::Rule& rule : findings::rules()) known.push_back(rule.id);
  EXPECT_EQ(explained, known);
}

TEST(Explanations, AreWholeAndKeepToTheScreen) {
  for (const Explanation* explanation : explanations()) {
    StringOutput out;
    render_explanation(out, *findings::find_rule(explanation->rule), TextStyle{});
    for (std::string_view text :
         {explanation->why, explanation->mend, explanation->releases, explanation->certainty})
      EXPECT_GT(text.size(), 10u) << explanation->rule;
    std::istringstream lines(out.text());
    EXPECT_EQ(out.text().find('\t'), std::string::npos) << explanation->rule;
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(line.size(), 80u) << explanation->rule << ": " << line;
  }
}

// A Go module with one program in a folder each.
class Programs {
 public:
  Programs() {
    std::string pattern = (fs::temp_directory_path() / "goshawk-explain-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    write("go.mod", "module explained.example/programs\n\ngo 1.19\n");
  }
  ~Programs() { fs::remove_all(root_); }
  void write(const std::string& name, std::string_view text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  int run(const std::string& command) const {
    std::string line = "cd " + root_.string() + " && GOFLAGS= GO111MODULE=on " + command + " 2>&1";
    int status = std::system(line.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  fs::path root_;
};

TEST(Explanations, TheirProgramsCompile) {
  Programs programs;
  if (programs.run("go version >/dev/null") != 0) GTEST_SKIP() << "needs Go";
  for (const Explanation* explanation : explanations()) {
    std::string name(explanation->rule);
    programs.write("wrong/" + name + "/main.go", explanation->wrong);
    programs.write("right/" + name + "/main.go", explanation->right);
  }
  EXPECT_EQ(programs.run("go build ./..."), 0);
  EXPECT_EQ(programs.run("go vet ./right/..."), 0);
  EXPECT_EQ(programs.run("test -z \"$(gofmt -l .)\" || { gofmt -d .; exit 1; }"), 0);
}

}  // namespace
}  // namespace goshawk::report
