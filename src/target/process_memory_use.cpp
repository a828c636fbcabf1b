// The kernel's own sums of each mapping (smaps), and the page tables where a sum does not say it
// all.
#include "target/process_memory_use.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "target/page_ranges.h"
#include "target/page_scan.h"
#include "target/process_access.h"

namespace goshawk::target {
namespace {

std::uint64_t read_kilobytes(std::string_view status, std::string_view field) {
  std::int64_t kilobytes = parse_decimal(find_status_field(status, field)).value_or(0);
  return kilobytes > 0 ? static_cast<std::uint64_t>(kilobytes) * 1024 : 0;
}

// Where all of a mapping is resident, or nothing, the pages need not be looked at.
void find_resident_pages(const FileDescriptor& pagemap, MappingUse& use) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;  // what a sanitizer only reserves
  constexpr std::size_t kEntriesAStep = 1 << 16;
  AddressRange range = use.mapping.range;
  if (use.resident_bytes == range.size_bytes()) use.resident = {range};
  if (use.resident_bytes == 0 || !use.resident.empty() || range.size_bytes() > kMostBytes) return;
  auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  ResidentPages pages(range.start, page_bytes);
  std::vector<std::uint64_t> entries;
  for (Address at = range.start; at < range.end; at = at + entries.size() * page_bytes) {
    entries.resize(std::min<std::uint64_t>(kEntriesAStep, (range.end - at) / page_bytes));
    std::size_t wanted = entries.size() * sizeof(std::uint64_t);
    if (wanted == 0 ||
        ::pread(pagemap.get(), entries.data(), wanted,
                static_cast<off_t>(at.value() / page_bytes * sizeof(std::uint64_t))) !=
            static_cast<ssize_t>(wanted))
      return;
    pages.add(entries);
  }
  use.resident = std::move(pages).find(use.resident_bytes);
}

// What smaps and status say; `resident` is not filled.
Result<MemoryUse> read_counts(const ProcessDirectory& directory) {
  auto smaps = directory.read_file("smaps");
  if (!smaps || smaps->empty()) {
    if (errno == EACCES || errno == EPERM)
      return fail(explain_denied_access(directory, "read which pages are in memory of"));
    return fail(explain_gone(directory));
  }
  std::string status = directory.read_file("status").value_or("");
  return MemoryUse{.mappings = parse_smaps(*smaps),
                   .page_table_bytes = read_kilobytes(status, "VmPTE"),
                   .kernel_rss_bytes = read_kilobytes(status, "VmRSS")};
}

// A twin gets no page tables of what is shared or a file's; what is the kernel's ("[vdso]")
// neither.
bool is_copied(const Mapping& mapping) {
  return mapping.inode == 0 && !mapping.shared && !mapping.path.starts_with("[v");
}

int count_pages(const FileDescriptor& pagemap, MappingUse& use) {
  constexpr WantedPages kWanted{.any = kPagePresent | kPageSwapped,
                                .told = kPagePresent | kPageSwapped | kPageOfZeros};
  return scan_pages(pagemap, use.mapping.range, kWanted, [&](const ScannedPages& pages) {
    if ((pages.categories & kPageSwapped) != 0) use.swapped_bytes += pages.range.size_bytes();
    if ((pages.categories & kPagePresent) == 0 || (pages.categories & kPageOfZeros) != 0) return;
    use.resident_bytes += pages.range.size_bytes();
    use.resident.push_back(pages.range);
  });
}

}  // namespace

Result<MemoryUse> read_memory_use(const ProcessDirectory& directory) {
  FileDescriptor pagemap = directory.open_file("pagemap", O_RDONLY);
  if (!pagemap.is_open()) {
    if (errno == EACCES || errno == EPERM)
      return fail(explain_denied_access(directory, "read which pages are in memory of"));
    return fail(explain_gone(directory));
  }
  MemoryUse use = TRY(read_counts(directory));
  for (MappingUse& one : use.mappings)
    if (one.mapping.inode == 0) find_resident_pages(pagemap, one);
  return use;
}

bool can_read_memory_use_of_twin() { return can_scan_pages(); }

// What the process has mapped and the twin has not, it has marked so (MADV_DONTFORK), or mapped
// since.
Result<MemoryUse> read_memory_use_of_twin(const ProcessDirectory& directory,
                                          const ProcessDirectory& twin) {
  std::string maps = twin.read_file("maps").value_or("");
  FileDescriptor pagemap = twin.open_file("pagemap", O_RDONLY);
  if (maps.empty() || !pagemap.is_open()) return fail(explain_gone(directory));
  MemoryUse use = TRY(read_counts(directory));
  std::vector<AddressRange> counted;
  std::vector<MappingUse> copied;
  for (Mapping& mapping : parse_mappings(maps)) {
    if (!is_copied(mapping)) continue;
    copied.push_back({.mapping = std::move(mapping), .resident = {}});
    counted.push_back(copied.back().mapping.range);
    if (count_pages(pagemap, copied.back()) != 0) return fail(explain_gone(directory));
  }
  PageRanges twins(std::move(counted));
  std::erase_if(use.mappings, [&](const MappingUse& one) {
    return is_copied(one.mapping) && twins.overlaps(one.mapping.range);
  });
  std::ranges::move(copied, std::back_inserter(use.mappings));
  std::ranges::sort(use.mappings, {},
                    [](const MappingUse& one) { return one.mapping.range.start; });
  return use;
}

}  // namespace goshawk::target
