// The sections are copied once; a cheap test on the copy picks the few addresses on which the real
// one (globals_shape.cpp) is spent. Sections over a bound are read up to it: the runtime's own
// variables stand in every program, large arrays are its user's, and code references come first.
#include "goruntime/symbols/globals_scan.h"

#include <algorithm>

#include "base/byte_view.h"
#include "goruntime/facts/wait_reason.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMostSectionBytes = 256 << 20;
constexpr std::uint64_t kSpanClasses = 136;
constexpr std::uint64_t kSecondReasonBytes = 17;  // "GC assist marking"

std::uint64_t word(const std::vector<std::byte>& bytes, std::uint64_t at) {
  return load_unchecked<std::uint64_t>(bytes.data() + at);
}

// Every aligned place of a section where `size_bytes` fit and `accepts` says yes, until `found`
// does.
template <typename Accepts>
std::optional<std::uint64_t> find_place(const std::vector<std::byte>& bytes,
                                        std::uint64_t size_bytes, Accepts accepts) {
  for (std::uint64_t at = 0; fits(bytes, at, size_bytes); at += 8)
    if (accepts(at)) return at;
  return std::nullopt;
}

}  // namespace

std::vector<GlobalsScan::Section> GlobalsScan::read(
    std::initializer_list<AddressRange> ranges) const {
  std::vector<Section> sections;
  for (const AddressRange& range : ranges) {
    auto bytes = memory_.read_bytes(range.start, std::min(range.size_bytes(), kMostSectionBytes));
    if (bytes) sections.push_back({range.start, std::move(*bytes)});
  }
  return sections;
}

const std::vector<GlobalsScan::Section>& GlobalsScan::zeroed() {
  if (!zeroed_) zeroed_ = read({module_.bss, module_.noptrbss});
  return *zeroed_;
}

const std::vector<GlobalsScan::Section>& GlobalsScan::initialized() {
  if (!initialized_) initialized_ = read({module_.data, module_.noptrdata});
  return *initialized_;
}

// The program's own text and data, where neither gs nor sudogs are.
bool GlobalsScan::is_in_image(std::uint64_t pointer) const {
  Address address(pointer);
  for (const AddressRange& range : {module_.text, module_.types, module_.data, module_.bss,
                                    module_.noptrdata, module_.noptrbss})
    if (range.contains(address)) return true;
  return false;
}

std::optional<Address> GlobalsScan::find_allgs() {
  for (const Section& section : zeroed()) {
    auto place = find_place(section.bytes, 24, [&](std::uint64_t at) {
      std::uint64_t data = word(section.bytes, at), length = word(section.bytes, at + 8),
                    capacity = word(section.bytes, at + 16);
      return data != 0 && data % 8 == 0 && length >= 1 && length <= capacity &&
             !is_in_image(data) && shapes_.is_allgs(section.start + at);
    });
    if (place) return section.start + *place;
  }
  return std::nullopt;
}

std::optional<Address> GlobalsScan::find_mheap() {
  std::uint64_t stride = shapes_.central_stride();
  for (const Section& section : zeroed()) {
    // mcentral.spanclass, a byte at the start of each entry.
    auto place = find_place(section.bytes, stride * kSpanClasses, [&](std::uint64_t at) {
      for (std::uint64_t i = 0; i < kSpanClasses; ++i)
        if (std::to_integer<std::uint64_t>(section.bytes[at + i * stride]) != i) return false;
      return shapes_.is_mheap(section.start + at - shapes_.central_offset());
    });
    if (place) return section.start + *place - shapes_.central_offset();
  }
  return std::nullopt;
}

// From a root that has waiters follows where the table would begin. Most waiters win.
std::optional<Address> GlobalsScan::find_semtable(Address mheap) {
  AddressRange heap{mheap, mheap + shapes_.mheap_bytes()};
  std::optional<Address> best;
  std::uint32_t most = 0;
  for (const Section& section : zeroed()) {
    std::uint64_t stride = shapes_.semtable_stride();
    for (std::uint64_t at = 0; fits(section.bytes, at, stride); at += 8) {
      std::uint64_t lock = word(section.bytes, at), treap = word(section.bytes, at + 8),
                    nwait = word(section.bytes, at + 16);
      if (lock != 0 || treap == 0 || treap % 8 != 0 || nwait == 0 || nwait >> 32 != 0 ||
          is_in_image(treap))
        continue;
      auto index = shapes_.semaphore_index(Address(treap));
      if (!index || heap.contains(section.start + at)) continue;
      Address table = section.start + at - *index * stride;
      if (best == table) continue;
      std::uint32_t count = shapes_.count_semaphores(table).value_or(0);
      if (count > most) best = table, most = count;
    }
  }
  return best;
}

std::optional<Address> GlobalsScan::find_wait_reason_strings() {
  for (const Section& section : initialized()) {
    auto place = find_place(section.bytes, 32, [&](std::uint64_t at) {
      return word(section.bytes, at + 8) == 0 &&
             word(section.bytes, at + 24) == kSecondReasonBytes &&
             !facts::read_wait_reason_texts(memory_, section.start + at).empty();
    });
    if (place) return section.start + *place;
  }
  return std::nullopt;
}

}  // namespace goshawk::goruntime
