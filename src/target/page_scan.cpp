// The kernel walks page tables without looking at what has none, and tells neighbours as one.
#include "target/page_scan.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <algorithm>

namespace goshawk::target {
namespace {

struct ScanArguments {
  std::uint64_t size = sizeof(ScanArguments), flags = 0, start = 0, end = 0, walk_end = 0, vec = 0,
                vec_len = 0, max_pages = 0, category_inverted = 0, category_mask = 0,
                category_anyof_mask = 0, return_mask = 0;
};
static_assert(sizeof(ScannedPages) == 3 * sizeof(std::uint64_t));  // the kernel's page_region
constexpr auto kScan = _IOWR('f', 16, ScanArguments);
constexpr std::uint64_t kProtectMatching = 1, kCheckTracked = 2;

}  // namespace

int scan_some_pages(const FileDescriptor& pagemap, Address& from, Address end,
                    const WantedPages& wanted, std::array<ScannedPages, 1024>& into,
                    std::size_t& count) {
  ScanArguments what;
  what.flags = wanted.protects ? kProtectMatching | kCheckTracked : 0;
  what.start = from.value();
  what.end = end.value();
  what.vec = reinterpret_cast<std::uint64_t>(into.data());
  what.vec_len = into.size();
  what.category_inverted = wanted.inverted;
  what.category_mask = wanted.all;
  what.category_anyof_mask = wanted.any;
  what.return_mask = wanted.told;
  int told = 0;
  do {
    told = ::ioctl(pagemap.get(), kScan, &what);
  } while (told < 0 && errno == EINTR);
  if (told < 0) return errno;
  count = static_cast<std::size_t>(told);
  from = what.walk_end <= what.start ? end : Address(what.walk_end);
  return 0;
}

bool can_scan_pages() {
  static const bool kCan = [] {
    FileDescriptor own(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
    constexpr std::uint64_t kPageBytes = 4096;
    int local = 0;
    Address page(reinterpret_cast<std::uint64_t>(&local) / kPageBytes * kPageBytes);
    auto nothing = [](const ScannedPages&) {};
    return own.is_open() && scan_pages(own, {page, page + kPageBytes},
                                       {.any = kPagePresent, .told = kPagePresent}, nothing) == 0;
  }();
  return kCan;
}

}  // namespace goshawk::target
