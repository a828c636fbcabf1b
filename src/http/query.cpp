// Percent-encoding as of RFC 3986, and '+' for a blank in queries, as browsers and Go's net/url
// have it. A zero byte is no character of a path that means anything here.
#include "http/query.h"

#include <charconv>

namespace goshawk::http {

std::optional<std::string> decode_percent(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = static_cast<unsigned char>(text[i]);
    if (byte == '+' && plus_is_blank) {
      byte = ' ';
    } else if (byte == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const char* end = text.data() + i + 3;
      auto [stop, error] = std::from_chars(text.data() + i + 1, end, byte, 16);
      if (error != std::errc() || stop != end) return std::nullopt;
      i += 2;
    }
    if (byte == 0) return std::nullopt;
    decoded += static_cast<char>(byte);
  }
  return decoded;
}

std::optional<std::string_view> RequestTarget::find(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::optional<RequestTarget> parse_request_target(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  text = text.substr(0, text.find('#'));
  std::size_t question = text.find('?');
  RequestTarget target;
  auto path = decode_percent(text.substr(0, question), false);
  if (!path) return std::nullopt;
  target.path = *std::move(path);
  if (question == std::string_view::npos) return target;
  std::string_view rest = text.substr(question + 1);
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : rest.size());
    if (part.empty()) continue;
    std::size_t equals = part.find('=');
    auto key = decode_percent(part.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::string()
                                                  : decode_percent(part.substr(equals + 1), true);
    if (!key || !value) return std::nullopt;
    target.query.emplace_back(*std::move(key), *std::move(value));
  }
  return target;
}

}  // namespace goshawk::http
