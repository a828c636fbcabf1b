// A mapping of a file is its file's. Anonymous memory goes, page by page, to the first of these
// that claims it: stacks in use, the rest of what the heap lends to stacks, spans of objects, the
// rest of the arenas, the runtime's own tables, threads' stacks, the program's variables; what
// nobody claims is C's or of whoever mapped it. The kernel's count of each mapping is kept to:
// pages that it counts and that nobody can place are told as such.
//
// A thread's stack is the mapping of C's that its g0 stack or its stack pointer is in, up to where
// its g0 or its thread-local storage ends, which C puts above it. The kernel may join that mapping
// with a neighbour above; what is below it the guard page keeps apart.
#include "goruntime/memory_balance.h"

#include <algorithm>
#include <set>

#include "goruntime/memory_claims.h"

namespace goshawk::goruntime {

using snapshot::MemoryPart;
using target::Mapping;
using target::MappingUse;

namespace {

bool is_in(const std::vector<AddressRange>& ranges, Address address) {
  auto after = std::ranges::upper_bound(ranges, address, {}, &AddressRange::start);
  return after != ranges.begin() && (after - 1)->contains(address);
}

bool is_of_file(const Mapping& mapping) {
  return mapping.inode != 0 || mapping.path.starts_with('/');
}

class Balance {
 public:
  Balance(const target::MemoryUse& use, const MemoryOwners& owners) : use_(use), owners_(owners) {
    for (const MappingUse& one : use.mappings)
      if (is_of_file(one.mapping) && one.mapping.executable) executed_.insert(one.mapping.path);
  }

  snapshot::MemoryUse draw_up() {
    claim();
    snapshot::MemoryUse result;
    result.known = true;
    const MappingUse* before = nullptr;
    for (const MappingUse& one : use_.mappings) {
      share_out(one, part_of(one.mapping, before), result);
      result.swapped_bytes += one.swapped_bytes;
      before = &one;
    }
    result.absent = find_absent();
    result.kernel_rss_bytes = use_.kernel_rss_bytes;
    result.page_table_bytes = use_.page_table_bytes;
    return result;
  }

 private:
  void claim() {
    const HeapPlaces& heap = owners_.heap;
    claims_.add(find_stacks_in_use(), MemoryPart::kStacks);
    claims_.add(heap.stack_spans, MemoryPart::kIdleStacks);
    claims_.add(heap.work_buffers, MemoryPart::kWorkBuffers);
    claims_.add(heap.spans, MemoryPart::kSpans);
    claims_.add(heap.arenas, MemoryPart::kFreePages);
    claims_.add(owners_.runtime, MemoryPart::kRuntime);
    claims_.add(find_thread_stacks(), MemoryPart::kThreadStacks);
    std::vector<AddressRange> variables;
    for (const Moduledata& module : owners_.modules.all)
      for (AddressRange range : {module.data, module.bss, module.noptrdata, module.noptrbss})
        variables.push_back(range);
    claims_.add(std::move(variables), MemoryPart::kVariables);
  }

  std::vector<AddressRange> find_stacks_in_use() const {
    std::vector<AddressRange> stacks;
    auto add = [&](AddressRange stack) {
      if (is_in(owners_.heap.stack_spans, stack.start) &&
          is_in(owners_.heap.stack_spans, stack.end - 1))
        stacks.push_back(stack);
    };
    for (const G& g : owners_.scheduler.gs) add(g.stack);
    for (const M& m : owners_.scheduler.ms) add(m.g0_stack), add(m.gsignal_stack);
    return stacks;
  }

  std::vector<AddressRange> find_thread_stacks() const {
    std::vector<AddressRange> stacks;
    for (const M& m : owners_.scheduler.ms)
      if (m.g0_stack.start < m.g0_stack.end) add_thread_stack(m.g0_stack.end - 8, {}, stacks);
    for (const target::Thread& thread : owners_.threads)
      add_thread_stack(thread.sp, thread.tls, stacks);
    return stacks;
  }

  void add_thread_stack(Address inside, Address tls, std::vector<AddressRange>& stacks) const {
    if (is_in(owners_.heap.arenas, inside)) return;
    const Mapping* mapping = find_mapping(inside);
    if (mapping == nullptr || !mapping->path.empty() || !mapping->writable) return;
    constexpr std::uint64_t kDescriptorBytes = 4096;  // of C's thread, around its storage
    Address top = std::max(inside, mapping->range.contains(tls) ? tls : inside);
    top = Address((top.value() | (kDescriptorBytes - 1)) + 1 + kDescriptorBytes);
    stacks.push_back({mapping->range.start, std::min(top, mapping->range.end)});
  }

  const Mapping* find_mapping(Address address) const {
    auto found = std::ranges::upper_bound(
        use_.mappings, address, {}, [](const MappingUse& use) { return use.mapping.range.end; });
    if (found == use_.mappings.end() || !found->mapping.range.contains(address)) return nullptr;
    return &found->mapping;
  }

  bool is_image(const Mapping& mapping) const {
    return is_of_file(mapping) && mapping.path == owners_.modules.image.path;
  }

  // What nobody claims in it is.
  MemoryPart part_of(const Mapping& mapping, const MappingUse* before) const {
    if (is_image(mapping)) {
      if (mapping.executable) return MemoryPart::kCode;
      return mapping.writable ? MemoryPart::kVariables : MemoryPart::kConstants;
    }
    if (is_of_file(mapping))
      return executed_.contains(mapping.path) ? MemoryPart::kLibraries : MemoryPart::kFiles;
    if (mapping.path == "[heap]") return MemoryPart::kCMemory;
    if (mapping.path == "[stack]") return MemoryPart::kThreadStacks;
    if (mapping.path.starts_with("[v")) return MemoryPart::kLibraries;  // [vdso], [vvar]
    if (mapping.path.starts_with("[anon: Go: ")) return MemoryPart::kRuntime;
    // What of its variables is all zeros the file does not hold.
    bool follows_image = before != nullptr && is_image(before->mapping) &&
                         before->mapping.writable && mapping.path.empty() &&
                         before->mapping.range.end == mapping.range.start;
    return follows_image ? MemoryPart::kVariables : MemoryPart::kOtherAnonymous;
  }

  bool is_claimed(AddressRange range) const {
    const MemoryClaim* claim = claims_.first_in(range);
    return claim != claims_.end() && claim->range.start < range.end;
  }

  void share_out(const MappingUse& one, MemoryPart otherwise, snapshot::MemoryUse& into) const {
    auto bytes_of = [&](MemoryPart part) -> std::uint64_t& {
      return into.bytes[static_cast<std::size_t>(part)];
    };
    bool whole = is_of_file(one.mapping) || !is_claimed(one.mapping.range);
    if (whole) {
      bytes_of(otherwise) += one.resident_bytes;
      return;
    }
    std::uint64_t placed = 0;
    for (const AddressRange& range : one.resident)
      claims_.share_out(range, otherwise, [&](MemoryPart part, std::uint64_t bytes) {
        bytes_of(part) += bytes;
        placed += bytes;
      });
    if (placed < one.resident_bytes) bytes_of(MemoryPart::kUntold) += one.resident_bytes - placed;
  }

  std::vector<AddressRange> find_absent() const {
    std::vector<AddressRange> absent;
    auto add = [&](Address start, Address end) {
      if (start >= end) return;
      if (!absent.empty() && absent.back().end == start)
        absent.back().end = end;
      else
        absent.push_back({start, end});
    };
    std::vector<AddressRange> resident;
    for (const MappingUse& one : use_.mappings)
      resident.insert(resident.end(), one.resident.begin(), one.resident.end());
    auto there = resident.begin();
    for (const AddressRange& span : owners_.heap.spans) {
      Address at = span.start;
      while (there != resident.end() && there->end <= at) ++there;
      for (auto part = there; at < span.end; ++part) {
        bool none = part == resident.end() || part->start >= span.end;
        add(at, none ? span.end : part->start);
        if (none) break;
        at = std::max(at, part->end);
      }
    }
    return absent;
  }

  const target::MemoryUse& use_;
  const MemoryOwners& owners_;
  std::set<std::string> executed_;  // paths of files with code in use
  MemoryClaims claims_;
};

}  // namespace

snapshot::MemoryUse balance_memory(const target::MemoryUse& use, const MemoryOwners& owners,
                                   bool by_kernel) {
  snapshot::MemoryUse result = Balance(use, owners).draw_up();
  result.by_kernel = by_kernel;
  return result;
}

}  // namespace goshawk::goruntime
