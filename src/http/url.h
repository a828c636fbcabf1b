// Addresses of pages: http:// and https://.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace goshawk::http {

struct Url {
  bool tls = false;
  std::string host;  // a name in lower case, or an address without brackets
  std::uint16_t port = 0;
  std::string target = "/";    // path and query, as they are sent
  std::string user_info = {};  // "user:password", decoded; empty: none

  bool operator==(const Url&) const = default;
};

// Usage for what is none, or has another scheme.
Result<Url> parse_url(std::string_view text);

// What a page at `base` means by it: whole, or only a path.
Result<Url> parse_reference(const Url& base, std::string_view reference);

// Of one origin: what is for the one is for the other.
bool is_same_origin(const Url& one, const Url& other);

std::string authority_of(const Url& url);  // "host:port"; the port where it is not the usual one
std::string to_text(const Url& url);       // without the password

}  // namespace goshawk::http
