// What watching is made of, without a process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "frontends/watch/alert.h"
#include "frontends/watch/alert_command.h"
#include "frontends/watch/growing_number.h"
#include "frontends/watch/screen.h"
#include "frontends/watch/told_growth.h"
#include "frontends/watch/webhook.h"

namespace goshawk::frontends::watch {
namespace {

using findings::Confidence;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kSecondNs = 1'000'000'000;

GrowingNumber number_that_grows(double per_second, double seconds) {
  GrowingNumber number(Quantity::kGoroutines,
                       {.function = "main.leak", .file = "/src/main.go", .line = 12}, 0.1);
  for (double at = 0; at < seconds; at += 0.1) number.add(at, std::floor(at * per_second));
  return number;
}

TEST(Sparkline, GoesFromTheLowestToTheHighest) {
  EXPECT_EQ(draw_sparkline({1, 2, 8}, 10), "\u2581\u2582\u2588");
  EXPECT_EQ(draw_sparkline({5, 5}, 10), "\u2581\u2581");
  EXPECT_EQ(draw_sparkline({}, 10), "");
  EXPECT_EQ(draw_sparkline({0, 0, 0, 7}, 2), "\u2581\u2588");
}

TEST(GrowingNumber, KeepsItsCourseShort) {
  GrowingNumber number = number_that_grows(1, 1000);
  EXPECT_LT(number.course().size(), 48u);
  EXPECT_GE(number.course().size(), 24u);
  EXPECT_TRUE(std::ranges::is_sorted(number.course()));
  EXPECT_EQ(number.first(), 0);
  EXPECT_GT(number.latest(), 990);
}

TEST(GrowingNumber, IsTheSameInAnotherBuild) {
  auto at_line = [](std::uint32_t line) {
    return GrowingNumber(Quantity::kGoroutines,
                         {.function = "main.leak", .file = "main.go", .line = line}, 1);
  };
  EXPECT_EQ(at_line(1).fingerprint("shop"), at_line(2).fingerprint("shop"));
  EXPECT_NE(at_line(1).fingerprint("shop"), at_line(1).fingerprint("other"));
  EXPECT_NE(at_line(1).fingerprint("shop"),
            GrowingNumber(Quantity::kHeap, {}, 1).fingerprint("shop"));
}

TEST(LookedInto, HasNewsAgainWhenThereAreTwiceAsMany) {
  GrowingNumber number = number_that_grows(20, 20);
  ASSERT_TRUE(number.growth());
  std::vector<const GrowingNumber*> growing = {&number};
  LookedInto looked;
  EXPECT_THAT(looked.list_news(growing), ElementsAre(&number));
  looked.note(number, 20);
  EXPECT_THAT(looked.list_news(growing), IsEmpty());
  for (double at = 20; at < 45; at += 0.1) number.add(at, std::floor(at * 20));
  EXPECT_THAT(looked.list_news(growing), ElementsAre(&number));
  EXPECT_THAT(looked.take_ended(growing), IsEmpty());
}

Alert some_alert() {
  return {.fingerprint = "f1",
          .confidence = Confidence::kProven,
          .unix_ns = 1'800'000'000 * kSecondNs,
          .process = {4711, "shop", "/usr/bin/shop", "go1.27.4", ""},
          .quantity = Quantity::kGoroutines,
          .site = {.function = "main.leak", .file = "/src/main.go", .line = 12},
          .level = 1240,
          .per_second = 1.0 / 60,
          .since_unix_ns = 1'799'990'000 * kSecondNs,
          .seconds_until_limit = {},
          .has_picture = true,
          .findings = {},
          .leaked = 1200};
}

TEST(ToldAlerts, RestForACooldown) {
  ToldAlerts told(60 * kSecondNs);
  Alert alert = some_alert();
  EXPECT_FALSE(told.was_told(alert));
  told.note("shop", "f1", alert.unix_ns);
  EXPECT_TRUE(told.was_told(alert));
  Alert of_another = alert;
  of_another.process.name = "other";
  EXPECT_FALSE(told.was_told(of_another));
  alert.unix_ns += 61 * kSecondNs;
  EXPECT_FALSE(told.was_told(alert));
  alert.unix_ns -= 1000 * kSecondNs;  // somebody set the clock back
  EXPECT_FALSE(told.was_told(alert));
}

TEST(Alert, SaysWhatGrowsAndHowSureThatIs) {
  Alert alert = some_alert();
  EXPECT_THAT(describe_growth(alert),
              HasSubstr("goroutines started in main.leak (main.go:12) grow by 1 a minute since"));
  EXPECT_THAT(describe_growth(alert), HasSubstr("1,240 now"));
  EXPECT_EQ(describe_certainty(alert), "1,200 goroutines proven leaked");
  alert.confidence = Confidence::kSuspected;
  alert.has_picture = false;
  alert.why_no_picture = "it would stand still for 90 ms";
  EXPECT_EQ(
      describe_certainty(alert),
      "it may still be the load of the day, which is told tomorrow; no picture: it would stand "
      "still for 90 ms");
}

TEST(Alert, OfMemorySaysWhenItsLimitIsReached) {
  Alert alert = some_alert();
  alert.quantity = Quantity::kHeap;
  alert.level = 512 << 20;
  alert.per_second = 3 << 20;
  alert.seconds_until_limit = 7200;
  EXPECT_THAT(describe_growth(alert), HasSubstr("Go's heap grows by 3 MB a second since"));
  EXPECT_THAT(describe_growth(alert), HasSubstr("512 MB now, at its limit in 2 hours"));
}

TEST(Alert, IsOneLineOfJson) {
  report::StringOutput out;
  write_alert_json(out, some_alert());
  EXPECT_EQ(std::ranges::count(out.text(), '\n'), 1);
  auto json = nlohmann::json::parse(out.text());
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["time"], "2027-01-15T08:00:00Z");
  EXPECT_EQ(json["confidence"], "proven");
  EXPECT_EQ(json["growing"]["created_at"]["function"], "main.leak");
  EXPECT_EQ(json["growing"]["per_hour"], 60);
  EXPECT_TRUE(json["growing"]["seconds_until_limit"].is_null());
}

TEST(Webhook, SlackGetsATextWithoutMarkup) {
  Alert alert = some_alert();
  alert.site.function = "main.leak[go.shape.<int>]";
  auto json = nlohmann::json::parse(render_payload(alert, Shape::kSlack));
  std::string text = json["text"];
  EXPECT_THAT(text, HasSubstr("shop 4711: goroutines started in main.leak[go.shape.&lt;int&gt;]"));
  EXPECT_EQ(json.size(), 1u);
}

TEST(Webhook, AlertmanagerGetsLabelsThatSurviveARestart) {
  Alert alert = some_alert();
  auto first = nlohmann::json::parse(render_payload(alert, Shape::kAlertmanager));
  alert.process.pid = 4712;
  alert.level *= 2;
  auto later = nlohmann::json::parse(render_payload(alert, Shape::kAlertmanager));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0]["labels"], later[0]["labels"]);
  EXPECT_NE(first[0]["annotations"], later[0]["annotations"]);
  EXPECT_EQ(first[0]["labels"]["alertname"], "GoroutineLeakProven");
  EXPECT_EQ(first[0]["startsAt"], "2027-01-15T08:00:00Z");
  for (const auto& [name, value] : first[0]["labels"].items())
    EXPECT_TRUE(value.is_string()) << name;
}

TEST(Webhook, TakesAUrl) {
  EXPECT_EQ(parse_webhook("http://localhost:9093/api/v2/alerts", "alertmanager")->shape,
            Shape::kAlertmanager);
  EXPECT_EQ(parse_webhook("https://hooks.slack.com/x", "")->shape, Shape::kJson);
  EXPECT_FALSE(parse_webhook("hooks.slack.com", "slack"));
}

TEST(AlertCommand, GetsTheAlertAndIsWaitedFor) {
  EXPECT_TRUE(run_alert_command("grep -q needle", "hay needle hay", kSecondNs * 30));
  EXPECT_TRUE(run_alert_command("true", std::string(1 << 20, 'x'), kSecondNs * 30));
  auto failed = run_alert_command("exit 7", "", kSecondNs * 30);
  ASSERT_FALSE(failed);
  EXPECT_THAT(describe(failed.error()), HasSubstr("ended with code 7"));
  auto killed = run_alert_command("kill -9 $$", "", kSecondNs * 30);
  ASSERT_FALSE(killed);
  EXPECT_THAT(describe(killed.error()), HasSubstr("signal 9"));
}

TEST(AlertCommand, IsEndedWithAllThatItStarted) {
  auto ended = run_alert_command("sleep 600 & sleep 600", "", kSecondNs / 20);
  ASSERT_FALSE(ended);
  EXPECT_THAT(describe(ended.error()), HasSubstr("did not end within"));
}

}  // namespace
}  // namespace goshawk::frontends::watch
