// One question each way. Of an answer's records every address of the type that was asked for
// counts, whatever alias led to it: who answers could say anything anyway. Names in records are
// passed over, so that no pointer in them is ever followed.
#include "http/dns_message.h"

#include <algorithm>

namespace goshawk::http {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint16_t kRecursionDesired = 0x0100, kIsAnswer = 0x8000;
constexpr std::uint16_t kInternet = 1;
constexpr std::uint16_t kNoError = 0, kNoSuchName = 3;
constexpr std::size_t kMostNameBytes = 253, kMostLabelBytes = 63;

void append16(std::string& message, std::uint16_t value) {
  message += static_cast<char>(value >> 8);
  message += static_cast<char>(value & 0xff);
}

std::uint16_t take16(Cursor& cursor) {
  unsigned high = cursor.u8();
  return static_cast<std::uint16_t>(high << 8 | cursor.u8());
}

// Labels up to the root's, or up to a pointer to the rest of them elsewhere.
void skip_name(Cursor& cursor) {
  while (!cursor.failed()) {
    std::uint8_t length = cursor.u8();
    if (length == 0) return;
    if ((length & 0xc0) == 0xc0) return cursor.skip(1);
    cursor.skip(length);
  }
}

std::optional<IpAddress> address_of(ByteView bytes, std::uint16_t type) {
  IpAddress address{.is_v6 = type == static_cast<std::uint16_t>(RecordType::kAaaa), .bytes = {}};
  if (bytes.size() != (address.is_v6 ? 16U : 4U)) return std::nullopt;
  std::ranges::transform(bytes, address.bytes.begin(),
                         [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  return address;
}

}  // namespace

std::optional<std::string> encode_dns_query(std::uint16_t id, std::string_view name,
                                            RecordType type) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kMostNameBytes) return std::nullopt;
  std::string message;
  for (std::uint16_t word : {id, kRecursionDesired, std::uint16_t{1}, std::uint16_t{0},
                             std::uint16_t{0}, std::uint16_t{0}})
    append16(message, word);
  while (!name.empty()) {
    std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > kMostLabelBytes) return std::nullopt;
    message += static_cast<char>(label.size());
    message += label;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  message += '\0';
  append16(message, static_cast<std::uint16_t>(type));
  append16(message, kInternet);
  return message;
}

std::optional<DnsAnswer> parse_dns_answer(ByteView message, std::string_view query) {
  Cursor cursor(message);
  Cursor asked(std::as_bytes(std::span(query)));
  if (take16(cursor) != take16(asked)) return std::nullopt;
  std::uint16_t flags = take16(cursor), questions = take16(cursor), answers = take16(cursor);
  cursor.skip(4);
  std::string_view question = query.substr(std::min(kHeaderBytes, query.size()));
  if ((flags & kIsAnswer) == 0 || questions != 1 || question.size() < 4) return std::nullopt;
  if (as_text(cursor.bytes(question.size())) != question) return std::nullopt;
  asked.seek(query.size() - 4);
  std::uint16_t wanted = take16(asked), code = flags & 0xf;
  DnsAnswer answer{.server_failed = code != kNoError && code != kNoSuchName, .addresses = {}};
  for (; answers > 0; --answers) {
    skip_name(cursor);
    std::uint16_t type = take16(cursor), network = take16(cursor);
    cursor.skip(4);  // for how long it holds
    ByteView bytes = cursor.bytes(take16(cursor));
    if (cursor.failed()) break;  // cut off: what came counts
    if (type != wanted || network != kInternet) continue;
    if (auto address = address_of(bytes, type)) answer.addresses.push_back(*address);
  }
  return answer;
}

}  // namespace goshawk::http
