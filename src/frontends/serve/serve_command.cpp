// The process is tried before anything is promised: read without a stop. Its end does not end the
// server, whose clients are told; so is whoever started it.
#include "frontends/serve/serve_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

#include "base/interruptible_wait.h"
#include "frontends/serve/admission.h"
#include "frontends/serve/pages.h"
#include "frontends/serve/process_pictures.h"
#include "frontends/serve/turns.h"
#include "http/ip_address.h"
#include "http/server.h"
#include "inspection/inspection.h"
#include "report/foreign_text.h"

namespace goshawk::frontends::serve {
namespace {

constexpr std::int64_t kLookEvery = 1'000'000'000;

// Of any thread: a line is written at once.
void print_note(const std::string& text) {
  std::string line = "goshawk: " + report::escape_controls(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

Result<Admission> make_admission(const ServeRequest& request, const http::SocketAddress& address) {
  Admission admission;
  if (!request.token_file.empty()) admission.token = TRY(read_token(request.token_file));
  if (admission.token.empty() && !address.ip.is_loopback())
    return fail(
        Usage{http::to_text(address) + " can be reached from other machines: that takes a token",
              "give --token-file FILE, or listen on 127.0.0.1"});
  return admission;
}

std::string title_of(const inspection::Source& source, const snapshot::Snapshot& picture) {
  std::string_view path = picture.target.executable;
  return fmt::format("process {} ({})", source.name, path.substr(path.rfind('/') + 1));
}

std::string url_of(http::SocketAddress address) {
  bool everywhere = address.ip.bytes == std::array<std::uint8_t, 16>{};
  return "http://" +
         (everywhere ? fmt::format("localhost:{}", address.port) : http::to_text(address));
}

void print_usage(const std::string& title, const http::SocketAddress& address, bool token) {
  std::string url = url_of(address);
  std::string login = token ? "-H \"Authorization: Bearer $TOKEN\" " : "";
  std::string pprof_url = token ? "http://any:$TOKEN@" + url.substr(7) : url;
  fmt::print(
      "{0} is served at {1}/debug/pprof/, read-only, until Ctrl-C:\n\n"
      "  go tool pprof -top {2}/debug/pprof/goroutine\n"
      "  go tool pprof -top {2}/debug/pprof/heap\n"
      "  curl -s {3}'{1}/debug/pprof/goroutine?debug=2'\n"
      "  curl -s {3}'{1}/debug/goshawk/leaks?format=text'\n",
      report::escape_controls(title), url, pprof_url, login);
  std::fflush(stdout);
}

void wait_for_end(const std::string& title, const ProcessPictures& pictures) {
  bool told = false;
  for (InterruptibleWait patience; patience.wait(kLookEvery);) {
    if (told || pictures.check_alive()) continue;
    print_note(title + " has ended: requests are answered with 502 from now on; Ctrl-C ends this");
    told = true;
  }
}

}  // namespace

Result<void> serve_process(const ServeRequest& request) {
  http::SocketAddress wanted = TRY(http::parse_listen_address(request.listen));
  Admission admission = TRY(make_admission(request, wanted));
  ProcessPictures pictures = TRY(ProcessPictures::open(request.source));
  std::string title =
      title_of(request.source,
               TRY(inspection::list_goroutines(request.source, {.no_stop = true, .waits = false})));
  bool token = !admission.token.empty();
  Turns turns{std::chrono::nanoseconds(request.min_interval_ns)};
  Pages pages(pictures, turns, std::move(admission), title, [&](const std::string& line) {
    if (request.verbose) print_note(line);
  });
  auto server = TRY(
      http::Server::start(wanted, [&](const http::Request& asked) { return pages.answer(asked); }));
  print_usage(title, server->address(), token);
  wait_for_end(title, pictures);
  turns.close();
  return {};
}

}  // namespace goshawk::frontends::serve
