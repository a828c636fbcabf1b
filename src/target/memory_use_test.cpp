#include "target/memory_use.h"

#include <gmock/gmock.h>

#include "target/process_directory.h"

namespace goshawk::target {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kSwapped = std::uint64_t{1} << 62;
constexpr std::uint64_t kExclusive = std::uint64_t{1} << 56;

AddressRange pages(std::uint64_t first, std::uint64_t end) {
  return {Address(first * kPage), Address(end * kPage)};
}

std::vector<AddressRange> find(std::vector<std::uint64_t> entries, std::uint64_t resident_pages) {
  ResidentPages found(Address(0), kPage);
  found.add(entries);
  return std::move(found).find(resident_pages * kPage);
}

TEST(ParseSmaps, CountsGoWithTheirMapping) {
  auto uses = parse_smaps(
      "c000000000-c000400000 rw-p 00000000 00:00 0 \n"
      "Size:               4096 kB\n"
      "Rss:                 120 kB\n"
      "Pss:                  60 kB\n"
      "Swap:                  8 kB\n"
      "SwapPss:               4 kB\n"
      "VmFlags: rd wr mr mw me ac sd \n"
      "00400000-004a1000 r-xp 00002000 fe:01 12345                  /usr/bin/Rss: 7 kB\n"
      "Rss:                   4 kB\n");
  ASSERT_EQ(uses.size(), 2u);
  EXPECT_EQ(uses[0].mapping.path, "/usr/bin/Rss: 7 kB");  // by address
  EXPECT_EQ(uses[0].resident_bytes, 4096u);
  EXPECT_EQ(uses[0].swapped_bytes, 0u);
  EXPECT_EQ(uses[1].mapping.range, (AddressRange{Address(0xc000000000), Address(0xc000400000)}));
  EXPECT_EQ(uses[1].resident_bytes, 120u << 10);
  EXPECT_EQ(uses[1].swapped_bytes, 8u << 10);
}

TEST(ParseSmaps, LeavesOutWhatIsNotOfTheForm) {
  EXPECT_TRUE(parse_smaps("").empty());
  EXPECT_TRUE(parse_smaps("Rss: 4 kB\nSwap: 4 kB\n").empty());
  auto uses = parse_smaps("1000-2000 rw-p 0 0:0 0\nRss: -4 kB\nSwap: 99999999999999999999 kB\n");
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_EQ(uses[0].resident_bytes + uses[0].swapped_bytes, 0u);
}

TEST(ResidentPages, ArePresentOnes) {
  EXPECT_THAT(find({kPresent | kExclusive, kPresent, 0, kSwapped, kPresent}, 3),
              ElementsAre(pages(0, 2), pages(4, 5)));
}

TEST(ResidentPages, LentZerosAreNone) {
  EXPECT_THAT(find({kPresent, kPresent | kExclusive, kPresent, kPresent | kExclusive}, 2),
              ElementsAre(pages(1, 2), pages(3, 4)));
}

// One of the two without the mark is shared with a child: which, nobody tells.
TEST(ResidentPages, AreLeftOutWhereTheyCannotBeToldFromZeros) {
  EXPECT_THAT(find({kPresent, kPresent | kExclusive, kPresent}, 2), ElementsAre(pages(1, 2)));
}

TEST(ResidentPages, OfADeviceCountForNothing) {
  EXPECT_THAT(find({kPresent | kExclusive, kPresent | kExclusive}, 1), IsEmpty());
}

class OneMegabyteAndABit : public Memory {
 public:
  Result<void> read(Address from, std::span<std::byte> into) const override {
    for (std::size_t i = 0; i < into.size(); ++i) {
      std::uint64_t at = from.value() + i;
      into[i] = std::byte{at == 5000 || at == (1 << 20) - 1 || at == (1 << 20)};
    }
    return {};
  }
  std::uint64_t bytes_read() const override { return 0; }
};

TEST(PagesWithContent, AreThoseNotAllZeros) {
  EXPECT_THAT(
      find_pages_with_content(OneMegabyteAndABit(), {Address(0), Address((1 << 20) + 100)}),
      ElementsAre(pages(1, 2), AddressRange{Address(255 * kPage), Address((1 << 20) + 100)}));
}

}  // namespace
}  // namespace goshawk::target
