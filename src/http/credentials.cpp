// RFC 7617 (Basic, with base64 of RFC 4648) and RFC 6750 (Bearer).
#include "http/credentials.h"

#include <cstdint>

#include "http/message.h"

namespace goshawk::http {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k > bytes.size() ? '=' : kAlphabet[group >> (18 - 6 * k) & 63];
  }
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (char c : text) {
    std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

// What follows the name of a scheme; nullopt: it is another one.
std::optional<std::string_view> find_after(std::string_view scheme, std::string_view text) {
  if (text.size() <= scheme.size() || text[scheme.size()] != ' ') return std::nullopt;
  if (!is_same_ignoring_case(text.substr(0, scheme.size()), scheme)) return std::nullopt;
  text.remove_prefix(scheme.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

}  // namespace

std::optional<std::string> find_presented_token(std::string_view authorization) {
  if (auto token = find_after("Bearer", authorization)) return std::string(*token);
  auto encoded = find_after("Basic", authorization);
  if (!encoded) return std::nullopt;
  auto user_info = decode_base64(*encoded);
  if (!user_info) return std::nullopt;
  std::size_t colon = user_info->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return user_info->substr(colon + 1);
}

std::string basic_authorization(std::string_view user_info) {
  return "Basic " + encode_base64(user_info);
}

bool is_same_secret(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  volatile unsigned char difference = 0;  // the compiler must not stop at the first one
  for (std::size_t i = 0; i < one.size(); ++i)
    difference = difference | static_cast<unsigned char>(one[i] ^ other[i]);
  return difference == 0;
}

}  // namespace goshawk::http
