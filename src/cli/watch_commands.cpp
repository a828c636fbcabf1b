#include "cli/watch_commands.h"

#include <algorithm>
#include <map>

#include "base/duration.h"
#include "base/interruptible_wait.h"
#include "cli/endpoint_dispatch.h"
#include "cli/shared_options.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"
#include "frontends/profile/profile_file.h"
#include "frontends/watch/history_command.h"
#include "frontends/watch/watch_command.h"

namespace goshawk::cli {

namespace inspect = frontends::inspect;
namespace profile = frontends::profile;
namespace watching = frontends::watch;

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000, kDayNs = 86'400 * kSecondNs;
constexpr std::int64_t kLeastEveryNs = kSecondNs / 100;
constexpr std::int64_t kUsualTimeoutNs = 10 * kSecondNs;  // the next sample of all waits for it

std::vector<std::string> named_of(const Arguments& arguments) {
  std::vector<std::string> named = arguments.positionals();
  std::erase(named, "");
  return named;
}

Result<std::int64_t> parse_pid(const std::string& text) {
  std::int64_t pid = TRY(inspect::parse_target({.text = text})).pid;
  if (pid != 0) return pid;
  return fail(Usage{text + " is one instant of a process: nothing can grow in it",
                    "give the id of a running process, or look at it: goshawk " + text});
}

Result<watching::WatchedEndpoint> parse_endpoint(profile::EndpointArgument argument) {
  if (argument.timeout_ns == 0) argument.timeout_ns = kUsualTimeoutNs;
  argument.is_given_up = InterruptibleWait::is_pending;
  auto endpoint = std::make_shared<profile::Endpoint>(TRY(profile::Endpoint::of(argument)));
  if (argument.insecure) print_insecure_note(argument.target);
  watching::WatchedEndpoint watched{.name = endpoint->authority(),
                                    .url = endpoint->url(),
                                    .profiles = {"goroutine", "heap"},
                                    .fetch = {}};
  if (endpoint->is_one_profile()) watched.profiles = {""};
  watched.fetch = [endpoint](const std::string& name) -> Result<pprof::Profile> {
    profile::FetchedFile fetched = TRY(endpoint->fetch(name));
    return profile::read_profile_file(fetched.path, fetched.name);
  };
  return watched;
}

// Several at one address have their whole URL for a name.
void tell_apart(std::vector<watching::WatchedEndpoint>& endpoints) {
  std::map<std::string, int> count_of;
  for (const auto& endpoint : endpoints) ++count_of[endpoint.name];
  for (auto& endpoint : endpoints)
    if (count_of[endpoint.name] > 1) endpoint.name = endpoint.url;
}

Result<void> parse_named(const Arguments& arguments, watching::WatchRequest& request) {
  profile::EndpointArgument argument = TRY(endpoint_of(arguments));
  for (const std::string& text : named_of(arguments)) {
    bool again = false;
    if (profile::is_endpoint(text)) {
      argument.target = text;
      auto endpoint = TRY(parse_endpoint(argument));
      again = std::ranges::find(request.endpoints, endpoint.url, &watching::WatchedEndpoint::url) !=
              request.endpoints.end();
      request.endpoints.push_back(std::move(endpoint));
    } else {
      std::int64_t pid = TRY(parse_pid(text));
      again = std::ranges::find(request.wanted.pids, pid) != request.wanted.pids.end();
      request.wanted.pids.push_back(pid);
    }
    if (again) return fail(Usage{text + " is named twice", "name it once"});
  }
  tell_apart(request.endpoints);
  return {};
}

Result<void> parse_wanted(const Arguments& arguments, watching::WatchRequest& request) {
  request.wanted.name = arguments.value("--match");
  request.wanted.cgroup = arguments.value("--cgroup");
  int ways = (named_of(arguments).empty() ? 0 : 1) + (request.wanted.name.empty() ? 0 : 1) +
             (request.wanted.cgroup.empty() ? 0 : 1);
  if (ways == 1) return parse_named(arguments, request);
  return fail(Usage{"watch takes one of: process ids and URLs, --match NAME, --cgroup PATH",
                    "`goshawk ps` lists processes"});
}

Result<std::int64_t> parse_time(const Arguments& arguments, std::string_view option,
                                std::int64_t usual_ns, std::int64_t least_ns,
                                std::int64_t most_ns) {
  std::string text = arguments.value(option);
  if (text.empty()) return usual_ns;
  std::int64_t ns = TRY(parse_duration(option, text));
  if (ns >= least_ns && ns <= most_ns) return ns;
  return fail(Usage{std::string(option) + ": \"" + text + "\" is too short or too long",
                    "`goshawk watch --help` tells what it is for"});
}

// Empty: none is kept.
Result<std::string> parse_history(const Arguments& arguments) {
  if (arguments.has("--no-history") && arguments.has("--history"))
    return fail(Usage{"--history and --no-history contradict each other", "leave one of them out"});
  if (arguments.has("--no-history")) return "";
  return arguments.has("--history") ? arguments.value("--history") : watching::usual_history_path();
}

findings::Confidence parse_alert_on(const std::string& text) {
  if (text == "proven") return findings::Confidence::kProven;
  if (text == "suspected") return findings::Confidence::kSuspected;
  return findings::Confidence::kLikely;
}

Result<watching::WatchRequest> request_of(const Arguments& arguments) {
  watching::WatchRequest request;
  TRY_VOID(parse_wanted(arguments, request));
  request.every_ns = TRY(parse_time(arguments, "--every", request.every_ns, kLeastEveryNs, kDayNs));
  request.for_ns = TRY(parse_time(arguments, "--for", 0, 1, 3650 * kDayNs));
  request.cooldown_ns =
      TRY(parse_time(arguments, "--cooldown", request.cooldown_ns, 0, 3650 * kDayNs));
  if (arguments.has("--max-pause"))
    request.max_pause_ns = TRY(inspect::parse_max_pause(arguments.value("--max-pause")));
  request.alert_on = parse_alert_on(arguments.value("--alert-on"));
  request.until_alert = arguments.has("--until-alert");
  request.takes_pictures = !arguments.has("--no-picture");
  request.command = arguments.value("--exec");
  if (arguments.has("--webhook"))
    request.webhook = TRY(
        watching::parse_webhook(arguments.value("--webhook"), arguments.value("--webhook-format")));
  else if (arguments.has("--webhook-format"))
    return fail(Usage{"--webhook-format is of a webhook", "give its address too: --webhook URL"});
  request.metrics = arguments.value("--metrics");
  request.accepted = {.suppressions = arguments.value("--suppressions"),
                      .no_suppressions = arguments.has("--no-suppressions"),
                      .baseline = arguments.value("--baseline")};
  request.verbose = arguments.has("--verbose");
  request.keeping.keep_seconds =
      TRY(parse_time(arguments, "--keep", request.keeping.keep_seconds * kSecondNs, kDayNs,
                     3650 * kDayNs)) /
      kSecondNs;
  request.keeping.path = TRY(parse_history(arguments));
  return request;
}

int watch_as_asked(const Arguments& arguments) {
  auto request = request_of(arguments);
  if (!request) return code_of(inspect::report_error(request.error()));
  auto code = watching::run_watch(*request);
  return code ? *code : code_of(inspect::report_error(code.error()));
}

Option history_option() {
  return {.long_name = "--history",
          .value = "FILE",
          .help =
              "the file in which samples and alerts are kept: by default "
              "~/.local/state/goshawk/history.db",
          .completion = Completion::kFile};
}

Result<watching::HistoryRequest> history_request_of(const Arguments& arguments) {
  watching::HistoryRequest request;
  request.path = arguments.value("--history");
  request.since_ns = TRY(parse_time(arguments, "--since", request.since_ns, 1, 3650 * kDayNs));
  request.name = arguments.value("--match");
  request.only_alerts = arguments.has("--alerts");
  request.all = arguments.has("--all");
  return request;
}

Result<int> show_history(const Arguments& arguments) {
  watching::HistoryRequest request = TRY(history_request_of(arguments));
  inspect::Delivery delivery = delivery_of(arguments);
  Result<void> shown;
  inspect::ExitCode code =
      inspect::deliver(delivery, inspect::ExitCode::kFine, [&](inspect::Destination& destination) {
        shown = delivery.format == inspect::Format::kJson
                    ? watching::show_history_json(destination.output(), request)
                    : watching::show_history_text(destination.output(), request,
                                                  destination.text_style(request.all));
      });
  TRY_VOID(shown);
  return code_of(code);
}

std::vector<Option> watch_options() {
  return {
      {.long_name = "--match",
       .value = "NAME",
       .help = "all processes whose executable or command has this name, those too that start "
               "later; * and ? stand for any letters"},
      {.long_name = "--cgroup",
       .value = "PATH",
       .help = "all processes of this cgroup and of those below it: /system.slice/shop.service"},
      {.long_name = "--every",
       .value = "DURATION",
       .help = "from one sample to the next: 10s by default"},
      {.long_name = "--for",
       .value = "DURATION",
       .help = "end after this time; without it, when the process ends or at Ctrl-C"},
      {.long_name = "--alert-on",
       .value = "CONFIDENCE",
       .help =
           "what an alert is made of: likely by default (proven leaks, and growth that the load "
           "of a day does not explain); proven: leaks only; suspected: any steady rise",
       .choices = {"proven", "likely", "suspected"},
       .completion = Completion::kChoices},
      {.long_name = "--until-alert", .help = "end at the first alert, with exit code 1"},
      {.long_name = "--exec",
       .value = "COMMAND",
       .help = "run by /bin/sh at each alert, which it gets as JSON on its standard input"},
      {.long_name = "--webhook", .value = "URL", .help = "send each alert there by POST, as JSON"},
      {.long_name = "--webhook-format",
       .value = "SHAPE",
       .help =
           "in this shape: json by default, as --exec gets it; slack (Mattermost takes it too); "
           "alertmanager, for URL http://HOST:9093/api/v2/alerts",
       .choices = {"json", "slack", "alertmanager"},
       .completion = Completion::kChoices},
      {.long_name = "--metrics",
       .value = "ADDRESS",
       .help = "answer http://ADDRESS/metrics to Prometheus: 127.0.0.1:9108, or :9108 for every "
               "address of this machine"},
      {.long_name = "--cooldown",
       .value = "DURATION",
       .help = "no second alert of the same kind within this time: 1d by default"},
      {.long_name = "--max-pause",
       .value = "MS",
       .help = "how long a process may stand still for the picture that is taken of it when "
               "something grows: 50 by default; what would take longer is not taken"},
      {.long_name = "--no-picture", .help = "take none: nothing is ever stopped"},
      {.long_name = "--suppressions",
       .value = "FILE",
       .help = "leave out the leaks that FILE names; by default .goshawk.toml in the current "
               "directory, if it is there",
       .completion = Completion::kFile},
      {.long_name = "--no-suppressions", .help = "read no suppression file"},
      {.long_name = "--baseline",
       .value = "FILE",
       .help = "leave out the leaks that FILE has, which `goshawk baseline` made",
       .completion = Completion::kFile},
      history_option(),
      {.long_name = "--no-history", .help = "keep nothing"},
      {.long_name = "--keep",
       .value = "DURATION",
       .help = "how long samples and alerts are kept: 30d by default"},
      {.long_name = "--verbose", .short_name = "-v", .help = "a line for each sample"}};
}

}  // namespace

Command watch() {
  return with_endpoint_options(
      {.name = "watch",
       .one_line = "what grows while a program runs, and whether it leaks",
       .description =
           "Samples running processes without stopping them: goroutines by the go statement that "
           "made them, timers, Go's heap by the size of objects, resident memory. When one of "
           "these grows steadily, more than "
           "noise, bursts and the collector do, it takes one picture, and tells with proof what "
           "leaks and who holds it. Growth alone is an alert only once a day was seen, and it is "
           "more than that day's load explains. On a terminal it shows what changes; piped, it "
           "prints a line an event. A process that is found by its name or cgroup is found again "
           "after a restart. Of an endpoint (net/http/pprof) goroutines are "
           "followed by where they stand, and the heap by where it was allocated; what needs a "
           "picture is said with the command for it. The exit code is 1 when there was an alert, 0 "
           "when there was none.",
       .argument = {.name = "PID|URL",
                    .help =
                        "the id of a running Go process (`goshawk ps` lists them), or host:port "
                        "or the URL of an endpoint; several of them are watched together",
                    .required = false,
                    .completion = Completion::kGoProcess,
                    .many = true},
       .options = watch_options(),
       .examples = {{"goshawk watch 4711", "on a terminal: what changes in it"},
                    {"goshawk watch --match shop --exec 'jq -r .text | mail -s leak ops'",
                     "a service, over its restarts, with an alert by mail"},
                    {"goshawk watch 4711 --every 1s --for 10m --until-alert",
                     "in a load test: 1 when something leaks"},
                    {"goshawk watch shop-1.example:6060 shop-2.example:6060",
                     "what they serve below /debug/pprof"},
                    {"goshawk watch --cgroup /kubepods.slice --alert-on proven",
                     "all of a machine's containers"}},
       .run = watch_as_asked,
       .other_names = {"monitor", "top", "follow", "tail"}});
}

Command history() {
  return {
      .name = "history",
      .one_line = "what goshawk watch has seen: alerts, and what changed",
      .description =
          "Shows what watchers of this user have kept: the alerts, newest first, and the numbers "
          "that were followed, those first that changed most, each with its course.",
      .argument = {},
      .options = {{.long_name = "--since",
                   .value = "DURATION",
                   .help = "what is not older than this: 1d by default"},
                  {.long_name = "--match",
                   .value = "NAME",
                   .help = "only of programs of this name; * and ? stand for any letters"},
                  {.long_name = "--alerts", .help = "only the alerts"},
                  {.long_name = "--all",
                   .short_name = "-a",
                   .help = "every number that was followed"},
                  history_option(),
                  format_option({"text", "json"}),
                  output_option(),
                  color_option()},
      .examples = {{"goshawk history", "of the last day"},
                   {"goshawk history --alerts --since 30d", "every alert there was"},
                   {"goshawk history --match shop --format json", "for other programs"}},
      .run =
          [](const Arguments& arguments) {
            auto code = show_history(arguments);
            return code ? *code : code_of(inspect::report_error(code.error()));
          },
      .other_names = {"alerts", "log"}};
}

}  // namespace goshawk::cli
