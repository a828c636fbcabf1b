#include "dumps/log_text.h"

#include <gtest/gtest.h>

namespace goshawk::dumps {
namespace {

const std::string kDump =
    "goroutine 18 [chan receive]:\nmain.überall()\n\t/src/shop.go:12 +0x1d\ncreated by main.main "
    "in "
    "goroutine 1\n\t/src/shop.go:7 +0x1d\n\n";

// The name of its goroutine's function; "" : there is not one goroutine.
std::string function_in(const std::string& bytes, std::size_t piece_bytes) {
  Reader reader;
  LogText text(reader);
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes)
    text.feed(std::string_view(bytes).substr(at, piece_bytes));
  text.finish();
  Dumps dumps = reader.finish();
  if (dumps.goroutines.size() != 1) return "";
  auto frames = dumps.tables.frames_of(dumps.goroutines[0].stack);
  return frames.empty() ? "" : std::string(dumps.text(dumps.tables.frame(frames[0]).function));
}

std::string utf16(std::string_view text, bool little) {
  std::string bytes = little ? "\xff\xfe" : "\xfe\xff";
  auto add = [&](unsigned unit) {
    char low = static_cast<char>(unit & 0xff), high = static_cast<char>(unit >> 8);
    bytes += little ? std::string{low, high} : std::string{high, low};
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto c = static_cast<unsigned char>(text[at]);
    add(c < 0x80 ? c : (c & 0x1fU) << 6 | (static_cast<unsigned char>(text[++at]) & 0x3fU));
  }
  return bytes;
}

TEST(LogText, IsOfAnyEncoding) {
  for (std::size_t piece : {1U, 7U, 100'000U}) {
    EXPECT_EQ(function_in(kDump, piece), "main.überall");
    EXPECT_EQ(function_in("\xef\xbb\xbf" + kDump, piece), "main.überall");
    for (bool little : {true, false})
      EXPECT_EQ(function_in(utf16(kDump, little), piece), "main.überall");
  }
}

TEST(LogText, JoinsPartsOfLines) {
  const std::string log =
      "2026-11-29T18:30:53.1Z stdout F GET /\n"
      "2026-11-29T18:30:53.2Z stderr P {\"stack\":\"goroutine 7 [run\n"
      "2026-11-29T18:30:53.2Z stdout P GET\n"
      "2026-11-29T18:30:53.2Z stderr P ning]:\\nmain.f(\n"
      "2026-11-29T18:30:53.3Z stderr F )\\n\\t/m.go:1 +0x1\\n\"}\n"
      "2026-11-29T18:30:53.3Z stdout F  /b\n";
  for (std::size_t piece : {1U, 7U, 100'000U}) EXPECT_EQ(function_in(log, piece), "main.f");
}

TEST(LogText, LosesNothingWithoutAnEnd) {
  PartialLines lines;
  std::string text;
  lines.join("2026-11-29T18:30:53.1Z stdout P one\nno record\n2026-11-29T18:30:53.1Z st", text);
  lines.finish(text);
  EXPECT_EQ(text, "no record\n2026-11-29T18:30:53.1Z stdout F one\n2026-11-29T18:30:53.1Z st");
}

TEST(Utf16Text, ReplacesWhatIsNoCharacter) {
  Utf16Text decoder(Utf16Text::Order::kBig);
  std::string text;
  decoder.decode(std::string_view("\xd8\x3d\xde\x00\xd8\x00\x00"
                                  "a\xdc\x00",
                                  10),
                 text);
  EXPECT_EQ(text,
            "\xf0\x9f\x98\x80\xef\xbf\xbd"
            "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace goshawk::dumps
