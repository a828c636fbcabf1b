// UTF-16, as PowerShell writes what is redirected into a file, as UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goshawk::dumps {

class Utf16Text {
 public:
  enum class Order : std::uint8_t { kLittle, kBig };
  // By the mark that a text begins with; nothing: it is no UTF-16.
  static std::optional<Order> order_of(std::string_view beginning);

  explicit Utf16Text(Order order) : order_(order) {}
  // Appends to `text`; what is no character becomes U+FFFD. Bytes may be cut anywhere.
  void decode(std::string_view bytes, std::string& text);

 private:
  void add_unit(std::uint32_t unit, std::string& text);

  Order order_;
  std::optional<unsigned char> first_;  // of a unit whose second byte comes in the next piece
  std::uint32_t high_ = 0;              // a surrogate that waits for its other half
};

}  // namespace goshawk::dumps
