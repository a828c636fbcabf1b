// Addresses of machines, and of a server in one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace goshawk::http {

struct IpAddress {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // in the order of the wire; of IPv4 the first four

  bool is_loopback() const;  // 127.0.0.0/8, ::1, and the former mapped into IPv6
  bool operator==(const IpAddress&) const = default;
};

// "127.0.0.1", "::1"; nullopt for everything else, names and zones too.
std::optional<IpAddress> parse_ip_address(std::string_view text);
std::string to_text(const IpAddress& address);

struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  bool operator==(const SocketAddress&) const = default;
};

// "127.0.0.1:6061", "[::1]:6061", "localhost:6061"; ":6061" is every address of this machine.
// Port 0: any that is free.
Result<SocketAddress> parse_listen_address(std::string_view text);
std::string to_text(const SocketAddress& address);

// The whole of the text; nullopt: it is no number of a port.
std::optional<std::uint16_t> parse_port(std::string_view text);

}  // namespace goshawk::http
