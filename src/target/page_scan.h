// The kernel's own list of pages of a kind (PAGEMAP_SCAN, Linux 6.7 and later;
// Documentation/admin-guide/mm/pagemap.rst).
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "base/address.h"
#include "target/file_descriptor.h"

namespace goshawk::target {

// As in linux/fs.h, which is younger than the oldest headers to build with.
enum PageCategory : std::uint64_t {
  kPageWritten = 1 << 1,
  kPagePresent = 1 << 3,
  kPageSwapped = 1 << 4,
  kPageOfZeros = 1 << 5,  // lent to whoever only reads
};

// Which pages: those that have all of `all` and any of `any`, where a category in `inverted` is had
// by those that are not of it; what is told of them, page by page: `told`.
struct WantedPages {
  std::uint64_t all = 0, any = 0, inverted = 0, told = 0;
  bool protects = false;  // those that were written are write-protected; where nothing is, EPERM
};

struct ScannedPages {
  AddressRange range;
  std::uint64_t categories = 0;
};

// Up to so many neighbours of the same kind at once; `from` is moved behind them, the end of the
// range once there are no more. An errno, or 0.
int scan_some_pages(const FileDescriptor& pagemap, Address& from, Address end,
                    const WantedPages& wanted, std::array<ScannedPages, 1024>& into,
                    std::size_t& count);

bool can_scan_pages();

// visit(pages) for what matches in the range, by address, each page once. An errno, or 0. The
// kernel may have told of pages behind the place at which it says that it stopped.
template <typename Visit>
int scan_pages(const FileDescriptor& pagemap, AddressRange range, const WantedPages& wanted,
               Visit&& visit) {
  std::array<ScannedPages, 1024> some;  // NOLINT(*-member-init): as many as are told
  Address told = range.start;
  for (Address from = range.start; from < range.end;) {
    std::size_t count = 0;
    if (int error = scan_some_pages(pagemap, from, range.end, wanted, some, count); error != 0)
      return error;
    for (std::size_t i = 0; i < count; ++i) {
      some[i].range.start = std::max(some[i].range.start, told);
      if (some[i].range.end <= told) continue;
      told = some[i].range.end;
      visit(some[i]);
    }
  }
  return 0;
}

}  // namespace goshawk::target
