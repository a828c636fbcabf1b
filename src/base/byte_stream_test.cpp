#include "base/byte_stream.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace goshawk {
namespace {

constexpr std::uint64_t kMost = 1 << 20;

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
  return packed;
}

ByteStream stream_of(const std::string& bytes, std::uint64_t most_bytes = kMost) {
  return ByteStream::of(std::as_bytes(std::span(bytes)), "input", most_bytes);
}

// In pieces of this size.
Result<std::string> read_all(ByteStream stream, std::size_t piece) {
  std::string text;
  for (;;) {
    ByteView seen = TRY(stream.peek(piece));
    if (seen.empty()) return text;
    seen = seen.first(std::min(seen.size(), piece));
    text += as_text(seen);
    stream.skip(seen.size());
  }
}

std::string long_text() {
  std::string text;
  while (text.size() < 300'000) text += std::to_string(text.size()) + " ";
  return text;
}

TEST(ByteStream, ReadsWhatIsPackedAndWhatIsNot) {
  std::string text = long_text();
  for (const std::string& bytes : {text, gzip(text), zstd(text)})
    for (std::size_t piece : {7UL, 4096UL, 1UL << 19}) {
      auto read = read_all(stream_of(bytes), piece);
      ASSERT_TRUE(read) << describe(read.error());
      EXPECT_EQ(*read, text);
    }
}

TEST(ByteStream, SeveralMembersAreOneFile) {
  EXPECT_EQ(read_all(stream_of(gzip("one ") + gzip("two")), 100), "one two");
  EXPECT_EQ(read_all(stream_of(zstd("one ") + zstd("") + zstd("two")), 100), "one two");
}

TEST(ByteStream, NothingIsNothing) {
  EXPECT_EQ(read_all(stream_of(""), 1), "");
  EXPECT_EQ(read_all(stream_of(gzip("")), 1), "");
  EXPECT_EQ(read_all(stream_of(zstd("")), 1), "");
}

TEST(ByteStream, WhatIsCutOffOrBrokenIsSaidSo) {
  std::string text = long_text();
  for (const std::string& bytes : {gzip(text), zstd(text)}) {
    for (std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{5}}) {
      auto read = read_all(stream_of(bytes.substr(0, size)), 4096);
      ASSERT_FALSE(read);
      EXPECT_NE(describe(read.error()).find("ends in the middle"), std::string::npos)
          << describe(read.error());
    }
    EXPECT_FALSE(read_all(stream_of(bytes + "rubbish"), 4096));
  }
  std::string broken = gzip(text);  // zstd's checksum is optional, and not there
  broken[broken.size() / 2] = static_cast<char>(~broken[broken.size() / 2]);
  EXPECT_FALSE(read_all(stream_of(broken), 4096));
}

TEST(ByteStream, UnpacksNoMoreThanItMay) {
  std::string zeros(2 * kMost, '\0');
  for (const std::string& bytes : {zeros, gzip(zeros), zstd(zeros)}) {
    auto read = read_all(stream_of(bytes), 4096);
    ASSERT_FALSE(read);
    EXPECT_NE(describe(read.error()).find("more than 1 MB"), std::string::npos);
  }
}

TEST(ByteStream, WantingMuchHoldsLittle) {
  std::string text = "short";
  ByteStream stream = stream_of(text);
  auto seen = stream.peek(std::size_t{1} << 60);
  ASSERT_TRUE(seen);
  EXPECT_EQ(as_text(*seen), "short");
  stream.skip(3);
  EXPECT_EQ(stream.position(), 3u);
  EXPECT_EQ(as_text(*stream.peek(1)), "rt");
}

TEST(ByteStream, AFileThatIsNotThere) {
  EXPECT_FALSE(ByteStream::open("/nowhere/at/all", kMost));
  auto folder = ByteStream::open("/", kMost);
  EXPECT_FALSE(folder && folder->peek(1));
}

}  // namespace
}  // namespace goshawk
