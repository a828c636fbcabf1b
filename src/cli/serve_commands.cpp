#include "cli/serve_commands.h"

#include <string>

#include "base/duration.h"
#include "cli/shared_options.h"
#include "frontends/serve/serve_command.h"

namespace goshawk::cli {

namespace inspect = frontends::inspect;

namespace {

// Whoever may ask may stop the process: by default there are bounds to it.
constexpr const char* kUsualMaxPause = "1s";
constexpr const char* kUsualMinInterval = "1s";
constexpr const char* kUsualListen = "127.0.0.1:6061";

std::string value_or(const Arguments& arguments, std::string_view option, const char* usual) {
  return arguments.has(option) ? arguments.value(option) : usual;
}

Result<frontends::serve::ServeRequest> request_of(const Arguments& arguments) {
  inspect::TargetArgument target = target_of(arguments);
  target.max_pause = value_or(arguments, "--max-pause", kUsualMaxPause);
  if (target.text.find_first_not_of("0123456789") != std::string::npos)
    return fail(Usage{"\"" + target.text + "\" is no process id, and only a process can be served",
                      "`goshawk ps` lists Go processes"});
  frontends::serve::ServeRequest request;
  request.source = TRY(inspect::parse_target(target));
  request.min_interval_ns = TRY(
      parse_duration("--min-interval", value_or(arguments, "--min-interval", kUsualMinInterval)));
  request.listen = value_or(arguments, "--listen", kUsualListen);
  request.token_file = arguments.value("--token-file");
  request.verbose = arguments.has("--verbose");
  return request;
}

int serve_as_asked(const Arguments& arguments) {
  auto request = request_of(arguments);
  if (!request) return code_of(inspect::report_error(request.error()));
  auto served = frontends::serve::serve_process(*request);
  return code_of(served ? inspect::ExitCode::kFine : inspect::report_error(served.error()));
}

Option serve_max_pause_option() {
  Option option = max_pause_option();
  option.help =
      "let the process stand still for MS milliseconds at most (also 20ms, 0.1s; 1s by default): "
      "what is predicted to take longer is refused before the stop, what does take longer is given "
      "up";
  return option;
}

}  // namespace

Command serve() {
  return {
      .name = "serve",
      .one_line = "the endpoint that a process does not have: /debug/pprof/",
      .description =
          "Answers as the endpoint of net/http/pprof would, for a process that has none: "
          "/debug/pprof/goroutine (debug=0, 1, 2), goroutineleak, heap and allocs; and "
          "/debug/goshawk/leaks (JSON, or format=text). Each answer is a picture of the process, "
          "taken when it is asked for, one at a time; nothing is changed in it. On this machine "
          "whoever can connect may ask, as with Go's own endpoint; for other machines a token is "
          "needed, and it travels in the clear: put something with TLS before it. When the process "
          "ends, requests are answered with 502. Ctrl-C ends it.",
      .argument = {.name = "PID",
                   .help = "the id of a running Go process (`goshawk ps` lists them)",
                   .completion = Completion::kGoProcess},
      .options = {{.long_name = "--listen",
                   .value = "ADDRESS",
                   .help = "where to listen; 127.0.0.1:6061 by default, :6061 is every address of "
                           "this machine, port 0 any that is free"},
                  {.long_name = "--token-file",
                   .value = "FILE",
                   .help = "ask for the token in FILE: \"Authorization: Bearer TOKEN\", or log in "
                           "with any name and TOKEN as the password",
                   .completion = Completion::kFile},
                  {.long_name = "--min-interval",
                   .value = "DURATION",
                   .help = "leave the process alone for so long between two pictures (1s by "
                           "default); who would wait more than 5 seconds is told when to come "
                           "again (429)"},
                  serve_max_pause_option(),
                  debug_directory_option(),
                  runtime_option(),
                  way_option(),
                  {.long_name = "--verbose",
                   .short_name = "-v",
                   .help = "tell on standard error what was asked for, and what it cost"}},
      .examples = {{"goshawk serve 4711",
                    "at http://127.0.0.1:6061/debug/pprof/; prints lines to copy"},
                   {"goshawk serve 4711 --listen 127.0.0.1:0 -v",
                    "at a port that is free; tells what was asked for, and what it cost"},
                   {"goshawk serve 4711 --listen :6061 --token-file token --min-interval 15s",
                    "for a collector on another machine"}},
      .run = [](const Arguments& arguments) { return serve_as_asked(arguments); },
      .other_names = {"server", "endpoint", "http", "listen", "web"}};
}

}  // namespace goshawk::cli
