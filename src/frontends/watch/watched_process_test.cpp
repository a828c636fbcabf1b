// What is followed of a program, and which of it counts as growing, by samples that are made up.
#include "frontends/watch/watched_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontends/watch/endpoint_source.h"
#include "frontends/watch/metrics.h"
#include "frontends/watch/scripted_source_for_tests.h"
#include "pprof/profile_builder.h"

namespace goshawk::frontends::watch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr double kEvery = 10, kMegabyte = 1 << 20;

class Followed {
 public:
  explicit Followed(std::function<std::optional<ScriptedSource::Values>(int)> script)
      : process_(std::make_unique<ScriptedSource>(std::move(script)), kEvery) {}

  SampleOutcome sample(int times) {
    SampleOutcome outcome{};
    for (int i = 0; i < times; ++i) outcome = process_.sample(kEvery * ++samples_);
    return outcome;
  }
  std::vector<Quantity> growing() const {
    std::vector<Quantity> quantities;
    for (const GrowingNumber* number : process_.list_growing())
      quantities.push_back(number->quantity());
    return quantities;
  }
  const WatchedProcess& process() const { return process_; }

 private:
  WatchedProcess process_;
  int samples_ = 0;
};

TEST(WatchedProcess, NamesTheSiteRatherThanTheSum) {
  Followed shop([](int i) {
    return ScriptedSource::Values{{{Quantity::kAllGoroutines}, 100.0 + i},
                                  {{Quantity::kGoroutines, place("main.leak")}, 3.0 + i},
                                  {{Quantity::kGoroutines, place("main.rare")}, 2}};
  });
  shop.sample(200);
  EXPECT_THAT(shop.growing(), ElementsAre(Quantity::kGoroutines));
  EXPECT_EQ(shop.process().numbers().size(), 6u);  // five totals, and what has three goroutines
}

TEST(WatchedProcess, TellsTimersWhereNoGoroutinesExplainThem) {
  auto script = [](bool goroutines) {
    return [=](int i) {
      return ScriptedSource::Values{{{Quantity::kAllGoroutines}, goroutines ? 10 + 2.0 * i : 10},
                                    {{Quantity::kTimers}, 5 + 2.0 * i}};
    };
  };
  Followed reminders(script(false)), sleepers(script(true));
  reminders.sample(400);
  sleepers.sample(400);
  EXPECT_THAT(reminders.growing(), ElementsAre(Quantity::kTimers));
  EXPECT_THAT(sleepers.growing(), ElementsAre(Quantity::kAllGoroutines));
}

TEST(WatchedProcess, SaysWhichPartOfTheHeapItIs) {
  SeriesKey small{Quantity::kHeapOfSize, {.function = {}, .file = {}, .line = 64}};
  SeriesKey large{Quantity::kHeapOfSize, {}};
  Followed shop([&](int i) {
    double sawtooth = 8 * kMegabyte * (i % 7);
    return ScriptedSource::Values{{{Quantity::kHeap}, 100 * kMegabyte + sawtooth + kMegabyte * i},
                                  {small, 2 * kMegabyte + kMegabyte * i},
                                  {large, 50 * kMegabyte}};
  });
  shop.sample(400);
  EXPECT_THAT(shop.growing(), ElementsAre(Quantity::kHeap));
  const GrowingNumber* part = shop.process().find_main_part_of_heap();
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(describe_subject(part->quantity(), part->site()), "memory in objects of 64 bytes");
}

TEST(WatchedProcess, SeesASizeThatGrowsInsideOfAHeapThatDoesNot) {
  SeriesKey small{Quantity::kHeapOfSize, {.function = {}, .file = {}, .line = 64}};
  Followed shop([&](int i) {
    return ScriptedSource::Values{{{Quantity::kHeap}, 900 * kMegabyte},
                                  {small, 2 * kMegabyte + kMegabyte / 4 * i}};
  });
  shop.sample(400);
  EXPECT_THAT(shop.growing(), ElementsAre(Quantity::kHeapOfSize));
  EXPECT_EQ(shop.process().list_growing().front()->fingerprint("shop"),
            shop.process().total(Quantity::kHeap).fingerprint("shop"));
}

TEST(WatchedProcess, BeginsAnewWhereLessWasEverAllocatedThanBefore) {
  Followed endpoint([](int i) -> std::optional<ScriptedSource::Values> {
    if (i == 250) return std::nullopt;  // it is being started
    int age = i < 250 ? i : i - 250;
    return ScriptedSource::Values{{{Quantity::kAllocated}, 1000.0 * age},
                                  {{Quantity::kAllGoroutines}, 100.0 + age},
                                  {{Quantity::kGoroutinesIn, place("main.ask")}, 5.0 + age}};
  });
  EXPECT_EQ(endpoint.sample(250), SampleOutcome::kTaken);
  EXPECT_THAT(endpoint.growing(), ElementsAre(Quantity::kGoroutinesIn));
  EXPECT_EQ(endpoint.sample(1), SampleOutcome::kMissed);
  EXPECT_EQ(endpoint.process().why_missed(), "nobody answers");
  EXPECT_EQ(endpoint.sample(1), SampleOutcome::kRestarted);
  EXPECT_THAT(endpoint.growing(), IsEmpty());
  EXPECT_EQ(endpoint.sample(1), SampleOutcome::kTaken);
  EXPECT_EQ(endpoint.process().total(Quantity::kAllGoroutines).first(), 101);
}

// What a watcher remembers does not grow with the number of samples, nor with that of places.
TEST(WatchedProcess, FollowsABoundedNumberOfPlaces) {
  Followed shop([](int i) {
    ScriptedSource::Values values{{{Quantity::kAllGoroutines}, 100}};
    for (std::uint32_t line = 0; line < 300; ++line)
      values.push_back({{Quantity::kGoroutines, place("main.f", line + 1)}, i % 5 + 3.0});
    return values;
  });
  shop.sample(20);
  EXPECT_EQ(shop.process().numbers().size(), 5u + 256u);
}

// Each stack: how many, and the calls, innermost first.
using Stacks = std::vector<std::pair<std::int64_t, std::vector<std::string>>>;

pprof::Profile profile_of(std::initializer_list<const char*> types, const Stacks& stacks) {
  pprof::ProfileBuilder builder;
  for (const char* type : types) builder.add_sample_type(type, "count");
  for (const auto& [amount, calls] : stacks) {
    std::vector<pprof::LocationId> stack;
    for (const std::string& call : calls) {
      pprof::Line line{builder.add_function(call, "/src/main.go"), 12};
      stack.push_back(builder.add_location(Address(0x1000), pprof::kNone, std::span(&line, 1)));
    }
    std::vector<std::int64_t> values(types.size(), amount);
    builder.add_sample(stack, values);
  }
  return builder.finish();
}

WatchedEndpoint endpoint_that_serves(std::int64_t goroutines, std::int64_t bytes) {
  return {.name = "shop:6060",
          .url = "http://shop:6060/debug/pprof/",
          .profiles = {"goroutine", "heap"},
          .fetch = [=](const std::string& profile) -> Result<pprof::Profile> {
            if (profile == "goroutine")
              return profile_of({"goroutine"},
                                {{goroutines, {"runtime.gopark", "main.ask", "main.serve"}},
                                 {2, {"runtime.gopark", "main.ask", "main.test"}}});
            if (bytes == 0) return fail(Missing{"404 Not Found", ""});
            return profile_of({"alloc_objects", "alloc_space", "inuse_objects", "inuse_space"},
                              {{bytes, {"main.hold", "main.every"}}});
          }};
}

TEST(EndpointSource, FollowsWhereGoroutinesStandAndWhatAllocates) {
  std::vector<std::string> told;
  auto source = EndpointSource::open(endpoint_that_serves(40, 5 << 20), told);
  ASSERT_TRUE(source);
  EXPECT_THAT(told, IsEmpty());
  auto values = (*source)->read();
  ASSERT_TRUE(values);
  ASSERT_EQ(values->size(), 5u);
  EXPECT_EQ((*source)->series(values->front().series).quantity, Quantity::kAllocated);
  std::map<Quantity, double> by_quantity;
  for (auto [series, value] : *values) by_quantity[(*source)->series(series).quantity] = value;
  EXPECT_EQ(by_quantity[Quantity::kAllGoroutines], 42);
  EXPECT_EQ(by_quantity[Quantity::kGoroutinesIn], 42);
  EXPECT_EQ(by_quantity[Quantity::kHeap], 5 << 20);
  EXPECT_EQ(by_quantity[Quantity::kHeapAllocatedIn], 5 << 20);
  EXPECT_EQ((*source)->tell_more({Quantity::kGoroutinesIn,
                                  {.function = "main.ask", .file = "/src/main.go", .line = 12}}),
            "  40 began in main.serve\n  2 began in main.test\n");
}

TEST(EndpointSource, LeavesOutWhatIsNotServed) {
  std::vector<std::string> told;
  ASSERT_TRUE(EndpointSource::open(endpoint_that_serves(40, 0), told));
  EXPECT_THAT(told, ElementsAre("its heap is not watched: 404 Not Found"));
  WatchedEndpoint endpoint = endpoint_that_serves(40, 0);
  endpoint.profiles = {"heap"};
  EXPECT_FALSE(EndpointSource::open(endpoint, told));
}

TEST(Metrics, SayOfAnEndpointOnlyWhatItTells) {
  std::vector<std::string> told;
  std::vector<std::unique_ptr<WatchedProcess>> processes;
  processes.push_back(std::make_unique<WatchedProcess>(
      *EndpointSource::open(endpoint_that_serves(40, 5 << 20), told), kEvery));
  processes.front()->sample(10);
  std::string text = render_metrics(processes, {}, MetricsForm::kOpenMetrics);
  EXPECT_THAT(text, HasSubstr("goshawk_goroutines{program=\"shop:6060\",pid=\"\"} 42\n"));
  EXPECT_THAT(text, HasSubstr("created_by=\"main.hold\",place=\"main.go:12\"} 5242880\n"));
  EXPECT_THAT(text, Not(HasSubstr("goshawk_resident_bytes{")));
  EXPECT_THAT(text, Not(HasSubstr("goshawk_timers{")));
}

}  // namespace
}  // namespace goshawk::frontends::watch
