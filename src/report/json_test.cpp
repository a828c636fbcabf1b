// The JSON reports against their published schemas (docs/schema), read by another JSON library.
#include <gtest/gtest.h>

#include <filesystem>

#include "findings/baseline.h"
#include "report/goroutines_json.h"
#include "report/heap_json.h"
#include "report/json_writer.h"
#include "report/leaks_json.h"
#include "report/processes.h"
#include "report/retention_json.h"
#include "report/story_json.h"
#include "report/testing/diagnosis_for_tests.h"
#include "report/testing/json_schema.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using nlohmann::json;
using testing::JsonSchema;
using testing::PictureBuilder;

JsonSchema schema(const std::string& name) {
  std::filesystem::path root =
      std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  return JsonSchema(root / "docs" / "schema" / name);
}

void expect_valid(const JsonSchema& schema, const json& document) {
  for (const std::string& violation : schema.violations(document)) ADD_FAILURE() << violation;
}

TEST(JsonSchemaChecker, FindsWhatIsWrong) {
  json document = {{"schema", 2}, {"goroutines", {{{"goid", "18"}}}}};
  std::vector<std::string> found = schema("goroutines.json").violations(document);
  auto has = [&](const std::string& part) {
    return std::ranges::any_of(
        found, [&](const std::string& v) { return v.find(part) != std::string::npos; });
  };
  EXPECT_TRUE(has("$.schema: should be 1"));
  EXPECT_TRUE(has("$: lacks \"target\""));
  EXPECT_TRUE(has("$.goroutines[0].goid: should be \"integer\""));
}

json leaks_json(const findings::Verdict& verdict, bool all) {
  PictureBuilder builder;
  StringOutput out;
  render_leaks_json(out, builder.picture(), verdict, all);
  return json::parse(out.text());
}

TEST(LeaksJson, FitsItsSchema) {
  findings::Verdict verdict =
      testing::verdict_of({testing::abandoned_results(), testing::lost_mutex()});
  verdict.checked.unknown_reasons = {{"odd \"reason\"\n", 3}};
  verdict.parked = {testing::lost_mutex()};
  verdict.doubts = {"something"};
  verdict.findings[0].cost.retained_bytes = 5;
  verdict.findings[1].created_at = {};
  verdict.findings[1].longest_wait_ns = 0;
  json document = leaks_json(verdict, false);
  expect_valid(schema("leaks.json"), document);
  EXPECT_EQ(document["findings"][0]["goids"].size(), 30u);
  EXPECT_EQ(document["findings"][0]["stack"][0]["pc"], "0x2100");
  EXPECT_EQ(document["findings"][0]["cost"]["retained_bytes"], 5);
  EXPECT_TRUE(document["findings"][1]["created_at"].is_null());
  EXPECT_EQ(document["findings"][0]["wait_ns"], 12LL * 60 * 1'000'000'000);
  EXPECT_TRUE(document["findings"][1]["wait_ns"].is_null());
  EXPECT_EQ(document["checked"]["unknown_reasons"]["odd \"reason\"\n"], 3);
  EXPECT_TRUE(document["pictures"].is_null());
  EXPECT_TRUE(document["findings"][0]["growth"].is_null());
  EXPECT_TRUE(document["findings"][0]["rate"].is_null());
  expect_valid(schema("leaks.json"), leaks_json(testing::verdict_of({}), false));
}

TEST(LeaksJson, GrowthIsToldOfSeveralPictures) {
  findings::Finding growing = testing::abandoned_results();
  growing.growth = {.samples = {{0, 12}, {5.25, 15}, {10, 19}}, .stayed = 11, .came = 7, .gone = 1};
  findings::Verdict verdict = testing::verdict_of({growing});
  verdict.pictures = {{0, 100, 7}, {5.25, 104, 8}, {10, 108, 9}};
  json document = leaks_json(verdict, false);
  expect_valid(schema("leaks.json"), document);
  const json& growth = document["findings"][0]["growth"];
  EXPECT_EQ(growth["samples"][1]["seconds"], 5.25);
  EXPECT_EQ(growth["samples"][2]["count"], 19);
  EXPECT_EQ(growth["stayed"], 11);
  EXPECT_EQ(growth["came"], 7);
  EXPECT_EQ(growth["gone"], 1);
  EXPECT_EQ(document["findings"][0]["rate"], 0.7);
  EXPECT_EQ(document["pictures"][2]["pause_ns"], 9);
  EXPECT_EQ(document["pictures"][2]["goroutines"], 108);
}

TEST(LeaksJson, ARunHasAReportForEachProcess) {
  PictureBuilder builder;
  findings::Finding of_a_test = testing::abandoned_results();
  of_a_test.test = "TestFetch/slow";
  std::vector<Judged> processes = {
      make_judged(builder.picture(), testing::verdict_of({of_a_test, testing::lost_mutex()})),
      make_judged(builder.picture(), testing::verdict_of({}))};
  processes[0].name = "example.com/shop/api";
  StringOutput out;
  render_leaks_of_run_json(out, processes, false);
  json document = json::parse(out.text());
  expect_valid(schema("run.json"), document);
  ASSERT_EQ(document["targets"].size(), 2u);
  EXPECT_EQ(document["targets"][0]["name"], "example.com/shop/api");
  EXPECT_EQ(document["targets"][0]["findings"][0]["test"], "TestFetch/slow");
  EXPECT_TRUE(document["targets"][0]["findings"][1]["test"].is_null());
  EXPECT_FALSE(document["targets"][1].contains("name"));
  document["targets"][1].erase("checked");
  EXPECT_FALSE(schema("run.json").violations(document).empty());
}

TEST(LeaksJson, WhatIsAcceptedFitsItsSchema) {
  findings::Verdict verdict = testing::verdict_of({testing::abandoned_results()});
  findings::Suppression entry;
  entry.reason = "odd \"reason\"\n";
  entry.rule = "goroutine/mutex";
  entry.until = "2027-06-30";
  entry.line = 4;
  verdict.suppressed = {{.entry = entry, .findings = {testing::lost_mutex()}}};
  verdict.suppressions = {.path = "known.toml", .unused = {entry}, .expired = {entry}};
  compare_with_baseline(verdict, {.path = "old.json",
                                  .findings = {{.fingerprint = "0123456789abcdef",
                                                .rule = "goroutine/cond",
                                                .count = 2,
                                                .blocked_in = "main.f",
                                                .created_by = ""}}});
  json document = leaks_json(verdict, false);
  expect_valid(schema("leaks.json"), document);
  EXPECT_EQ(document["findings"][0]["known"], false);
  const json& suppressed = document["suppressed"][0];
  EXPECT_EQ(suppressed["line"], 4);
  EXPECT_EQ(suppressed["entry"], "rule goroutine/mutex");
  EXPECT_EQ(suppressed["reason"], "odd \"reason\"\n");
  EXPECT_EQ(suppressed["until"], "2027-06-30");
  EXPECT_EQ(suppressed["count"], 1);
  EXPECT_EQ(suppressed["findings"][0]["goids"], json({77}));
  EXPECT_EQ(document["suppressions"]["file"], "known.toml");
  EXPECT_EQ(document["suppressions"]["unused"][0]["line"], 4);
  EXPECT_EQ(document["suppressions"]["expired"][0]["line"], 4);
  EXPECT_EQ(document["baseline"]["file"], "old.json");
  EXPECT_EQ(document["baseline"]["gone"][0]["fingerprint"], "0123456789abcdef");
  document = leaks_json(testing::verdict_of({testing::lost_mutex()}), false);
  EXPECT_TRUE(document["findings"][0]["known"].is_null());
  EXPECT_TRUE(document["suppressions"].is_null());
  EXPECT_TRUE(document["baseline"].is_null());
  EXPECT_EQ(document["suppressed"], json::array());
}

TEST(LeaksJson, AReportIsABaselineOfItself) {
  findings::Verdict verdict =
      testing::verdict_of({testing::abandoned_results(), testing::lost_mutex()});
  auto baseline = findings::parse_baseline(leaks_json(verdict, true).dump(), "b.json");
  ASSERT_TRUE(baseline);
  compare_with_baseline(verdict, *baseline);
  EXPECT_EQ(findings::count_new(verdict.findings), 0U);
  EXPECT_TRUE(verdict.baseline->gone.empty());
  EXPECT_EQ(baseline->findings[1].rule, "goroutine/mutex");
  EXPECT_EQ(baseline->findings[1].count, 1U);
  EXPECT_EQ(baseline->findings[0].blocked_in, "shop/price.Fetch.func1");
  EXPECT_EQ(baseline->findings[0].created_by, "shop/price.Fetch");
}

TEST(LeaksJson, LongIdListsComeWithAll) {
  findings::Finding many = testing::abandoned_results();
  many.goids.resize(500, 7);
  EXPECT_EQ(leaks_json(testing::verdict_of({many}), false)["findings"][0]["goids"].size(), 100u);
  EXPECT_EQ(leaks_json(testing::verdict_of({many}), true)["findings"][0]["goids"].size(), 500u);
}

TEST(LeaksJson, BrokenBytesStillGiveValidUtf8) {
  findings::Finding evil = testing::lost_mutex();
  evil.stack[0].function = "main.\xff\x01\"\\";
  json document = leaks_json(testing::verdict_of({evil}), false);  // parse() checks UTF-8
  EXPECT_EQ(document["findings"][0]["stack"][0]["function"], "main.\xef\xbf\xbd\x01\"\\");
}

TEST(JsonWriter, EscapesWhatActsOnATerminal) {
  StringOutput out;
  JsonWriter writer(out);
  writer.value(
      "a\x1b\xc2\x9b"
      "b\xe2\x80\xae"
      "c\xc3\xa9");
  EXPECT_EQ(out.text(), "\"a\\u001b\\u009bb\\u202ec\xc3\xa9\"");
}

TEST(StoryJson, FitsItsSchema) {
  PictureBuilder builder;
  snapshot::StackId stack = builder.stack({builder.frame("main.f", "/a.go", 12)});
  builder.waiting(18, "chan receive", stack, builder.frame("main.main", "/a.go", 5)).wait_ns = 70;
  builder.label("key", "value");
  findings::Story story{.goid = 18,
                        .fate = findings::Fate::kLeaked,
                        .waits = {{"to receive from a channel", 0xc000123450, {19, 20}}},
                        .reasons = {"nobody can"},
                        .group = testing::abandoned_results()};
  StringOutput out;
  render_story_json(out, builder.picture(), story);
  json document = json::parse(out.text());
  expect_valid(schema("story.json"), document);
  EXPECT_EQ(document["goroutine"]["waits_on"][0]["others"], json({19, 20}));
  EXPECT_EQ(document["goroutine"]["finding"]["rule"], "goroutine/abandoned-result");

  story.group.reset();
  StringOutput alive;
  render_story_json(alive, builder.picture(), story);
  document = json::parse(alive.text());
  expect_valid(schema("story.json"), document);
  EXPECT_TRUE(document["goroutine"]["finding"].is_null());
}

TEST(GoroutinesJson, FitsItsSchema) {
  PictureBuilder builder;
  snapshot::StackId stack = builder.stack(
      {builder.frame("runtime.gopark", "/go/proc.go", 1), builder.frame("main.f", "/a.go", 12)});
  builder.waiting(1, "select (no cases)", stack);
  builder.waiting(18, "chan receive", stack, builder.frame("main.main", "/a.go", 5)).wait_ns = 70;
  builder.label("key", "value");
  builder.waits_on({.address = Address(0xc000123450)});
  StringOutput out;
  render_goroutines_json(out, builder.picture(), select_goroutines(builder.picture(), {}));
  json document = json::parse(out.text());
  expect_valid(schema("goroutines.json"), document);
  const json& second = document["goroutines"][1];
  EXPECT_EQ(second["goid"], 18);
  EXPECT_EQ(second["labels"]["key"], "value");
  EXPECT_EQ(second["waits_on"][0]["address"], "0xc000123450");
  EXPECT_EQ(second["created_by"]["function"], "main.main");
  EXPECT_EQ(second["wait_ns"], 70);
  EXPECT_TRUE(document["goroutines"][0]["wait_ns"].is_null());  // not known
  ASSERT_EQ(second["stack"].size(), 1u);
  EXPECT_EQ(second["stack"][0]["function"], "main.f");
}

TEST(HeapJson, FitsItsSchema) {
  PictureBuilder builder;
  findings::Balance balance{.by_kernel = true,
                            .total_bytes = 3 << 20,
                            .live_bytes = 1 << 20,
                            .kernel_rss_bytes = 0,
                            .swapped_bytes = 4096,
                            .page_table_bytes = 8192,
                            .lines = {{"mapped_files", "mapped files", 2 << 20, std::nullopt},
                                      {"heap_garbage", "garbage", 1 << 20, 7, "object"}}};
  StringOutput out;
  findings::HeapHolder holder{
      .path = "main.sessions", .retained_bytes = 1 << 20, .retained_objects = 12};
  findings::HeapHolder inner{.type = "main.session",
                             .is_object = true,
                             .is_shared = true,
                             .held_by = {"main.a", "main.b"},
                             .address = 0xc000123450,
                             .shallow_bytes = 48,
                             .retained_bytes = 1 << 19};
  findings::HeapHolders holders{
      .live_bytes = 1 << 20,
      .live_objects = 12,
      .suspects = {{.finding = {}, .holder = holder, .accumulation = inner, .contents = {inner}}},
      .tree = {holder, inner}};
  holders.suspects[0].finding.rule = "heap/retained";
  holders.suspects[0].finding.confidence = findings::Confidence::kSuspected;
  holders.suspects[0].finding.cost.retained_bytes = 1 << 20;
  findings::TypeTable types{.total_bytes = 1 << 20,
                            .unknown_bytes = 16,
                            .types = {{{"main.session", 11, 1000}}},
                            .unknown = {{16, true, "main.session", 1, 16}}};
  findings::HeapFinding map{.place = "main.users",
                            .type = "map[int]bool",
                            .total_bytes = 1 << 20,
                            .used_bytes = 64,
                            .entries = 3,
                            .address = 0xc000123450};
  map.finding.rule = "heap/oversized-map";
  map.finding.confidence = findings::Confidence::kSuspected;
  map.finding.cost.retained_bytes = 1000;
  findings::HeapFinding finalizers;
  finalizers.finding.rule = "heap/finalizer";
  finalizers.finding.confidence = findings::Confidence::kLikely;
  finalizers.finding.cost.retained_bytes = 0;
  finalizers.finding.goids = {7};
  findings::HeapFinding channel;
  channel.finding.rule = "heap/channel-backlog";
  channel.finding.confidence = findings::Confidence::kSuspected;
  channel.finding.cost.retained_bytes = 0;
  channel.channels = {.queued = 3, .capacity = 4, .senders = {2, "main.send"}};
  channel.created_in = {{.place = {"time.After", "sleep.go", 1, 0}, .samples = 4}};
  findings::HeapLines lines{
      .pools = {{.place = "main.buffers", .type = "*main.buffer", .pools = 2, .values = 3},
                {.made_by = "main.new", .pools = 1, .address = 0xc000123450}},
      .unique = {{.type = "string", .handles = 4, .unheld = 1}},
      .weak = {{.type = "", .objects = 5}},
      .timers = {{.function = "main.expire", .timers = 12, .created_in = channel.created_in}}};
  render_heap_json(out, builder.picture(),
                   {.balance = balance,
                    .holders = holders,
                    .types = types,
                    .findings = {map, finalizers, channel},
                    .lines = lines});
  json document = json::parse(out.text());
  expect_valid(schema("heap.json"), document);
  EXPECT_EQ(document["memory"]["kernel_rss_bytes"], nullptr);
  EXPECT_EQ(document["balance"][0]["bytes"], 2 << 20);
  EXPECT_EQ(document["balance"][1]["count"], 7);
  EXPECT_EQ(document["findings"][0]["holder"]["path"][0], "main.sessions");
  EXPECT_EQ(document["findings"][0]["holder"]["address"], nullptr);
  EXPECT_EQ(document["dominators"][1]["address"], "0xc000123450");
  EXPECT_EQ(document["dominators"][1]["type"], "main.session");
  EXPECT_EQ(document["findings"][0]["contents"][0]["count"], 1);
  EXPECT_EQ(document["types"][0]["objects"], 11);
  EXPECT_EQ(document["findings"][1]["entries"], 3);
  EXPECT_EQ(document["findings"][1]["addresses"][0], "0xc000123450");
  EXPECT_EQ(document["findings"][1]["goid"], nullptr);
  EXPECT_EQ(document["findings"][2]["goid"], 7);
  EXPECT_EQ(document["findings"][2]["place"], nullptr);
  EXPECT_EQ(document["findings"][2]["channels"], nullptr);
  EXPECT_EQ(document["findings"][3]["channels"]["senders"]["function"], "main.send");
  EXPECT_EQ(document["findings"][3]["channels"]["receivers"]["function"], nullptr);
  EXPECT_EQ(document["findings"][3]["created_in"][0]["samples"], 4);
  EXPECT_EQ(document["pools"][0]["address"], nullptr);
  EXPECT_EQ(document["pools"][1]["address"], "0xc000123450");
  EXPECT_EQ(document["pools"][1]["new"], "main.new");
  EXPECT_EQ(document["unique_handles"][0]["unheld"], 1);
  EXPECT_EQ(document["weak_pointers"][0]["type"], nullptr);
  EXPECT_EQ(document["pending_timers"][0]["longest_ns"], nullptr);
  EXPECT_EQ(document["pending_timers"][0]["created_in"][0]["on_behalf_of"], nullptr);
}

TEST(HeapJson, WhatASnapshotHasNotKeptIsNotAnEmptyList) {
  StringOutput out;
  findings::HeapHolders none;
  none.known = false;
  render_heap_json(out, PictureBuilder().picture(),
                   {.balance = {}, .holders = none, .types = std::nullopt});
  json document = json::parse(out.text());
  expect_valid(schema("heap.json"), document);
  EXPECT_EQ(document["findings"], nullptr);
  EXPECT_EQ(document["dominators"], nullptr);
  EXPECT_EQ(document["pools"], nullptr);
  EXPECT_EQ(document["pending_timers"], nullptr);
  EXPECT_EQ(document["types"], nullptr);
}

TEST(RetentionJson, FitsItsSchema) {
  findings::Retention retention{.asked = "main.session",
                                .objects = 2,
                                .shallow_bytes = 48,
                                .live_bytes = 4096,
                                .retained_bytes = 2048,
                                .retained_objects = 4,
                                .retained_types = {.total_bytes = 2048,
                                                   .unknown_bytes = 16,
                                                   .types = {{{"[]uint8", 2, 2000}}},
                                                   .unknown = {}},
                                .paths = {{"main.shop.sessions[...]", 2, 48}},
                                .referrers = {{"", 1, 0xc000100000}},
                                .referents = {{"[]uint8", 2, 0}}};
  StringOutput out;
  render_retention_json(out, PictureBuilder().picture(), retention);
  json document = json::parse(out.text());
  expect_valid(schema("retention.json"), document);
  EXPECT_EQ(document["retention"]["type"], nullptr);
  EXPECT_EQ(document["retention"]["referrers"][0]["address"], "0xc000100000");
  EXPECT_EQ(document["retention"]["referents"][0]["type"], "[]uint8");
  EXPECT_EQ(document["retention"]["retained_types"][0]["bytes"], 2000);
}

TEST(ProcessesJson, FitsItsSchema) {
  ProcessListing listing;
  listing.processes.push_back({.pid = 3,
                               .executable = "/bin/a",
                               .go_version = "go1.27.4",
                               .arch = "amd64",
                               .goroutines = 12,
                               .heap_bytes = std::nullopt,
                               .age_ns = 5,
                               .inspectable = true,
                               .why_not = ""});
  listing.closed.push_back({.pid = 1, .name = "init", .why = "it is closed", .remedy = "open it"});
  StringOutput out;
  render_processes_json(out, listing);
  json document = json::parse(out.text());
  expect_valid(schema("ps.json"), document);
  EXPECT_EQ(document["targets"][0]["target"]["arch"], "amd64");
  EXPECT_EQ(document["closed"], 1);
}

json diagnosis_json(const Diagnosis& diagnosis) {
  StringOutput out;
  render_diagnosis_json(out, diagnosis);
  return json::parse(out.text());
}

TEST(DiagnosisJson, FitsItsSchema) {
  Diagnosis sound = testing::sound_diagnosis();
  sound.doubts = {{"an odd thing", true}};
  sound.facts.push_back({"runtime.heapArena", "", "", 0, 0, snapshot::Standing::kFailed});
  json document = diagnosis_json(sound);
  expect_valid(schema("doctor.json"), document);
  EXPECT_EQ(document["facts"][0]["passed"], 1203);
  EXPECT_EQ(document["facts"][2]["state"], "failed");
  EXPECT_EQ(document["features"][1]["state"], "untried");
  EXPECT_EQ(document["build"]["settings"][1]["name"], "-trimpath");
  EXPECT_TRUE(document["error"].is_null());
  EXPECT_EQ(document["doubts"][0]["spoils_proof"], true);

  document = diagnosis_json(testing::blocked_diagnosis());
  expect_valid(schema("doctor.json"), document);
  EXPECT_EQ(document["error"], "may not read it; use sudo");
  EXPECT_EQ(document["denied"], true);
  EXPECT_TRUE(document["picture"].is_null());
  EXPECT_EQ(document["conditions"][1]["remedies"][1]["place"], "kubernetes");
  EXPECT_EQ(document["build"]["opened"], false);

  Diagnosis of_snapshot = testing::sound_diagnosis();
  of_snapshot.target.kind = "snapshot";
  of_snapshot.build.reset();
  expect_valid(schema("doctor.json"), diagnosis_json(of_snapshot));
}

}  // namespace
}  // namespace goshawk::report
