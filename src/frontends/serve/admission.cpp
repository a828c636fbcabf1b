// Three ways in which somebody could ask who should not.
// - From another machine: there a token is asked for; it is always, once there is one.
// - A page in the user's browser whose name its owner lets point to 127.0.0.1 (DNS rebinding): it
// is
//   betrayed by the header Host. Without a token only names that nobody else can own are served.
// - A page that just links to us. It could not read the answer, but the process would stand still
//   for it: browsers say what a request is for (Fetch Metadata, Sec-Fetch-Site).
#include "frontends/serve/admission.h"

#include <algorithm>
#include <string_view>

#include "base/read_file.h"
#include "http/credentials.h"
#include "http/ip_address.h"

namespace goshawk::frontends::serve {
namespace {

constexpr std::size_t kLeastTokenBytes = 16;
constexpr std::uint64_t kMostTokenBytes = 4096;
constexpr std::string_view kBlanks = " \t\r\n";

// "[::1]:6061" is "::1".
std::string_view name_in_host(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool names_this_machine(std::string_view host) {
  std::string_view name = name_in_host(host);
  if (http::is_same_ignoring_case(name, "localhost")) return true;
  auto ip = http::parse_ip_address(name);
  return ip && ip->is_loopback();
}

http::Response ask_for_token() {
  http::Response response = http::plain_response(
      401,
      "a token is asked for: send \"Authorization: Bearer TOKEN\", or log in with any name and "
      "the token as the password");
  response.headers.push_back({"WWW-Authenticate", "Basic realm=\"goshawk\", charset=\"UTF-8\""});
  return response;
}

bool has_token(const Admission& admission, const http::Request& request) {
  auto token = http::find_presented_token(http::find_header(request.headers, "Authorization"));
  return token && http::is_same_secret(*token, admission.token);
}

}  // namespace

std::optional<http::Response> refuse(const Admission& admission, const http::Request& request) {
  auto hosts = std::ranges::count_if(request.headers, [](const http::Header& header) {
    return http::is_same_ignoring_case(header.name, "Host");
  });
  if (hosts > 1)  // RFC 9112, 3.2: who looks at another of them must not believe this answer
    return http::plain_response(400, "a request has one Host");
  std::string_view site = http::find_header(request.headers, "Sec-Fetch-Site");
  if (!site.empty() && site != "none" && site != "same-origin")
    return http::plain_response(403, "a page of another site has no business here");
  if (admission.token.empty()) {
    if (!names_this_machine(http::find_header(request.headers, "Host")))
      return http::plain_response(
          403,
          "without a token only localhost, 127.0.0.1 and [::1] are served: ask for one of "
          "these, or start goshawk serve with --token-file");
  } else if (!has_token(admission, request)) {
    return ask_for_token();
  }
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response response =
        http::plain_response(405, "only GET and HEAD: nothing is changed here");
    response.headers.push_back({"Allow", "GET, HEAD"});
    return response;
  }
  return std::nullopt;
}

Result<std::string> read_token(const std::string& path) {
  std::string hint = "make one: head -c 24 /dev/urandom | base64 | tr +/ -_ > " + path;
  std::string text = TRY(read_file(path, kMostTokenBytes, hint));
  std::size_t first = text.find_first_not_of(kBlanks);
  std::string token = first == std::string::npos
                          ? ""
                          : text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
  if (token.size() < kLeastTokenBytes)
    return fail(
        Usage{"the token in " + path + " could be guessed: it has fewer than 16 characters", hint});
  if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; }))
    return fail(Usage{"the token in " + path + " is no single word of ASCII characters", hint});
  return token;
}

}  // namespace goshawk::frontends::serve
