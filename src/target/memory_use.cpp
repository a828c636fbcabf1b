// What the kernel tells of a process' pages (Documentation/admin-guide/mm/pagemap.rst,
// fs/proc/task_mmu.c): smaps counts, pagemap says where. Both may be read by whoever may trace the
// process; frame numbers, which need more, are not asked for.
//
// A page of zeros that the kernel lends to a reader is present in pagemap and in no count. It is
// never "exclusively mapped", but neither is a page that is shared with a forked child: where more
// pages are present than count, those without the mark are left out, and the caller sees from the
// count how many of them were none of the lent ones.
#include "target/memory_use.h"

#include <algorithm>

#include "target/process_directory.h"

namespace goshawk::target {
namespace {

constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kOfFile = std::uint64_t{1} << 61;  // or shared and anonymous
constexpr std::uint64_t kExclusive = std::uint64_t{1} << 56;

bool is_present(std::uint64_t entry) { return (entry & kPresent) != 0; }
bool may_be_zeros(std::uint64_t entry) { return (entry & (kOfFile | kExclusive)) == 0; }

void append(std::vector<AddressRange>& ranges, Address start, std::uint64_t size_bytes) {
  if (!ranges.empty() && ranges.back().end == start)
    ranges.back().end = start + size_bytes;
  else
    ranges.push_back({start, start + size_bytes});
}

// "Rss:                 120 kB"
std::uint64_t parse_kilobytes(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  std::int64_t kilobytes = parse_decimal(line).value_or(0);
  constexpr std::int64_t kMost = std::int64_t{1} << 40;  // a petabyte
  return kilobytes < 0 || kilobytes > kMost ? 0 : static_cast<std::uint64_t>(kilobytes) * 1024;
}

bool is_all_zeros(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{}; });
}

}  // namespace

std::vector<MappingUse> parse_smaps(std::string_view smaps) {
  std::vector<MappingUse> uses;
  while (!smaps.empty()) {
    std::size_t end = std::min(smaps.find('\n'), smaps.size());
    std::string_view line = smaps.substr(0, end);
    smaps.remove_prefix(std::min(end + 1, smaps.size()));
    if (line.starts_with("Rss:") && !uses.empty()) {
      uses.back().resident_bytes = parse_kilobytes(line.substr(4));
    } else if (line.starts_with("Swap:") && !uses.empty()) {
      uses.back().swapped_bytes = parse_kilobytes(line.substr(5));
    } else if (std::vector<Mapping> mapping = parse_mappings(line); !mapping.empty()) {
      uses.push_back({.mapping = std::move(mapping.front()), .resident = {}});
    }
  }
  std::ranges::sort(uses, {}, [](const MappingUse& use) { return use.mapping.range.start; });
  return uses;
}

void ResidentPages::add(std::span<const std::uint64_t> entries) {
  for (std::uint64_t entry : entries) {
    if (is_present(entry)) {
      ++present_;
      append(present_ranges_, next_, page_bytes_);
      if (!may_be_zeros(entry)) {
        ++certain_;
        append(certain_ranges_, next_, page_bytes_);
      }
    }
    next_ = next_ + page_bytes_;
  }
}

std::vector<AddressRange> ResidentPages::find(std::uint64_t resident_bytes) && {
  if (present_ * page_bytes_ <= resident_bytes) return std::move(present_ranges_);
  if (certain_ * page_bytes_ <= resident_bytes) return std::move(certain_ranges_);
  return {};  // pages that the kernel does not count: a device's, huge ones set apart
}

std::uint64_t size_of(std::span<const AddressRange> ranges) {
  std::uint64_t bytes = 0;
  for (const AddressRange& range : ranges) bytes += range.size_bytes();
  return bytes;
}

std::vector<AddressRange> find_pages_with_content(const Memory& memory, AddressRange range) {
  constexpr std::uint64_t kStepBytes = 1 << 20;
  constexpr std::uint64_t kPageBytes = 4096;
  std::vector<AddressRange> found;
  std::vector<std::byte> bytes;
  for (Address at = range.start; at < range.end; at = at + kStepBytes) {
    bytes.resize(std::min(range.end - at, kStepBytes));
    if (!memory.read(at, bytes)) continue;
    for (std::uint64_t from = 0; from < bytes.size(); from += kPageBytes) {
      std::uint64_t size = std::min<std::uint64_t>(kPageBytes, bytes.size() - from);
      if (!is_all_zeros(ByteView(bytes).subspan(from, size))) append(found, at + from, size);
    }
  }
  return found;
}

Result<MemoryUse> Target::read_memory_use() const {
  return fail(Missing{"which of its pages are in memory", "the balance of its memory"});
}

}  // namespace goshawk::target
