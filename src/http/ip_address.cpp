// inet_pton() decides what an address is: it takes neither "127.1" nor octal numbers, with which
// others have been misled about where a request goes.
#include "http/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace goshawk::http {
namespace {

constexpr std::array<std::uint8_t, 16> kLoopback6 = {0, 0, 0, 0, 0, 0, 0, 0,
                                                     0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr IpAddress kLocalhost{.is_v6 = false, .bytes = {127, 0, 0, 1}};
constexpr IpAddress kAny{.is_v6 = true, .bytes = {}};  // IPv4 arrives there mapped

}  // namespace

bool IpAddress::is_loopback() const {
  if (!is_v6) return bytes[0] == 127;
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) return bytes[12] == 127;
  return bytes == kLoopback6;
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) return address;
  address.is_v6 = true;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  auto [stop, error] = std::from_chars(begin, end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  return port;
}

Result<SocketAddress> parse_listen_address(std::string_view text) {
  Usage error{"\"" + std::string(text) + "\" is no address to listen on",
              "give one such as 127.0.0.1:6061, [::1]:6061 or :6061"};
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail(std::move(error));
  auto port = parse_port(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (!port) return fail(std::move(error));
  if (host.empty()) return SocketAddress{kAny, *port};
  if (host == "localhost") return SocketAddress{kLocalhost, *port};
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  auto ip = parse_ip_address(bracketed ? host.substr(1, host.size() - 2) : host);
  if (!ip || ip->is_v6 != bracketed) return fail(std::move(error));
  return SocketAddress{*ip, *port};
}

std::string to_text(const SocketAddress& address) {
  std::string ip = to_text(address.ip);
  return fmt::format("{}:{}", address.ip.is_v6 ? "[" + ip + "]" : ip, address.port);
}

}  // namespace goshawk::http
