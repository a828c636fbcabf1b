// Follows RFC 2781. The mark itself is left out.
#include "dumps/utf16_text.h"

#include "dumps/utf8.h"

namespace goshawk::dumps {
namespace {

constexpr std::uint32_t kMark = 0xfeff, kNoCharacter = 0xfffd;

bool is_high(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

std::optional<Utf16Text::Order> Utf16Text::order_of(std::string_view beginning) {
  if (beginning.starts_with("\xff\xfe")) return Order::kLittle;
  if (beginning.starts_with("\xfe\xff")) return Order::kBig;
  return std::nullopt;
}

void Utf16Text::decode(std::string_view bytes, std::string& text) {
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if (!first_) {
      first_ = byte;
      continue;
    }
    std::uint32_t one = *first_, two = byte;
    first_.reset();
    add_unit(order_ == Order::kLittle ? one | two << 8 : one << 8 | two, text);
  }
}

void Utf16Text::add_unit(std::uint32_t unit, std::string& text) {
  if (high_ != 0) {
    std::uint32_t high = high_;
    high_ = 0;
    if (is_low(unit)) return append_utf8(text, 0x10000 + ((high - 0xd800) << 10) + unit - 0xdc00);
    append_utf8(text, kNoCharacter);
  }
  if (is_high(unit))
    high_ = unit;
  else if (unit != kMark)
    append_utf8(text, is_low(unit) ? kNoCharacter : unit);
}

}  // namespace goshawk::dumps
