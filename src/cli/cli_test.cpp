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
using ::testing::Not;

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
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(Commands, TheOverviewNamesVersionAndExitCodes) {
  std::string overview = render_overview(commands());
  for (const char* told : {"-V, --version", "-h, --help", "Exit codes:\n  0  ", "  4  "})
    EXPECT_THAT(overview, HasSubstr(told));
  std::istringstream lines(overview);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(Commands, OnlyWhatCanOccurIsOffered) {
  std::string goroutines_help = render_help(*find_command("goroutines"));
  EXPECT_THAT(goroutines_help, HasSubstr("copystack)"));
  EXPECT_THAT(goroutines_help, HasSubstr("a Go regular"));
  EXPECT_THAT(goroutines_help, Not(HasSubstr("leaked")));
  EXPECT_THAT(render_help(*find_command("leaks")), HasSubstr("(proven, likely, suspected,"));
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
  EXPECT_THAT(arguments->values("--goid"), ElementsAre("3", "4", "5"));
}

TEST(Arguments, ListsHaveCommasAndBlanks) {
  auto arguments =
      parse_arguments(*find_command("leaks"), {"1", "--rule", "mutex, rwmutex", "--rule=cond"});
  ASSERT_TRUE(arguments.has_value());
  EXPECT_THAT(arguments->values("--rule"), ElementsAre("mutex", "rwmutex", "cond"));
}

TEST(Arguments, AnEmptyListIsNotAllThatThereIs) {
  for (const char* typed : {"", ",", " , "}) {
    auto arguments = parse_arguments(*find_command("leaks"), {"1", "--rule", typed});
    ASSERT_FALSE(arguments.has_value()) << typed;
    EXPECT_THAT(describe(arguments.error()), HasSubstr("--rule has no value"));
  }
}

TEST(Arguments, AfterTwoDashesNothingIsAnOption) {
  EXPECT_EQ(parse_arguments(*find_command("leaks"), {"--", "12962"})->positional(), "12962");
  EXPECT_EQ(parse_arguments(*find_command("leaks"), {"--all", "--", "-1"})->positional(), "-1");
}

std::string refusal(std::string_view command, const std::vector<std::string>& typed) {
  auto arguments = parse_arguments(*find_command(command), typed);
  return arguments ? "accepted" : describe(arguments.error());
}

TEST(Arguments, AnotherCommandLineBeginsBehindOurOptions) {
  const Command& exec = *find_command("exec");
  auto parsed = parse_arguments(exec, {"--fail-on", "likely", "--all", "./a.test", "--all", "-x"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value("--fail-on"), "likely");
  EXPECT_THAT(parsed->other_line(), ElementsAre("./a.test", "--all", "-x"));
  EXPECT_THAT(parse_arguments(exec, {"--all", "--", "-x"})->other_line(), ElementsAre("-x"));
  EXPECT_THAT(parse_arguments(exec, {"--fail-on=never", "a"})->other_line(), ElementsAre("a"));
  EXPECT_FALSE(parse_arguments(exec, {"--all"}));
  EXPECT_FALSE(parse_arguments(exec, {"--nonsense", "a"}));
}

TEST(Arguments, ItMayBeginWithAnOptionOfItsOwn) {
  const Command& test = *find_command("test");
  auto parsed = parse_arguments(test, {"--fail-on", "likely", "-race", "--all", "./..."});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->has("--all"));
  EXPECT_THAT(parsed->other_line(), ElementsAre("-race", "./..."));
  auto behind = parse_arguments(test, {"./...", "--report", "json=a", "-args", "--all"});
  ASSERT_TRUE(behind);
  EXPECT_EQ(behind->value("--report"), "json=a");
  EXPECT_FALSE(behind->has("--all"));
  EXPECT_THAT(behind->other_line(), ElementsAre("./...", "-args", "--all"));
  EXPECT_THAT(parse_arguments(test, {"--", "--all"})->other_line(), ElementsAre("--all"));
  EXPECT_TRUE(parse_arguments(test, {}));
}

TEST(Arguments, WrongOnesAreNamed) {
  EXPECT_THAT(refusal("leaks", {"1", "--nonsense"}), HasSubstr("there is no option --nonsense"));
  EXPECT_THAT(refusal("leaks", {"1", "2"}), HasSubstr("\"2\" is one argument too many"));
  EXPECT_THAT(refusal("leaks", {}), HasSubstr("TARGET is missing"));
  EXPECT_THAT(refusal("leaks", {"--", "1", "2"}), HasSubstr("\"2\" is one argument too many"));
  EXPECT_THAT(refusal("leaks", {"--"}), HasSubstr("TARGET is missing"));
  EXPECT_THAT(refusal("leaks", {"1", "--format", "xml"}),
              HasSubstr("--format does not know \"xml\"; it takes text, json, sarif, junit, "
                        "github, markdown or pprof"));
  EXPECT_THAT(
      refusal("leaks", {"1", "--fail-on", "certain"}),
      HasSubstr(
          "--fail-on does not know \"certain\"; it takes proven, likely, suspected or never"));
  EXPECT_THAT(refusal("leaks", {"1", "-o"}), HasSubstr("see `goshawk leaks --help`"));
  EXPECT_THAT(refusal("ps", {"x"}), HasSubstr("one argument too many"));
}

TEST(Arguments, ACommandMayTakeTwo) {
  auto arguments = parse_arguments(*find_command("diff"), {"before", "--all", "4711"});
  ASSERT_TRUE(arguments.has_value());
  EXPECT_EQ(arguments->positional(), "before");
  EXPECT_EQ(arguments->second_positional(), "4711");
  EXPECT_THAT(refusal("diff", {}), HasSubstr("A is missing"));
  EXPECT_THAT(refusal("diff", {"1"}), HasSubstr("B is missing"));
  auto three = parse_arguments(*find_command("diff"), {"1", "2", "3"});
  ASSERT_TRUE(three);
  EXPECT_EQ(three->positionals().size(), 3u);
  EXPECT_EQ(synopsis(*find_command("diff")), "goshawk diff [OPTIONS] A B...");
}

TEST(Arguments, ACommandMayTakeMany) {
  auto arguments = parse_arguments(*find_command("baseline"), {"a", "-o", "x", "b", "--", "-c"});
  ASSERT_TRUE(arguments.has_value());
  EXPECT_THAT(arguments->positionals(), ::testing::ElementsAre("a", "b", "-c"));
  EXPECT_THAT(refusal("baseline", {}), HasSubstr("TARGET is missing"));
  EXPECT_EQ(synopsis(*find_command("baseline")), "goshawk baseline [OPTIONS] TARGET...");
}

TEST(Arguments, AnOptionMayRepeatWithCommasInItsValues) {
  auto arguments =
      parse_arguments(*find_command("leaks"), {"1", "--report", "sarif=a,b", "--report=junit=c"});
  ASSERT_TRUE(arguments.has_value());
  EXPECT_THAT(arguments->values("--report"), ::testing::ElementsAre("sarif=a,b", "junit=c"));
}

TEST(Arguments, AMissingOrNeedlessValueIsNamed) {
  for (const std::vector<std::string>& typed :
       {std::vector<std::string>{"1", "--format"}, {"--format"}, {"1", "--format="}})
    EXPECT_THAT(
        refusal("leaks", typed),
        HasSubstr("--format needs a value: text, json, sarif, junit, github, markdown or pprof"));
  for (const char* name : {"-o", "--output"})
    EXPECT_THAT(refusal("leaks", {"1", name}),
                HasSubstr("--output needs a value: write --output FILE"));
  EXPECT_THAT(refusal("leaks", {"1", "--all=3"}), HasSubstr("--all takes no value"));
  for (const Command& command : commands())
    for (const Option& option : command.options) {
      if (option.value.empty()) continue;
      std::vector<std::string> typed = {"1", std::string(option.long_name)};
      if (!command.other_line.empty()) typed.erase(typed.begin());  // "1" would begin that one
      std::string told = refusal(command.name, typed);
      EXPECT_THAT(told, HasSubstr(std::string(option.long_name) + " needs a value: "));
    }
}

TEST(Arguments, MistypedOptionsAreGuessed) {
  EXPECT_THAT(refusal("leaks", {"1", "--al"}), HasSubstr("no option --al; did you mean --all?"));
  EXPECT_THAT(refusal("leaks", {"1", "-all"}), HasSubstr("no option -all; did you mean --all?"));
  EXPECT_THAT(refusal("leaks", {"1", "--fromat=json"}),
              HasSubstr("no option --fromat; did you mean --format?"));
  EXPECT_THAT(refusal("goroutines", {"1", "--minage", "5m"}), HasSubstr("did you mean --min-age?"));
  EXPECT_THAT(refusal("leaks", {"1", "--xyzzy"}), Not(HasSubstr("did you mean")));
  EXPECT_THAT(refusal("leaks", {"1", "--format", "jsn"}), HasSubstr("did you mean json?"));
}

// What run() says on standard error.
std::string complaint(const std::vector<std::string>& typed) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(run(typed), 2);
  return ::testing::internal::GetCapturedStderr();
}

TEST(Invocation, ACommandThatIsNone) {
  EXPECT_EQ(complaint({"stack", "12962"}),
            "goshawk: there is no command \"stack\"; did you mean `goshawk goroutines 12962`?\n");
  EXPECT_EQ(complaint({"leeks", "--all", "7"}),
            "goshawk: there is no command \"leeks\"; did you mean `goshawk leaks --all 7`?\n");
  EXPECT_EQ(complaint({"nonsense", "7"}),
            "goshawk: there is no command \"nonsense\"; `goshawk help` lists them\n");
  EXPECT_THAT(complaint({"help", "leeks"}), HasSubstr("did you mean leaks?"));
}

TEST(Invocation, AFileIsATargetWhateverItsNameIs) {
  const fs::path before = fs::current_path();
  fs::current_path(::testing::TempDir());
  std::ofstream("leeks") << "no dump";
  EXPECT_THAT(complaint({"leeks"}), HasSubstr("leeks is neither"));
  fs::remove("leeks");
  fs::current_path(before);
}

TEST(Invocation, ACommandBehindItsTarget) {
  EXPECT_EQ(complaint({"12962", "leaks"}),
            "goshawk: the command comes first; write `goshawk leaks 12962`\n");
  EXPECT_EQ(complaint({"12962", "--all", "goroutines"}),
            "goshawk: the command comes first; write `goshawk goroutines 12962 --all`\n");
}

TEST(Invocation, TwoTargetsAreForDiff) {
  EXPECT_EQ(complaint({"--all", "before.snapshot", "4711"}),
            "goshawk: leaks are looked for in one target, not in two; to see what grew: `goshawk "
            "diff before.snapshot 4711`\n");
}

TEST(Invocation, TheRuntimesLeakedIsNotOurs) {
  EXPECT_EQ(
      complaint({"goroutines", "1", "--state", "leaked"}),
      "goshawk: --state does not know \"leaked\"; `goshawk leaks 1` shows the goroutines that "
      "are leaked\n");
  EXPECT_THAT(complaint({"goroutines", "1", "--state", "waiting,wating"}),
              HasSubstr("\"wating\"; did you mean waiting? it takes running, runnable"));
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
  EXPECT_EQ(find_nearest_command("dump")->name, "goroutines");  // another tool's name for it
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
  // What a shell offers for the last word. `goshawk ps -q` is played by a function.
  std::string told_by(const std::string& command) {
    std::string out = (folder_ / "out").string();
    EXPECT_EQ(std::system((command + " > " + out).c_str()), 0) << command;
    return content(out);
  }
  std::string bash_offers(const std::string& words) {
    std::string script =
        write("goshawk.bash",
              "goshawk() { [[ $* == \"ps -q\" ]] && printf \"4711\\n4712\\n\"; }\n" +
                  render_bash_completion(commands()) +
                  "COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _goshawk; echo ${COMPREPLY[@]}\n");
    return told_by("bash " + script + " " + words);
  }
  std::string fish_offers(const std::string& line) {
    std::string script = write(
        "goshawk.fish", "function goshawk; test \"$argv\" = 'ps -q'; and printf '4711\\n'; end\n" +
                            render_fish_completion(commands()) + "complete -C '" + line +
                            "' | cut -f1 | paste -sd ' '\n");
    return told_by("fish --no-config " + script);
  }
  static bool has(const std::string& shell) {
    return std::system(("command -v " + shell + " >/dev/null").c_str()) == 0;
  }

  fs::path folder_;
};

TEST_F(CompletionTest, Bash) {
  EXPECT_EQ(bash_offers("goshawk le"), "leaks\n");
  EXPECT_EQ(bash_offers("goshawk 47"), "4711 4712\n");
  EXPECT_EQ(bash_offers("goshawk leaks 4"), "4711 4712\n");
  EXPECT_EQ(bash_offers("goshawk leaks --fo"), "--format\n");
  EXPECT_EQ(bash_offers("goshawk leaks --format js"), "json\n");
  EXPECT_EQ(bash_offers("goshawk explain aband"), "abandoned-result\n");
  EXPECT_EQ(bash_offers("goshawk leaks --report s"), "sarif\n");
  EXPECT_EQ(bash_offers("goshawk completion z"), "zsh\n");
}

TEST_F(CompletionTest, BashCompletesTheMainForm) {
  EXPECT_THAT(bash_offers("goshawk ''"), HasSubstr("leaks baseline goroutines heap diff snapshot "
                                                   "exec run test serve watch history doctor ps"));
  EXPECT_THAT(bash_offers("goshawk ''"), HasSubstr(" 4711 4712\n"));
  EXPECT_EQ(bash_offers("goshawk 4711 --f"), "--fail-on --format\n");
  EXPECT_THAT(bash_offers("goshawk --"), HasSubstr("--help --version"));
  EXPECT_THAT(bash_offers("goshawk --"), HasSubstr("--all"));
  EXPECT_EQ(bash_offers("goshawk --all 4"), "4711 4712\n");
  EXPECT_THAT(bash_offers("goshawk 4711 --"), Not(HasSubstr("--version")));
}

TEST_F(CompletionTest, BashCompletesProcessesAndFiles) {
  std::string file = write("4711.snapshot", "");
  EXPECT_EQ(bash_offers("goshawk diff " + file.substr(0, file.size() - 4)), file + "\n");
  EXPECT_EQ(bash_offers("goshawk diff " + file + " 47"), "4711 4712\n");
}

TEST_F(CompletionTest, BashCompletesListsAndEquals) {
  EXPECT_THAT(bash_offers("goshawk goroutines 1 --state ''"),
              HasSubstr("running runnable waiting"));
  EXPECT_EQ(bash_offers("goshawk goroutines 1 --state waiting,runn"),
            "waiting,running waiting,runnable\n");
  EXPECT_EQ(bash_offers("goshawk leaks 1 --rule mutex,rw"), "mutex,rwmutex\n");
  EXPECT_EQ(bash_offers("goshawk leaks --format = js"), "json\n");
  EXPECT_EQ(bash_offers("goshawk leaks --format ="),
            "text json sarif junit github markdown pprof\n");
  EXPECT_EQ(bash_offers("goshawk explain goroutine/m"), "goroutine/mutex\n");
}

TEST_F(CompletionTest, Fish) {
  if (!has("fish")) GTEST_SKIP() << "needs fish";
  EXPECT_EQ(fish_offers("goshawk 47"), "4711\n");
  EXPECT_EQ(fish_offers("goshawk le"), "leaks\n");
  EXPECT_EQ(fish_offers("goshawk 4711 --f"), "--fail-on --format\n");
  EXPECT_THAT(fish_offers("goshawk --"), HasSubstr("--version"));
  EXPECT_EQ(fish_offers("goshawk goroutines 1 --state waiting,runn"),
            "waiting,runnable waiting,running\n");
  EXPECT_EQ(fish_offers("goshawk leaks --format="),
            "--format=github --format=json --format=junit --format=markdown --format=pprof "
            "--format=sarif --format=text\n");
  EXPECT_EQ(fish_offers("goshawk leaks --rule mutex,rw"), "mutex,rwmutex\n");
  EXPECT_EQ(fish_offers("goshawk explain goroutine/m"), "goroutine/mutex\n");
}

// zsh completes inside its line editor only; which specifications its _arguments would be given can
// be seen without.
TEST_F(CompletionTest, ZshCompletesTheMainForm) {
  if (!has("zsh")) GTEST_SKIP() << "needs zsh";
  std::string script =
      write("goshawk.zsh",
            "compdef() { }; compadd() { print -l -- $@ }; _describe() { print -l -- $names }\n"
            "_arguments() { print -l -- $words[1] $@ }; goshawk() { print -l 4711 }\n" +
                render_zsh_completion(commands()) + "words=(\"$@\"); CURRENT=$#; _goshawk\n");
  auto given = [&](const std::string& words) { return told_by("zsh -f " + script + " " + words); };
  EXPECT_THAT(given("goshawk ''"), HasSubstr("goroutines:every goroutine"));
  EXPECT_THAT(given("goshawk 4711 --f"), HasSubstr("goshawk\n--all[every group"));
  EXPECT_THAT(given("goshawk 4711 --f"), Not(HasSubstr("--version")));
  EXPECT_THAT(given("goshawk --"), HasSubstr("--version[the version"));
  std::string specifications = given("goshawk goroutines 4711 --");
  EXPECT_THAT(specifications, HasSubstr("goroutines\n--all[one by one"));
  EXPECT_THAT(specifications, HasSubstr("*--state=[only in these states, with commas between "
                                        "them]:STATE:_values -s , value running runnable"));
  EXPECT_THAT(specifications, HasSubstr("-o+[write to FILE"));
  EXPECT_THAT(specifications, HasSubstr("1:TARGET:_goshawk_targets"));
  EXPECT_THAT(given("goshawk diff --"), HasSubstr("1:A:_goshawk_targets\n2:B:_goshawk_targets"));
  EXPECT_THAT(given("goshawk leaks --"), HasSubstr(":RULE:_sequence _goshawk_rules"));
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
