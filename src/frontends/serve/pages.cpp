// A request is let in or refused, found a page for, and stands in line where it needs a picture. A
// picture that cannot be had is answered as a gateway would (502), with the reason; the header
// X-Go-Pprof has `go tool pprof` print that reason. HEAD is answered without looking at the
// process. Follows net/http/pprof (names, parameters, headers of answers).
#include "frontends/serve/pages.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "frontends/serve/index_page.h"
#include "report/measures.h"

namespace goshawk::frontends::serve {

using http::Answer;
using http::plain_response;
using http::Request;
using http::RequestTarget;
using http::Response;

namespace {

constexpr std::string_view kPprof = "/debug/pprof/";
constexpr std::string_view kLeaks = "/debug/goshawk/leaks";
constexpr std::array<std::string_view, 4> kProfiles = {"goroutine", "goroutineleak", "heap",
                                                       "allocs"};

// What Go's own endpoint has, and why it is not to be had here.
struct Absent {
  std::string_view name, why;
};
constexpr Absent kAbsent[] = {
    {"profile",
     "a CPU profile is made by signals in the program itself; perf makes one from outside"},
    {"trace", "an execution trace is written by the program itself"},
    {"block",
     "waits are recorded by the program itself, where it asks for it: "
     "/debug/pprof/goroutine tells who waits now"},
    {"mutex",
     "waits are recorded by the program itself, where it asks for it: "
     "/debug/goshawk/leaks tells who holds the lock that others wait for"},
    {"threadcreate", "it is empty in all releases of Go that there are"},
    {"cmdline", "see /proc/PID/cmdline: arguments may hold secrets"},
    {"symbol", "the profiles of this server have their symbols in them"},
};

// Which picture a path asks for; empty: none.
std::string_view find_profile(std::string_view path) {
  if (!path.starts_with(kPprof)) return "";
  std::string_view name = path.substr(kPprof.size());
  for (std::string_view one : kProfiles)
    if (one == name) return one;
  return "";
}

bool is_of_goroutines(std::string_view profile) { return profile.starts_with("goroutine"); }

Response explain_absent(std::string_view path) {
  for (const Absent& absent : kAbsent)
    if (path.starts_with(kPprof) && path.substr(kPprof.size()) == absent.name)
      return plain_response(404, fmt::format("{} is not served: {}", absent.name, absent.why));
  return plain_response(404, "there is nothing here; /debug/pprof/ lists what there is");
}

std::optional<PprofForm> parse_form(const RequestTarget& target) {
  std::string_view debug = target.find("debug").value_or("0");
  if (debug == "0" || debug.empty()) return PprofForm::kProfile;
  if (debug == "1") return PprofForm::kCounts;
  if (debug == "2") return PprofForm::kDump;
  return std::nullopt;
}

// What cannot be done as it is asked for: said so, rather than something else be given.
std::optional<Response> refuse_parameters(const RequestTarget& target, std::string_view profile) {
  if (target.path == kLeaks) {
    std::string_view format = target.find("format").value_or("json");
    if (format == "json" || format == "text") return std::nullopt;
    return plain_response(400, "format is json or text");
  }
  if (target.find("seconds").value_or("0") != "0")
    return plain_response(400,
                          "seconds is not served: take two profiles, and show what is between "
                          "them with go tool pprof -base");
  if (target.find("gc").value_or("0") != "0")
    return plain_response(400,
                          "gc is not served: it would run a collection in the process, and "
                          "nothing is changed here");
  if (!parse_form(target)) return plain_response(400, "debug is 0, 1 or 2");
  if (!is_of_goroutines(profile) && parse_form(target) == PprofForm::kDump)
    return plain_response(400, fmt::format("of {}, debug is 0 or 1", profile));
  return std::nullopt;
}

void add_common_headers(Response& response) {
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Cache-Control", "no-store"});
  response.headers.push_back(
      {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"});
  if (response.status >= 400) response.headers.push_back({"X-Go-Pprof", "1"});
}

// Without its body.
Response describe_picture(const RequestTarget& target, std::string_view profile) {
  Response response;
  if (target.path == kLeaks) {
    bool text = target.find("format") == "text";
    response.headers = {{"Content-Type", text ? "text/plain; charset=utf-8" : "application/json"}};
  } else if (parse_form(target) == PprofForm::kProfile) {
    response.headers = {
        {"Content-Type", "application/octet-stream"},
        {"Content-Disposition", fmt::format("attachment; filename=\"{}\"", profile)}};
  } else {
    response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  }
  return response;
}

Result<std::string> read_picture(ProcessPictures& pictures, const RequestTarget& target,
                                 std::string_view profile) {
  if (target.path == kLeaks)
    return pictures.read_leaks(target.find("format") == "text" ? LeaksForm::kText
                                                               : LeaksForm::kJson);
  if (profile == "goroutine") return pictures.read_goroutines(*parse_form(target));
  if (profile == "goroutineleak") return pictures.read_leaked_goroutines(*parse_form(target));
  return pictures.read_allocations(profile == "allocs", *parse_form(target));
}

std::string pause_text(std::int64_t ns) {
  return ns == 0 ? "without a stop" : "the process stood still for " + report::human_duration(ns);
}

Response finish(Response response) {
  add_common_headers(response);
  return response;
}

}  // namespace

Answer Pages::answer(const Request& request) {
  if (auto refused = refuse(admission_, request)) {
    tell_(fmt::format("{} {}: {}", request.method, request.target.path, refused->status));
    return finish(*std::move(refused));
  }
  const std::string& path = request.target.path;
  if (path == "/" || path == "/debug/pprof")
    return finish({.status = 302, .headers = {{"Location", "/debug/pprof/"}}, .body = ""});
  if (path == kPprof)
    return finish({.status = 200,
                   .headers = {{"Content-Type", "text/html; charset=utf-8"}},
                   .body = render_index_page(title_)});
  if (path == kLeaks || !find_profile(path).empty()) return serve_picture(request);
  return finish(explain_absent(path));
}

Answer Pages::serve_picture(const Request& request) {
  std::string_view profile = find_profile(request.target.path);
  if (auto refused = refuse_parameters(request.target, profile)) return finish(*std::move(refused));
  if (request.is_head()) return finish(describe_picture(request.target, profile));
  Answer answer = turns_.queue([this, target = request.target] { return take_picture(target); });
  if (Response* refused = std::get_if<Response>(&answer)) add_common_headers(*refused);
  return answer;
}

Response Pages::take_picture(const RequestTarget& target) const {
  std::string_view profile = find_profile(target.path);
  auto body = read_picture(pictures_, target, profile);
  if (!body) {
    tell_(fmt::format("GET {}: 502, {}", target.path, describe(body.error())));
    return finish(plain_response(502, describe(body.error())));
  }
  tell_(fmt::format("GET {}: 200, {}, {}", target.path, report::human_bytes(body->size()),
                    pause_text(pictures_.last_pause_ns())));
  Response response = describe_picture(target, profile);
  response.body = *std::move(body);
  return finish(std::move(response));
}

}  // namespace goshawk::frontends::serve
