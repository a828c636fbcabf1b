// A binary of 300 MB has 60 MB of tables; copying them out of the process would cost more than all
// else. They are read-only, so the file that was mapped has the same bytes: this maps the file too.
//
// The file is believed only for mappings of the path that holds the pclntab and only when sample
// ranges (the pclntab's header, names, last page) are equal in both. A mapping that is writable now
// is copied from the process instead. In a PIE before 1.26 the tables stand among relocated data
// (RELRO): mapped read-only by the time the program runs, but for the last page, which the dynamic
// linker leaves writable when it is shared with data. None of the tables holds an address (all are
// offsets since Go 1.18), so the file's bytes serve there as well; the only relocated word,
// pcHeader.textStart, is never read.
#include "goruntime/symbols/image_bytes.h"

#include <algorithm>

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMaxCopyBytes = 1ULL << 30;

constexpr std::uint64_t kPageBytes = 4096;

const target::Mapping* find_mapping(const std::vector<target::Mapping>& mappings, Address address) {
  for (const target::Mapping& mapping : mappings)
    if (mapping.range.contains(address)) return &mapping;
  return nullptr;
}

// `after` goes on in the file and in memory where `before` ends.
bool continues(const target::Mapping& before, const target::Mapping& after) {
  return after.range.start == before.range.end && after.path == before.path &&
         after.file_offset == before.file_offset + before.range.size_bytes();
}

}  // namespace

ImageBytes ImageBytes::of(Address start, ByteView bytes) {
  ImageBytes image;
  image.parts_.push_back({{start, start + bytes.size()}, bytes, {}});
  return image;
}

// The file's bytes for a range and the rest of the mapping that it begins in; empty when they are
// not the process' own.
ByteView ImageBytes::file_bytes(const std::vector<target::Mapping>& mappings,
                                AddressRange range) const {
  const target::Mapping* first = find_mapping(mappings, range.start);
  if (file_ == nullptr || first == nullptr || first->path != file_path_ || first->writable ||
      first->shared)
    return {};
  const target::Mapping* last = first;
  while (last->range.end < range.end) {
    const target::Mapping* next = find_mapping(mappings, last->range.end);
    if (next == nullptr || !continues(*last, *next)) return {};
    if (next->writable && range.end - next->range.start > kPageBytes) return {};
    last = next;
  }
  Address end = std::max(range.end, first->range.end);
  return slice(file_->bytes(), first->file_offset + (range.start - first->range.start),
               end - range.start);
}

void ImageBytes::open_file(const target::Target& target,
                           const std::vector<target::Mapping>& mappings,
                           std::span<const AddressRange> proof) {
  constexpr std::uint64_t kMaxSample = 4096;
  const auto* mapping = proof.empty() ? nullptr : find_mapping(mappings, proof.front().start);
  if (mapping == nullptr || mapping->path.empty()) return;
  auto fd = target.open_mapped_file(*mapping);
  if (!fd) return;
  auto elf = binary::ElfFile::open(*fd, mapping->path);
  if (!elf) return;
  file_ = std::make_shared<binary::ElfFile>(std::move(*elf));
  file_path_ = mapping->path;
  for (AddressRange sample : proof) {
    sample.end = std::min(sample.end, sample.start + kMaxSample);
    ByteView expected = slice(file_bytes(mappings, sample), 0, sample.size_bytes());
    auto actual = target.memory().read_bytes(sample.start, sample.size_bytes());
    if (expected.size() < sample.size_bytes() || !actual ||
        !std::ranges::equal(*actual, expected)) {
      file_ = nullptr;
      return;
    }
  }
}

Result<void> ImageBytes::add(const target::Target& target,
                             const std::vector<target::Mapping>& mappings, AddressRange wanted) {
  if (from(wanted.start).size() >= wanted.size_bytes()) return {};
  const target::Mapping* mapping = find_mapping(mappings, wanted.start);
  if (mapping == nullptr || !mapping->readable)
    return fail(Malformed{"the target's image", wanted.start.value(),
                          "the program's tables are not mapped"});
  Part part;
  part.range = {mapping->range.start, std::max(mapping->range.end, wanted.end)};
  part.bytes = file_bytes(mappings, part.range);
  if (part.bytes.size() < part.range.size_bytes()) {
    if (part.range.size_bytes() > kMaxCopyBytes)
      return fail(Malformed{"the target's image", part.range.start.value(),
                            "a mapping of over 1 GB where the program's tables should be"});
    part.copy = TRY(target.memory().read_bytes(part.range.start, part.range.size_bytes()));
    part.bytes = part.copy;
  }
  std::erase_if(parts_, [&](const Part& old) { return old.range.start == part.range.start; });
  auto place = std::ranges::lower_bound(parts_, part.range.start, {},
                                        [](const Part& old) { return old.range.start; });
  parts_.insert(place, std::move(part));
  return {};
}

Result<ImageBytes> ImageBytes::open(const target::Target& target,
                                    const std::vector<target::Mapping>& mappings,
                                    std::span<const AddressRange> wanted,
                                    std::span<const AddressRange> proof) {
  ImageBytes image;
  image.open_file(target, mappings, proof);
  for (const AddressRange& range : wanted) TRY_VOID(image.add(target, mappings, range));
  return image;
}

ByteView ImageBytes::from(Address address) const {
  auto after = std::ranges::upper_bound(parts_, address, {},
                                        [](const Part& part) { return part.range.start; });
  if (after == parts_.begin()) return {};
  const Part& part = *std::prev(after);
  return part.range.contains(address) ? part.bytes.subspan(address - part.range.start) : ByteView{};
}

ByteView ImageBytes::range(AddressRange range) const {
  ByteView bytes = from(range.start);
  return bytes.size() >= range.size_bytes() ? bytes.first(range.size_bytes()) : ByteView{};
}

}  // namespace goshawk::goruntime
