// What reports for other programs make of hostile names: they are read back by other readers where
// there is one here, and what would be a command, a link or a tag there is looked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "findings/baseline.h"
#include "report/report_kinds.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::PictureBuilder;

std::string render(ReportKind kind, const std::vector<Judged>& processes,
                   const ReportOptions& options = {}) {
  StringOutput out;
  render_report(out, kind, processes, options);
  return out.text();
}

Judged judged_of(std::vector<findings::Finding> findings) {
  PictureBuilder builder;
  return make_judged(builder.picture(), testing::verdict_of(std::move(findings)));
}

// The text in every place where a target's text can stand.
Judged hostile(const std::string& text) {
  findings::Finding finding = testing::abandoned_results();
  finding.blocked_at = {"main." + text, "/src/" + text, 7, 1};
  finding.created_at = {text, text, 8, 2};
  finding.stack = {finding.blocked_at, {text, text + "/x.go", 9, 3}};
  finding.evidence = {text, "held by " + text};
  finding.wait_reason = finding.advice = finding.test = text;
  finding.cost.largest_types = {{text, 1, 2}};
  Judged judged = judged_of({finding, testing::lost_mutex()});
  judged.name = judged.target.executable = judged.target.go_version = text;
  judged.verdict.checked.unknown = 1;
  judged.verdict.checked.unknown_reasons = {{text, 1}};
  judged.verdict.doubts = {text};
  findings::Suppression entry;
  entry.reason = text;
  entry.rule = "goroutine/mutex";
  judged.verdict.suppressed = {{.entry = entry, .findings = {finding}}};
  judged.verdict.suppressions = {.path = text, .unused = {entry}, .expired = {entry}};
  return judged;
}

// ---- a reader of as much XML as a report is made of: nothing where it is not well-formed ----

class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : rest_(text) {}

  bool read() {
    if (!take("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") || !read_element()) return false;
    return take("\n") && rest_.empty();
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  std::string take_name() {
    std::size_t end = rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyz-");
    std::string name(rest_.substr(0, end));
    rest_.remove_prefix(name.size());
    return name;
  }
  // Up to `end`: characters of XML 1.0, entities of ours.
  bool read_text(char end) {
    while (!rest_.empty() && rest_.front() != end) {
      auto c = static_cast<unsigned char>(rest_.front());
      if (c == '<' || c == '>' || c == 0x7f || (c < 0x20 && (c != '\n' || end == '"')))
        return false;
      if (c == '&' && !take("&amp;") && !take("&lt;") && !take("&gt;") && !take("&quot;"))
        return false;
      if (rest_.starts_with("\xef\xbf\xbe") || rest_.starts_with("\xef\xbf\xbf")) return false;
      if (c != '&') rest_.remove_prefix(1);
    }
    return !rest_.empty();
  }
  bool read_element() {
    if (!take("<")) return false;
    std::string name = take_name();
    names_.push_back(name);
    while (take(" "))
      if (take_name().empty() || !take("=\"") || !read_text('"') || !take("\"")) return false;
    if (take("/>")) return true;
    if (!take(">")) return false;
    while (true) {
      if (!read_text('<')) return false;
      if (rest_.starts_with("</")) return take("</" + name + ">");
      if (!read_element()) return false;
    }
  }

  std::string_view rest_;
  std::vector<std::string> names_;
};

TEST(XmlReader, RefusesWhatIsNotWellFormed) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  EXPECT_TRUE(XmlReader(head + "<a b=\"&lt;\"><c/>x&amp;y</a>\n").read());
  for (const char* bad : {"<a>\n", "<a></b>\n", "<a>&</a>\n", "<a b=\"<\"/>\n", "<a>\x01</a>\n",
                          "<a>x>y</a>\n", "<a>\xef\xbf\xbf</a>\n", "<a/><b/>\n", "<a b=\"\n\"/>\n"})
    EXPECT_FALSE(XmlReader(head + bad).read()) << bad;
}

// ---- each kind against what would break it ----

const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> kTexts = {
      "\x1b[31m\x07\x01\x7f",
      std::string("a\0b", 3),
      "\xff\xfe broken \xc3",
      "\xef\xbf\xbf and \xef\xbf\xbe",
      "]]> <script>alert(1)</script> & \"quoted\" 'single'",
      "\n::error::injected\n##[error]injected\r\n",
      "%0A::error::injected%0D,title=x:y",
      "a|b`c``d```e\n```\n# heading\n<details> @somebody ![x](y)",
      "](https://example.com) {0} {{1}}",
      "\u202e\u2028 reordered",
      ""};
  return kTexts;
}

void expect_parseable(const Judged& judged) {
  json sarif = json::parse(render(ReportKind::kSarif, {judged}));
  EXPECT_EQ(sarif["runs"][0]["results"].size(), 3u);
  std::string junit = render(ReportKind::kJunit, {judged});
  EXPECT_TRUE(XmlReader(junit).read()) << junit;
  EXPECT_EQ(json::parse(render(ReportKind::kJson, {judged}))["findings"].size(), 2u);
}

TEST(ForeignReports, HostileNamesLeaveThemParseable) {
  for (const std::string& text : hostile_texts()) {
    SCOPED_TRACE(text);
    expect_parseable(hostile(text));
  }
}

TEST(ForeignReports, RandomBytesLeaveThemParseable) {
  std::mt19937 random(20261129);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same at every run
  constexpr std::string_view kOften = "<>&\"'`|[](){}%:,#\n\r\x1b\xef\xbf\xbe\xbf";
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (std::size_t size = random() % 40; text.size() < size;)
      text +=
          random() % 2 == 0 ? kOften[random() % kOften.size()] : static_cast<char>(random() % 256);
    SCOPED_TRACE(::testing::PrintToString(text));
    expect_parseable(hostile(text));
    if (HasFailure()) return;
  }
}

TEST(ForeignReports, NoLineOfAnnotationsIsForeign) {
  for (const std::string& text : hostile_texts()) {
    std::string report = render(ReportKind::kGithub, {hostile(text)});
    std::istringstream lines(report);
    std::size_t commands = 0, plain = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("::error ")) ++commands;
      if (line.starts_with("goshawk: ")) ++plain;
      EXPECT_TRUE(line.starts_with("::error ") || line.starts_with("goshawk: ")) << line;
      EXPECT_TRUE(line.starts_with("::") || line.find("##[") == std::string::npos) << line;
      EXPECT_EQ(line.find_first_of("\x1b\r\x01\x07"), std::string::npos);
    }
    EXPECT_EQ(commands, 2u);
    EXPECT_EQ(plain, 4u);  // the answer, what was checked, one undecided, one doubt
  }
}

TEST(ReportKinds, ProcessesWithNothingToSayShareAListInMarkdown) {
  Judged clean = judged_of({}), leaky = judged_of({testing::lost_mutex()});
  clean.name = "example.com/shop/api";
  std::string text = render(ReportKind::kMarkdown, {clean, leaky, clean});
  EXPECT_THAT(text, ::testing::StartsWith("### ❌ Goshawk: 1 goroutine will never run again"));
  EXPECT_THAT(text, HasSubstr("### ✅ Goshawk: no leaked goroutine in 2 processes\n\n"
                              "- `example.com/shop/api (process 4711)`: 1,195 goroutines checked: "
                              "1,195 alive, 0 undecided\n- `"));
  leaky.verdict.findings[0].known = true;
  text = render(ReportKind::kMarkdown, {leaky});
  EXPECT_THAT(text, HasSubstr("| proven, known | `mutex` |"));
  EXPECT_EQ(text.find("<details>"), std::string::npos);
  clean.verdict.checked.unknown = 1;
  EXPECT_THAT(render(ReportKind::kMarkdown, {clean, leaky}), HasSubstr("### ⚠️ Goshawk: "));
}

TEST(ReportKinds, JunitFailsFromTheConfidenceThatIsAskedFor) {
  findings::Finding likely = testing::abandoned_results(), suspected = testing::lost_mutex();
  likely.confidence = findings::Confidence::kLikely;
  suspected.confidence = findings::Confidence::kSuspected;
  suspected.test = "TestStock";
  Judged judged = judged_of({testing::lost_mutex(), likely, suspected});
  auto head = [&](std::optional<findings::Confidence> from) {
    return render(ReportKind::kJunit, {judged}, {.fails_from = from});
  };
  EXPECT_THAT(head({}), HasSubstr("tests=\"3\" failures=\"2\""));
  EXPECT_THAT(head(findings::Confidence::kProven), HasSubstr("failures=\"1\""));
  EXPECT_THAT(head(findings::Confidence::kSuspected), HasSubstr("failures=\"3\""));
  EXPECT_THAT(head({}), HasSubstr("name=\"TestStock: mutex in example.com/shop/internal/"));
}

TEST(ReportKinds, CasesOfOneNameAreToldApart) {
  findings::Finding other = testing::lost_mutex();
  other.fingerprint = "0123456789abcdef";
  std::string text = render(ReportKind::kJunit, {judged_of({testing::lost_mutex(), other})});
  EXPECT_THAT(text, HasSubstr(".Reserve (0123456789abcdef)\""));
  EXPECT_THAT(text, HasSubstr(".Reserve (" + testing::lost_mutex().fingerprint + ")\""));
}

TEST(ReportKinds, AnnotationsAreOfTheLevelOfTheirConfidence) {
  findings::Finding likely = testing::abandoned_results(), suspected = likely, known = likely;
  likely.confidence = findings::Confidence::kLikely;
  suspected.confidence = findings::Confidence::kSuspected;
  known.known = true;
  std::string text =
      render(ReportKind::kGithub, {judged_of({testing::lost_mutex(), likely, suspected, known})});
  EXPECT_THAT(text, ::testing::MatchesRegex("::error [^\n]*\n::warning [^\n]*\n::notice "
                                            "[^\n]*\ngoshawk: [^\n]*\ngoshawk: [^\n]*\n"));
}

TEST(ReportKinds, SarifHasOneRunOfSeveralProcesses) {
  Judged first = judged_of({testing::lost_mutex()}),
         second = judged_of({testing::abandoned_results()});
  second.name = "example.com/shop/api";
  second.verdict.findings[0].test = "TestFetch";
  json log = json::parse(render(ReportKind::kSarif, {first, second}));
  ASSERT_EQ(log["runs"].size(), 1u);
  const json& run = log["runs"][0];
  EXPECT_EQ(run["tool"]["driver"]["rules"].size(), 2u);
  EXPECT_EQ(run["properties"]["processes"][1]["name"], "example.com/shop/api");
  EXPECT_EQ(run["results"][1]["properties"]["process"], 1);
  EXPECT_EQ(run["results"][1]["properties"]["test"], "TestFetch");
  EXPECT_THAT(run["results"][1]["message"]["text"], HasSubstr(" In the test TestFetch. "));
  // Somebody else's code, built with its whole path.
  const json& frames = run["results"][0]["stacks"][0]["frames"];
  EXPECT_EQ(frames[0]["location"]["physicalLocation"]["artifactLocation"]["uri"],
            "file:///usr/local/go/src/sync/mutex.go");
}

TEST(ForeignReports, PropertiesOfAnnotationsHoldNoSeparators) {
  findings::Finding finding = testing::abandoned_results();
  finding.test = "Test:A,file=x%0A";
  std::string report = render(ReportKind::kGithub, {judged_of({finding})});
  EXPECT_THAT(report,
              HasSubstr("::error title=Test%3AA%2Cfile=x%250A%3A goroutine/abandoned-result::"));
  EXPECT_THAT(report, HasSubstr("30 goroutines, 38 MB: Result whose reader has gone (proven, "
                                "goroutine/abandoned-result)%0A"));
}

// Outside of code no foreign text stands: what is left when code is taken out is the same.
std::string without_code(const std::string& markdown) {
  std::string left;
  for (std::size_t i = 0; i < markdown.size();) {
    if (markdown[i] != '`') {
      left += markdown[i++];
      continue;
    }
    std::size_t length = 0;
    while (i + length < markdown.size() && markdown[i + length] == '`') ++length;
    std::size_t end = i + length;
    while (end < markdown.size()) {  // the next run of exactly as many
      std::size_t run = 0;
      while (end + run < markdown.size() && markdown[end + run] == '`') ++run;
      if (run == length) break;
      end += run == 0 ? 1 : run;
    }
    i = std::min(end + length, markdown.size());
  }
  return left;
}

TEST(ForeignReports, InMarkdownForeignTextStandsInCodeOnly) {
  std::string plain = without_code(render(ReportKind::kMarkdown, {hostile("main.f")}));
  EXPECT_THAT(plain, HasSubstr("| 30 | 38 MB | proven |"));
  for (const std::string& text : hostile_texts()) {
    if (text.empty()) continue;
    std::string left = without_code(render(ReportKind::kMarkdown, {hostile(text)}));
    EXPECT_EQ(left, plain) << text;
  }
}

TEST(ForeignReports, InATableEveryPipeOfANameIsEscaped) {
  std::string report = render(ReportKind::kMarkdown, {hostile("a|b|")});
  std::istringstream lines(report);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| 1 |")) continue;
    std::size_t columns = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
      if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) ++columns;
    EXPECT_EQ(columns, 9u) << line;
    return;
  }
  FAIL() << report;
}

TEST(ForeignReports, MessagesOfSarifHoldNoLinksButOurs) {
  json sarif = json::parse(render(ReportKind::kSarif, {hostile("[x](https://example.com) {0}")}));
  std::string message = sarif["runs"][0]["results"][0]["message"]["text"];
  EXPECT_THAT(message, HasSubstr("[x\\](https://example.com) {{0}"));
  EXPECT_THAT(message, HasSubstr("[Started by](1) "));
}

}  // namespace
}  // namespace goshawk::report
