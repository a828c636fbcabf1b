// Of several profiles the first one must be had; what else cannot be is said, and left out. Each is
// told as if its file had been named, without the options that were about fetching it.
#include "cli/endpoint_dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/duration.h"
#include "cli/shared_options.h"
#include "frontends/profile/endpoint.h"
#include "frontends/profile/profile_command.h"

namespace goshawk::cli {

namespace profile = frontends::profile;
namespace inspect = frontends::inspect;

namespace {

constexpr std::string_view kGoroutines = "goroutine";
constexpr std::string_view kInShort[] = {"allocs", "block", "mutex", "threadcreate"};

std::vector<Option> endpoint_options() {
  return {{.long_name = "--header",
           .value = "HEADER",
           .help = "of an endpoint: send this too, such as 'Authorization: Bearer ...'; may be "
                   "given several times",
           .repeats = true},
          {.long_name = "--timeout",
           .value = "DURATION",
           .help = "of an endpoint: how long fetching a profile may take; 60s by default"},
          {.long_name = "--ca-file",
           .value = "FILE",
           .help = "of an endpoint with https: trust the certificates in FILE (PEM), and no others",
           .completion = Completion::kFile},
          {.long_name = "--insecure", .help = "of an endpoint with https: trust whoever answers"}};
}

Arguments without_endpoint_options(Arguments arguments) {
  for (const Option& option : endpoint_options()) arguments.remove(option.long_name);
  arguments.remove("--goroutineleak");
  return arguments;
}

// One file for several results would hold only the last one.
Result<void> check_form(const Arguments& arguments) {
  std::string format = arguments.value("--format");
  if (!arguments.has("--output") && (format.empty() || format == "text")) return {};
  return fail(Usage{"--format and -o are for one profile, and " + arguments.positional() +
                        " means all of an endpoint",
                    "name one: goshawk leaks, goroutines or heap, or its whole URL"});
}

Result<int> tell(const profile::FetchedFile& fetched, Arguments arguments, const RunOnFile& run) {
  arguments.set_fetched(fetched.path, fetched.name);
  if (auto code = run(arguments)) return *code;
  return fail(Usage{fetched.name + " answers with something that is not understood here",
                    "profiles and goroutine dumps are (goroutine?debug=2), of this command"});
}

// Who is woken by an alarm wants goroutines and memory; of the rest, what is to be had and how.
bool is_told_in_short(std::string_view name) {
  return std::ranges::find(kInShort, name) != std::end(kInShort);
}

void tell_in_short(const profile::FetchedFile& fetched, const Arguments& arguments) {
  profile::run_profile_in_short({.path = fetched.path,
                                 .name = fetched.name,
                                 .delivery = delivery_of(arguments),
                                 .sample_type = {}});
}

Result<int> fetch_and_tell(const Arguments& arguments,
                           const std::vector<std::string_view>& profiles, const RunOnFile& run) {
  profile::EndpointArgument argument = TRY(endpoint_of(arguments));
  profile::Endpoint endpoint = TRY(profile::Endpoint::of(argument));
  bool several = profiles.size() > 1 && !endpoint.is_one_profile();
  if (several) TRY_VOID(check_form(arguments));
  if (argument.insecure) print_insecure_note(argument.target);
  Arguments for_files = without_endpoint_options(arguments);
  std::string why_counted;
  profile::FetchedFile first =
      TRY(profiles.front() == kGoroutines ? endpoint.fetch_goroutines(why_counted)
                                          : endpoint.fetch(profiles.front()));
  if (!why_counted.empty()) inspect::print_note(why_counted);
  int code = TRY(tell(first, for_files, run));
  for (std::size_t i = 1; i < profiles.size() && several; ++i) {
    auto fetched = endpoint.fetch(profiles[i]);
    bool in_short = is_told_in_short(profiles[i]);
    if (!in_short || !is_told_in_short(profiles[i - 1])) fmt::print("\n");
    std::fflush(stdout);
    if (!fetched)
      inspect::report_error(fetched.error());
    else if (in_short)
      tell_in_short(*fetched, for_files);
    else if (auto told = tell(*fetched, for_files, run); !told)
      inspect::report_error(told.error());
  }
  return code;
}

}  // namespace

Result<profile::EndpointArgument> endpoint_of(const Arguments& arguments) {
  profile::EndpointArgument argument{.target = arguments.positional(),
                                     .headers = arguments.values("--header"),
                                     .insecure = arguments.has("--insecure"),
                                     .ca_file = arguments.value("--ca-file")};
  if (arguments.has("--timeout")) {
    argument.timeout_ns = TRY(parse_duration("--timeout", arguments.value("--timeout")));
    if (argument.timeout_ns == 0)
      return fail(Usage{"--timeout 0 leaves no time at all", "60s are there by default"});
  }
  return argument;
}

void print_insecure_note(const std::string& target) {
  inspect::print_note("--insecure: whoever answers is believed to be " + target +
                      ", and what is sent and fetched can be read and changed on the way");
}

Command with_endpoint_options(Command command) {
  std::vector<Option> more = endpoint_options();
  auto at = std::ranges::find(command.options, "--exe", &Option::long_name);
  command.options.insert(at, more.begin(), more.end());
  return command;
}

std::optional<int> run_on_endpoint(const Arguments& arguments,
                                   const std::vector<std::string_view>& profiles,
                                   const RunOnFile& run) {
  if (!profile::is_endpoint(arguments.positional())) return std::nullopt;
  auto code = fetch_and_tell(arguments, profiles, run);
  return code ? *code : code_of(inspect::report_error(code.error()));
}

}  // namespace goshawk::cli
