// Parts of memory in order of their addresses. The core is read with pread, not mapped: it may be
// larger than this machine's memory, be sparse, or lose its end while it is read.
#include "target/core_memory.h"

#include <elf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace goshawk::target {
namespace {

// The file's bytes at an offset; false where it ends before, or cannot be read.
bool read_file(int file, std::uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    ssize_t got = ::pread(file, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<std::uint64_t>(got);
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace

CoreMemory::CoreMemory(FileDescriptor file, const binary::ElfFile& core) : file_(std::move(file)) {
  std::vector<Part> parts;
  for (const binary::Segment& segment : core.segments()) {
    if (segment.type != PT_LOAD) continue;
    Address end = segment.address + segment.memory_size_bytes;
    if ((segment.flags & PF_W) != 0 && segment.address < end)
      writable_.push_back({segment.address, end});
    std::uint64_t file_bytes = core.bytes().size();
    std::uint64_t there = segment.file_offset < file_bytes ? file_bytes - segment.file_offset : 0;
    there = std::min(there, segment.file_size_bytes);
    cut_off_bytes_ += segment.file_size_bytes - there;
    if (there != 0 && segment.address < segment.address + there)
      parts.push_back({{segment.address, segment.address + there}, segment.file_offset, {}});
  }
  std::ranges::sort(writable_, {}, &AddressRange::start);
  std::ranges::sort(parts, {}, [](const Part& part) { return part.range.start; });
  for (const Part& part : parts)  // of two at the same address the first counts
    if (parts_.empty() || parts_.back().range.end <= part.range.start) parts_.push_back(part);
}

void CoreMemory::insert(const Part& part) {
  auto place = std::ranges::upper_bound(parts_, part.range.start, {},
                                        [](const Part& old) { return old.range.start; });
  parts_.insert(place, part);
}

void CoreMemory::overlay(const MappedFile& mapping, ByteView file) {
  std::vector<AddressRange> taken = writable_;
  for (const Part& part : parts_) taken.push_back(part.range);
  std::ranges::sort(taken, {}, &AddressRange::start);
  Address at = mapping.range.start;
  auto add_until = [&](Address end) {
    if (at >= end) return;
    ByteView bytes = slice(file, mapping.file_offset + (at - mapping.range.start),
                           AddressRange{at, end}.size_bytes());
    if (!bytes.empty()) insert({{at, at + bytes.size()}, 0, bytes});
  };
  for (const AddressRange& range : taken) {
    if (range.end <= at) continue;
    add_until(std::min(range.start, mapping.range.end));
    at = std::max(at, range.end);
  }
  add_until(mapping.range.end);
}

const CoreMemory::Part* CoreMemory::find(Address address) const {
  auto after = std::ranges::upper_bound(parts_, address, {},
                                        [](const Part& part) { return part.range.start; });
  if (after == parts_.begin() || !std::prev(after)->range.contains(address)) return nullptr;
  return &*std::prev(after);
}

Result<void> CoreMemory::read(Address from, std::span<std::byte> into) const {
  std::uint64_t size_bytes = into.size();
  while (!into.empty()) {
    const Part* part = find(from);
    if (part == nullptr) return fail(Fault{from, into.size(), "not in the core file"});
    std::uint64_t offset = from - part->range.start;
    std::uint64_t count = std::min<std::uint64_t>(into.size(), part->range.end - from);
    if (!part->bytes.empty())
      std::memcpy(into.data(), part->bytes.data() + offset, count);
    else if (!read_file(file_.get(), part->offset + offset, into.first(count)))
      return fail(Fault{from, count, "the core file cannot be read there"});
    from = from + count;
    into = into.subspan(count);
  }
  bytes_read_.fetch_add(size_bytes, std::memory_order_relaxed);
  return {};
}

}  // namespace goshawk::target
