// The kernel's list of pages, of memory of our own that was written here and there.
#include "target/page_scan.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <random>
#include <set>

namespace goshawk::target {
namespace {

constexpr std::uint64_t kPageBytes = 4096;

TEST(PageScan, TellsEachPageOnceAndZerosApart) {
  if (!can_scan_pages()) GTEST_SKIP() << "the kernel has no PAGEMAP_SCAN (Linux 6.7 and later do)";
  constexpr std::size_t kPages = 20'000;  // more ranges than are told at once
  void* mapped = ::mmap(nullptr, kPages * kPageBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  ::madvise(mapped, kPages * kPageBytes, MADV_NOHUGEPAGE);
  auto* bytes = static_cast<volatile char*>(mapped);
  Address start(reinterpret_cast<std::uint64_t>(mapped));
  std::mt19937 random(3);
  std::set<std::uint64_t> written, only_read;
  char sum = 0;
  for (std::size_t page = 0; page < kPages; ++page) {
    Address at = start + page * kPageBytes;
    switch (random() % 3) {
      case 0:
        bytes[page * kPageBytes] = 1;
        written.insert(at.value());
        break;
      case 1:
        sum = static_cast<char>(sum + bytes[page * kPageBytes]);
        only_read.insert(at.value());
        break;
      default:
        break;
    }
  }
  FileDescriptor pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  std::multiset<std::uint64_t> present, zeros;
  int error = scan_pages(
      pagemap, {start, start + kPages * kPageBytes},
      {.any = kPagePresent, .told = kPagePresent | kPageOfZeros}, [&](const ScannedPages& pages) {
        auto& into = (pages.categories & kPageOfZeros) != 0 ? zeros : present;
        for (Address at = pages.range.start; at < pages.range.end; at = at + kPageBytes)
          into.insert(at.value());
      });
  EXPECT_EQ(error, 0);
  EXPECT_TRUE(std::ranges::equal(present, written));
  EXPECT_TRUE(std::ranges::equal(zeros, only_read));
  ::munmap(mapped, kPages * kPageBytes);
}

TEST(PageScan, OfWhatIsNotMappedThereIsNone) {
  if (!can_scan_pages()) GTEST_SKIP() << "the kernel has no PAGEMAP_SCAN (Linux 6.7 and later do)";
  FileDescriptor pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  int visited = 0;
  int error = scan_pages(pagemap, {Address(kPageBytes), Address(4 * kPageBytes)},
                         {.any = kPagePresent, .told = kPagePresent},
                         [&](const ScannedPages&) { ++visited; });
  EXPECT_EQ(error, 0);
  EXPECT_EQ(visited, 0);
}

}  // namespace
}  // namespace goshawk::target
