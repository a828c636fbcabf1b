// A strict part of RFC 3986: what two readers could take for two things (blanks, backslashes,
// control characters, letters outside of ASCII in a host) is refused. A fragment is not sent.
#include "http/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/ip_address.h"
#include "http/message.h"
#include "http/query.h"

namespace goshawk::http {
namespace {

constexpr std::size_t kMostBytes = 8192;
constexpr std::uint16_t kHttpPort = 80, kHttpsPort = 443;

Error explain(std::string_view text, std::string_view why) {
  return Usage{fmt::format("\"{}\" is no URL that can be fetched: {}", text.substr(0, 200), why),
               "write it as http://host:port/path or https://host/path"};
}

bool is_plain(char c) {
  return c > ' ' && c < '\x7f' && c != '\\' && c != '"' && c != '<' && c != '>';
}

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// "name:80", "[::1]", "10.0.0.1:8080" into the URL; what is wrong with it otherwise.
std::string_view parse_host_and_port(std::string_view text, Url& url) {
  std::size_t end = text.starts_with('[') ? text.find(']') : text.find(':');
  if (text.starts_with('[')) {
    if (end == std::string_view::npos) return "a bracket is not closed";
    auto ip = parse_ip_address(text.substr(1, end - 1));
    if (!ip || !ip->is_v6) return "in brackets stands no IPv6 address";
    url.host = to_text(*ip);
    text.remove_prefix(end + 1);
  } else {
    url.host = lower(text.substr(0, end));
    if (url.host.empty()) return "it names no host";
    if (url.host.size() > 253 || !std::ranges::all_of(url.host, is_of_name))
      return "its host is no name of a machine";
    text.remove_prefix(url.host.size());
  }
  url.port = url.tls ? kHttpsPort : kHttpPort;
  if (text.empty()) return "";
  auto port = parse_port(text.substr(1));
  if (text[0] != ':' || !port || *port == 0) return "its port is no number from 1 to 65535";
  url.port = *port;
  return "";
}

std::string without_fragment(std::string_view text) {
  std::string target(text.substr(0, text.find('#')));
  if (!target.starts_with('/')) target.insert(0, "/");
  return target;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMostBytes) return fail(explain(text, "it is too long"));
  if (!std::ranges::all_of(text, is_plain))
    return fail(explain(text, "it has blanks, or characters that must be encoded"));
  std::size_t colon = text.find("://");
  std::string_view scheme = text.substr(0, colon);
  Url url{.tls = is_same_ignoring_case(scheme, "https"), .host = {}};
  if (colon == std::string_view::npos || (!url.tls && !is_same_ignoring_case(scheme, "http")))
    return fail(explain(text, "it does not begin with http:// or https://"));
  std::string_view rest = text.substr(colon + 3);
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  url.target = without_fragment(rest.substr(authority.size()));
  if (std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    auto user_info = decode_percent(authority.substr(0, at), false);
    if (!user_info) return fail(explain(text, "its user name is encoded wrongly"));
    url.user_info = *std::move(user_info);
    authority.remove_prefix(at + 1);
  }
  std::string_view problem = parse_host_and_port(authority, url);
  if (!problem.empty()) return fail(explain(text, problem));
  return url;
}

// A path that does not begin with '/' goes on from the last '/' of the page's own.
Result<Url> parse_reference(const Url& base, std::string_view reference) {
  if (reference.find("://") < reference.find_first_of("/?#")) return parse_url(reference);
  if (reference.starts_with("//"))
    return parse_url(fmt::format("{}:{}", base.tls ? "https" : "http", reference));
  if (reference.size() > kMostBytes || !std::ranges::all_of(reference, is_plain))
    return fail(explain(reference, "it has blanks, or characters that must be encoded"));
  Url url = base;
  std::string_view path = std::string_view(base.target).substr(0, base.target.find('?'));
  if (reference.starts_with('?'))
    url.target = without_fragment(std::string(path) + std::string(reference));
  else if (reference.starts_with('/'))
    url.target = without_fragment(reference);
  else
    url.target =
        without_fragment(std::string(path.substr(0, path.rfind('/') + 1)) + std::string(reference));
  return url;
}

bool is_same_origin(const Url& one, const Url& other) {
  return one.tls == other.tls && one.host == other.host && one.port == other.port;
}

std::string authority_of(const Url& url) {
  std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return url.port == (url.tls ? kHttpsPort : kHttpPort) ? host
                                                        : fmt::format("{}:{}", host, url.port);
}

std::string to_text(const Url& url) {
  return fmt::format("{}://{}{}", url.tls ? "https" : "http", authority_of(url), url.target);
}

}  // namespace goshawk::http
