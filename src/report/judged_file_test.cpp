#include "report/judged_file.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "report/report_kinds.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using findings::Confidence;

// Every field that a report may ask for has a value that is not its usual one.
Judged rich() {
  testing::PictureBuilder builder;
  findings::Finding full = testing::lost_mutex();
  full.test = "TestFetch";
  full.known = false;
  full.title = "a headline";
  full.confidence = Confidence::kLikely;
  full.longest_wait_ns = -3;
  full.cost.retained_bytes = 77;
  full.cost.largest_types = {{"main.T", 3, 48}, {"", 1, 8}};
  full.growth = findings::Growth{.samples = {{0, 1}, {2.5, 4}}, .stayed = 1, .came = 3, .gone = 0};
  full.network = findings::NetworkWaits{1, 2, 3, {{"tcp 10.0.0.5:5432", 2}}};
  full.ring = {{7, 0xc000001000}, {8, 0xc000002000}};
  full.locks = {{.kind = "sync.RWMutex",
                 .name = "main.mu",
                 .address = 0xc000001000,
                 .object = 0xc000000f00,
                 .waiters = 2,
                 .locked = true,
                 .starving = false,
                 .writer_holds = true,
                 .readers = 2,
                 .counter = 5,
                 .holders = {4},
                 .referrers = {5, 6},
                 .chain = {{4, "proven leaked", {"main.f", "f.go", 3, 16}, "select", 5, true}}}};
  Judged judged = make_judged(builder.picture(),
                              testing::verdict_of({testing::abandoned_results(), std::move(full)}));
  judged.name = "example.com/shop";
  judged.of_runtime = 6;
  judged.verdict.checked.unknown_reasons = {{"a reason", 2}};
  judged.verdict.parked = {testing::lost_mutex()};
  judged.verdict.background = {{"main.listen", "it waits for work", {3, 4}}};
  findings::Suppression entry{.reason = "known",
                              .rule = "goroutine/mutex",
                              .top = findings::FunctionPattern("main.*"),
                              .any = {},
                              .created_by = findings::FunctionPattern("main.main"),
                              .until = "2030-01-01",
                              .line = 3};
  judged.verdict.suppressed = {{entry, {testing::lost_mutex()}}};
  judged.verdict.suppressions = {".goshawk.toml", {entry}, {entry}};
  judged.verdict.baseline =
      findings::BaselineReview{"base.json", {{"abc", "goroutine/mutex", 2, "main.f", "main.g"}}};
  judged.verdict.shared_retained_bytes = 11;
  judged.verdict.pictures = {{0, 10, 5}, {1.5, 12, 6}};
  judged.verdict.doubts = {"a doubt"};
  return judged;
}

std::string shown(const std::vector<Judged>& processes) {
  StringOutput out;
  ReportOptions options{.of_a_run = true};
  options.style.all = true;
  for (ReportKind kind : {ReportKind::kJson, ReportKind::kSarif, ReportKind::kJunit,
                          ReportKind::kGithub, ReportKind::kMarkdown, ReportKind::kText})
    render_report(out, kind, processes, options);
  return out.text();
}

ByteView as_view(const std::string& bytes) { return std::as_bytes(std::span(bytes)); }

TEST(JudgedFile, WhatIsReadIsToldAsWhatWasWritten) {
  std::vector<Judged> processes = {rich(), Judged{}};
  std::string bytes = encode_judged(processes);
  auto read = decode_judged(as_view(bytes), "a file");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(shown(*read), shown(processes));
  EXPECT_EQ(encode_judged(*read), bytes);
}

TEST(JudgedFile, EveryShorterOneIsRefused) {
  std::string bytes = encode_judged(std::vector<Judged>{rich()});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_judged(as_view(bytes.substr(0, size)), "a file")) << size;
  EXPECT_FALSE(decode_judged(as_view(bytes + "x"), "a file"));
}

TEST(JudgedFile, AnotherBuildsIsRefused) {
  std::string bytes = encode_judged({});
  bytes[3] = 'X';
  auto read = decode_judged(as_view(bytes), "a file");
  ASSERT_FALSE(read);
  EXPECT_EQ(describe(read.error()).find("a file") != std::string::npos, true);
}

}  // namespace
}  // namespace goshawk::report
