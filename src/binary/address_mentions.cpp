// amd64: an operand relative to the instruction pointer is four bytes, and counts from the end of
// the instruction, which is at most four bytes of an immediate value further on. Nothing tells
// where instructions begin, so each byte may be the first of such four. Of random ones few lead
// into a range that is small beside the 4 GB that they may lead to.
//
// arm64: adrp, and near it an add, a load or a store that uses its register.
#include "binary/address_mentions.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace goshawk::binary {
namespace {

constexpr std::size_t kMostMentions = 16 << 20;
constexpr std::size_t kFarthestUse = 8;  // of a page by an instruction behind it
constexpr std::uint64_t kPageMask = ~std::uint64_t{0xfff};

class Mentions {
 public:
  Mentions(Address start, std::uint32_t code_offset, AddressRange targets)
      : start_(start), code_offset_(code_offset), targets_(targets) {}

  void add(std::uint64_t target, std::size_t at) {
    std::uint64_t offset = target - targets_.start.value();
    if (offset < targets_.size_bytes() && found_.size() < kMostMentions)
      found_.push_back(
          {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(code_offset_ + at)});
  }

  void read_x86_64(ByteView code) {
    for (std::size_t at = 0; at + 4 <= code.size(); ++at) {
      std::int64_t distance = load_unchecked<std::int32_t>(code.data() + at);
      add(start_.value() + at + 4 + static_cast<std::uint64_t>(distance), at);
    }
  }

  void read_arm64(ByteView code) {
    for (std::size_t at = 0; at + 4 <= code.size(); at += 4) {
      auto adrp = load_unchecked<std::uint32_t>(code.data() + at);
      if ((adrp & 0x9f000000) != 0x90000000) continue;
      std::size_t end = std::min(code.size(), at + 4 + 4 * kFarthestUse);
      std::uint64_t page = page_of(adrp, start_.value() + at);
      for (std::size_t use = at + 4; use + 4 <= end; use += 4)
        if (auto offset = offset_from(load_unchecked<std::uint32_t>(code.data() + use), adrp & 31))
          add(page + *offset, use);
    }
  }

  std::vector<AddressMention> take() { return std::move(found_); }

 private:
  static std::uint64_t page_of(std::uint32_t adrp, std::uint64_t at) {
    std::uint64_t pages = (adrp >> 5 & 0x7ffff) << 2 | (adrp >> 29 & 3);
    constexpr std::uint64_t kSign = 1 << 20;
    return (at & kPageMask) + (((pages ^ kSign) - kSign) << 12);
  }

  // Of "add" and of loads and stores with an unsigned offset.
  static std::optional<std::uint64_t> offset_from(std::uint32_t instruction, std::uint32_t page) {
    if ((instruction >> 5 & 31) != page) return std::nullopt;
    std::uint64_t offset = instruction >> 10 & 0xfff;
    if ((instruction & 0xffc00000) == 0x91000000) return offset;
    if ((instruction & 0x3b000000) == 0x39000000) return offset << (instruction >> 30);
    return std::nullopt;
  }

  Address start_;
  std::uint32_t code_offset_;
  AddressRange targets_;
  std::vector<AddressMention> found_;
};

}  // namespace

std::vector<AddressMention> find_mentions(Machine machine, ByteView code, Address start,
                                          std::uint32_t code_offset, AddressRange targets) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (targets.size_bytes() > kMost || code.size() > kMost - code_offset) return {};
  Mentions mentions(start, code_offset, targets);
  if (machine == Machine::kX86_64) mentions.read_x86_64(code);
  if (machine == Machine::kArm64) mentions.read_arm64(code);
  return mentions.take();
}

}  // namespace goshawk::binary
