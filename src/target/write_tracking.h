// What a process writes, as the kernel tells it without stopping the process: pages that are
// protected lose their protection at the next write to them, and nothing else happens.
// Linux 6.7 and later: userfaultfd(2) with UFFD_FEATURE_WP_ASYNC, PAGEMAP_SCAN
// (Documentation/admin-guide/mm/pagemap.rst).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/file_descriptor.h"
#include "target/page_ranges.h"
#include "target/process_directory.h"
#include "target/target.h"
#include "target/tracer.h"

namespace goshawk::target {

// Why this kernel cannot do it, as it says itself; nullopt: it can.
std::optional<std::string> find_reason_against_tracking();

// A userfaultfd of the process, made by one of its threads, which rests, and closed there at once:
// the only descriptor is ours. All threads are stopped by `tracer`, and are so afterwards. Denied:
// a moment later there would be none either.
Result<FileDescriptor> borrow_userfaultfd(const ProcessDirectory& directory, Tracer& tracer,
                                          std::span<const AddressRange> resting);

// Pages of mappings that are tracked.
struct PagesNow {
  PageRanges written;  // since they were last protected, or never protected
  PageRanges absent;   // not in memory nor swapped out: zero, for mappings that are tracked
};

class WriteTracking {
 public:
  // `descriptor`: of a userfaultfd that nobody has talked to. An error: the kernel cannot do it.
  static Result<WriteTracking> begin(const ProcessDirectory& directory, FileDescriptor descriptor);
  WriteTracking(WriteTracking&&) noexcept = default;
  WriteTracking& operator=(WriteTracking&&) noexcept = delete;
  // Undoes it mapping by mapping, so that the process never waits for long. Without it the kernel
  // does so when the descriptor is closed, all at once.
  ~WriteTracking();

  // Mappings of the process as they are now; those that can be are tracked from here on: private,
  // writable, of no file. What is new among them counts as written. An error: somebody else has
  // registered one of them.
  Result<void> cover(const std::vector<Mapping>& mappings);
  bool covers(Address address) const { return covered_.contains(address); }
  const PageRanges& covered() const { return covered_; }

  // What was written is protected again: each write is told once. An error: the mappings are not
  // what they were, cover them again; what was told is to be kept.
  Result<void> protect_written(std::vector<AddressRange>& written);
  // Changes nothing.
  Result<PagesNow> list() const;
  // What was written neither, nor given back, since it was protected: it holds what it held then.
  Result<PageRanges> list_clean() const;

 private:
  WriteTracking(FileDescriptor descriptor, FileDescriptor pagemap)
      : descriptor_(std::move(descriptor)), pagemap_(std::move(pagemap)) {}
  int register_range(AddressRange range) const;  // an errno

  FileDescriptor descriptor_, pagemap_;
  PageRanges covered_;
};

}  // namespace goshawk::target
