// What fingerprints are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace goshawk::findings {

// FNV-1a; its low bits mix well enough for a name, and it needs no state beyond one word.
class NameHash {
 public:
  void add(std::string_view text) {
    for (char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0xff);  // no name holds it: "ab","c" differs from "a","bc"
  }
  std::string hex() const;  // 16 digits

 private:
  void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

}  // namespace goshawk::findings
