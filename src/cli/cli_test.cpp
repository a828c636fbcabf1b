// The table of commands and what is made of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/invocation.h"
#include "cli/manual.h"

namespace goshawk::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

fs::path repository() { return fs::path(__FILE__).parent_path().parent_path().parent_path(); }

TEST(Commands, EachHasAllThatHelpNeeds) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_FALSE(command.one_line.empty()) << command.name;
    EXPECT_FALSE(command.description.empty()) << command.name;
    EXPECT_FALSE(command.examples.empty()) << command.name;
    EXPECT_TRUE(command.run != nullptr) << command.name;
    for (const Option& option : command.options) {
      EXPECT_TRUE(option.long_name.starts_with("--")) << option.long_name;
      EXPECT_FALSE(option.help.empty()) << option.long_name;
    }
    for (const Example& example : command.examples)
      EXPECT_THAT(std::string(example.line), HasSubstr("goshawk")) << command.name;
  }
}

TEST(Commands, HelpFitsTheScreenAndNamesEveryOption) {
  for (const Command& command : commands()) {
    std::string help = render_help(command);
    for (const Option& option : command.options)
      EXPECT_THAT(help, HasSubstr(std::string(option.long_name)));
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST(Arguments, OptionsBeforeAndAfterTheTarget) {
  const Command& leaks = *find_command("leaks");
  auto arguments = parse_arguments(leaks, {"--format=json", "4711", "-a", "-o", "x.json"});
  ASSERT_TRUE(arguments.has_value());
  EXPECT_EQ(arguments->positional(), "4711");
  EXPECT_EQ(arguments->value("--format"), "json");
  EXPECT_EQ(arguments->value("--output"), "x.json");
  EXPECT_TRUE(arguments->has("--all"));
  EXPECT_FALSE(arguments->has("--verbose"));
}

TEST(Arguments, RepeatedOptionsAddUp) {
  auto arguments =
      parse_arguments(*find_command("goroutines"), {"1", "--goid", "3", "--goid", "4,5"});
  ASSERT_TRUE(arguments.has_value());
  EXPECT_THAT(arguments->values("--goid"), ElementsAre("3", "4,5"));
}

std::string refusal(std::string_view command, const std::vector<std::string>& typed) {
  auto arguments = parse_arguments(*find_command(command), typed);
  return arguments ? "accepted" : describe(arguments.error());
}

TEST(Arguments, WrongOnesAreNamed) {
  EXPECT_THAT(refusal("leaks", {"1", "--nonsense"}), HasSubstr("there is no option --nonsense"));
  EXPECT_THAT(refusal("leaks", {"1", "2"}), HasSubstr("\"2\" is one argument too many"));
  EXPECT_THAT(refusal("leaks", {}), HasSubstr("TARGET is missing"));
  EXPECT_THAT(refusal("leaks", {"1", "--format", "xml"}),
              HasSubstr("--format does not know \"xml\"; it takes text, json, pprof"));
  EXPECT_THAT(refusal("leaks", {"1", "-o"}), HasSubstr("see `goshawk leaks --help`"));
  EXPECT_THAT(refusal("ps", {"x"}), HasSubstr("one argument too many"));
}

TEST(Invocation, WrongUsageEndsWithTwo) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(run({"leeks"}), 2);
  EXPECT_EQ(run({"nonsense"}), 2);
  EXPECT_EQ(run({"--nonsense"}), 2);
  EXPECT_EQ(run({"leaks"}), 2);
  EXPECT_EQ(run({"help", "nonsense"}), 2);
  EXPECT_EQ(run({"completion", "tcsh"}), 2);
  EXPECT_EQ(run({"explain", "nonsense"}), 2);
}

TEST(Invocation, MistypedCommandsAreGuessed) {
  EXPECT_EQ(find_nearest_command("leeks")->name, "leaks");
  EXPECT_EQ(find_nearest_command("goroutine")->name, "goroutines");
  EXPECT_EQ(find_nearest_command("prometheus"), nullptr);
}

TEST(Manual, IsTheOneInTheRepository) {
  std::string manual = render_manual(commands());
  EXPECT_EQ(content(repository() / "docs" / "goshawk.1"), manual)
      << "run: build/goshawk man > docs/goshawk.1";
}

TEST(Manual, ManReadsItWithoutComplaint) {
  if (std::system("command -v groff >/dev/null") != 0) GTEST_SKIP() << "needs groff";
  std::string command = "groff -man -Tutf8 -ww -z " +
                        (repository() / "docs" / "goshawk.1").string() + " 2>&1 | grep . >&2";
  EXPECT_NE(std::system(command.c_str()), 0);
}

class CompletionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "goshawk-completion-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  // What bash offers for the last word.
  std::string offered(const std::string& words, int last) {
    std::string script = write("goshawk.bash", render_bash_completion(commands()));
    std::string out = (folder_ / "out").string();
    std::string command = "bash -c 'goshawk() { printf \"PID GO\\n4711 go\\n\"; }; source " +
                          script + "; COMP_WORDS=(" + words +
                          "); COMP_CWORD=" + std::to_string(last) +
                          "; _goshawk; echo ${COMPREPLY[@]}' > " + out;
    EXPECT_EQ(std::system(command.c_str()), 0);
    return content(out);
  }
  static bool has(const std::string& shell) {
    return std::system(("command -v " + shell + " >/dev/null").c_str()) == 0;
  }

  fs::path folder_;
};

TEST_F(CompletionTest, Bash) {
  EXPECT_EQ(offered("goshawk le", 1), "leaks\n");
  EXPECT_EQ(offered("goshawk 47", 1), "4711\n");
  EXPECT_EQ(offered("goshawk leaks 4", 2), "4711\n");
  EXPECT_EQ(offered("goshawk leaks --fo", 2), "--format\n");
  EXPECT_EQ(offered("goshawk leaks --format j", 3), "json\n");
  EXPECT_EQ(offered("goshawk explain aband", 2), "abandoned-result\n");
  EXPECT_EQ(offered("goshawk completion z", 2), "zsh\n");
}

TEST_F(CompletionTest, ZshAndFishParse) {
  if (!has("zsh") && !has("fish")) GTEST_SKIP() << "needs zsh or fish";
  if (has("zsh")) {
    std::string script = write("z", render_zsh_completion(commands()));
    EXPECT_EQ(std::system(("zsh -n " + script).c_str()), 0);
  }
  if (has("fish")) {
    std::string script = write("f", render_fish_completion(commands()));
    EXPECT_EQ(std::system(("fish --no-execute " + script).c_str()), 0);
  }
}

TEST_F(CompletionTest, EveryCommandAndOptionIsInEachShells) {
  for (const std::string& script :
       {render_bash_completion(commands()), render_zsh_completion(commands())})
    for (const Command& command : commands()) {
      EXPECT_THAT(script, HasSubstr(std::string(command.name)));
      for (const Option& option : command.options)
        EXPECT_THAT(script, HasSubstr(std::string(option.long_name)));
    }
}

}  // namespace
}  // namespace goshawk::cli
