#include "snapshot/type_codec.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/byte_view.h"

namespace goshawk::snapshot {
namespace {

ByteView bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(TypeCodec, ReadsWhatItWrote) {
  std::mt19937 random(1);
  for (std::size_t count : {0, 1, 2, 1000, 100000}) {
    std::vector<std::uint32_t> types(count), read(count);
    for (std::size_t i = 0; i < count; ++i)
      types[i] =
          i > 0 && random() % 4 != 0 ? types[i - 1] : static_cast<std::uint32_t>(random() % 300);
    ASSERT_TRUE(decode_types(bytes_of(encode_types(types)), 300, read));
    EXPECT_EQ(read, types);
  }
}

TEST(TypeCodec, RefusesWhatDoesNotFit) {
  std::string three = encode_types(std::vector<std::uint32_t>{5, 5, 7});
  std::vector<std::uint32_t> two(2), four(4), exact(3);
  EXPECT_FALSE(decode_types(bytes_of(three), 8, two));
  EXPECT_FALSE(decode_types(bytes_of(three), 8, four));
  EXPECT_FALSE(decode_types(bytes_of(three), 7, exact));  // there is no type 7
  EXPECT_TRUE(decode_types(bytes_of(three), 8, exact));
  std::string endless = {5, '\xff', '\xff', '\xff', '\xff', '\xff', '\xff', '\xff', '\xff', 1};
  EXPECT_FALSE(decode_types(bytes_of(endless), 8, exact));
}

}  // namespace
}  // namespace goshawk::snapshot
