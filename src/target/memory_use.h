// Which of a target's pages are in memory, mapping by mapping. What a mapping's resident pages add
// up to is the kernel's own count, without the pages of zeros that it lends to whoever only reads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "target/memory.h"
#include "target/target.h"

namespace goshawk::target {

struct MappingUse {
  Mapping mapping;
  std::uint64_t resident_bytes = 0;
  std::uint64_t swapped_bytes = 0;
  // Of memory that is of no file: where its resident pages are, by address. They may be fewer than
  // resident_bytes, where the kernel does not tell a shared page from its page of zeros.
  std::vector<AddressRange> resident;
};

struct MemoryUse {
  std::vector<MappingUse> mappings;    // by address
  std::uint64_t page_table_bytes = 0;  // 0: not known
  std::uint64_t kernel_rss_bytes = 0;  // as /proc/PID/status says it, which may lag; 0: not known
};

// The text of /proc/PID/smaps; `resident` is not filled. Lines that are not of the kernel's form
// are left out.
std::vector<MappingUse> parse_smaps(std::string_view smaps);

// Tells from the entries of /proc/PID/pagemap where a mapping's resident pages are.
class ResidentPages {
 public:
  ResidentPages(Address start, std::uint64_t page_bytes) : next_(start), page_bytes_(page_bytes) {}
  void add(std::span<const std::uint64_t> entries);  // of the pages that follow
  std::vector<AddressRange> find(std::uint64_t resident_bytes) &&;

 private:
  Address next_;
  std::uint64_t page_bytes_;
  std::uint64_t present_ = 0, certain_ = 0;
  std::vector<AddressRange> present_ranges_, certain_ranges_;
};

// The pages that hold anything but zeros, of those that can be read.
std::vector<AddressRange> find_pages_with_content(const Memory& memory, AddressRange range);

std::uint64_t size_of(std::span<const AddressRange> ranges);

}  // namespace goshawk::target
