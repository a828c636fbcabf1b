#include "http/message.h"

#include <algorithm>

namespace goshawk::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool is_same_ignoring_case(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view find_header(const std::vector<Header>& headers, std::string_view name) {
  auto found = std::ranges::find_if(
      headers, [&](const Header& header) { return is_same_ignoring_case(header.name, name); });
  return found == headers.end() ? std::string_view() : found->value;
}

Response plain_response(unsigned status, std::string_view text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::string(text) + "\n"};
}

}  // namespace goshawk::http
