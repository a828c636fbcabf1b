// What a URL, a redirect and a request's target and headers may be. The input is one of each; of a
// first line and a second one the second leads on from the first.
#include "fuzz/fuzz.h"
#include "http/credentials.h"
#include "http/ip_address.h"
#include "http/query.h"
#include "http/url.h"

namespace goshawk::fuzz {
namespace {

// What was understood is written so that it is understood again, and as the same.
void check(const http::Url& url) {
  auto again = http::parse_url(http::to_text(url));
  if (!again || again->host != url.host || again->port != url.port || again->target != url.target ||
      again->tls != url.tls)
    __builtin_trap();
}

}  // namespace

void run(ByteView input) {
  std::string_view text = as_text(input);
  std::string_view first = text.substr(0, text.find('\n'));
  if (auto url = http::parse_url(first)) {
    check(*url);
    std::string_view second = text.substr(std::min(first.size() + 1, text.size()));
    if (auto next = http::parse_reference(*url, second)) check(*next);
  }
  if (auto target = http::parse_request_target(text)) {
    if (!target->path.starts_with('/') || target->path.find('\0') != std::string::npos)
      __builtin_trap();
    use(target->find("debug").value_or(""));
  }
  if (auto token = http::find_presented_token(text)) use(*token);
  if (auto address = http::parse_listen_address(text)) use(http::to_text(*address));
}

std::vector<std::string> seeds() {
  return {"http://shop.example:6060/debug/pprof/heap?debug=1#x\n../heap",
          "https://me:p%40ss@[::1]:8443/a/b?c\n//other/x",
          "http://10.0.0.1\nhttps://10.0.0.2/?to=http://y",
          "/debug/pprof/goroutine?debug=2&&x=%20+y=&flag",
          "Basic dXNlcjpwYXNz",
          "Bearer abc",
          "[::1]:6061",
          "localhost:0"};
}

}  // namespace goshawk::fuzz
