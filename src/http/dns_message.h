// What is asked of a name server, and what it answers (RFC 1035).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_view.h"
#include "http/ip_address.h"

namespace goshawk::http {

enum class RecordType : std::uint16_t { kA = 1, kAaaa = 28 };

// nullopt: no such name can be.
std::optional<std::string> encode_dns_query(std::uint16_t id, std::string_view name,
                                            RecordType type);

struct DnsAnswer {
  bool server_failed = false;  // it could not tell: another one may
  std::vector<IpAddress> addresses;
};

// nullopt: not an answer to this query, or broken.
std::optional<DnsAnswer> parse_dns_answer(ByteView message, std::string_view query);

}  // namespace goshawk::http
