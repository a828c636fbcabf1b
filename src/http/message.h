// What is said over HTTP, apart from how it travels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace goshawk::http {

struct Header {
  std::string name;
  std::string value;

  bool operator==(const Header&) const = default;
};

// The first one of this name, in any case; empty: there is none.
std::string_view find_header(const std::vector<Header>& headers, std::string_view name);

// Of ASCII letters.
bool is_same_ignoring_case(std::string_view one, std::string_view other);

struct Response {
  unsigned status = 200;
  std::vector<Header> headers;
  std::string body;
};

// A line of text, as a server explains itself to people.
Response plain_response(unsigned status, std::string_view text);

}  // namespace goshawk::http
