// Finds what is interned: a table of ids by hash, the things themselves lie with its user.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

namespace goshawk::dumps {

inline constexpr std::uint32_t kNone = 0xffffffff;

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Who writes a dump does not choose where its names fall: each run has a seed of its own.
inline std::uint64_t hash_seed() {
  static const std::uint64_t kSeed =
      (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}() | 1U;
  return kSeed;
}

inline std::uint64_t hash_text(std::string_view text, std::uint64_t hash = 0) {
  constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15ULL;
  const std::uint64_t seed = hash_seed();
  hash = mix(hash ^ seed ^ text.size(), kMultiplier);
  std::uint64_t word = 0;
  while (text.size() >= sizeof word) {
    std::memcpy(&word, text.data(), sizeof word);
    hash = mix(hash ^ word, kMultiplier ^ seed);
    text.remove_prefix(sizeof word);
  }
  word = 0;
  if (!text.empty()) std::memcpy(&word, text.data(), text.size());
  return mix(hash ^ word, kMultiplier ^ seed);
}

class IdIndex {
 public:
  // The id for which `is_it` says so, among those of this hash; else that of make(), which is new.
  template <typename IsIt, typename Make>
  std::uint32_t find_or_make(std::uint64_t hash, IsIt&& is_it, Make&& make) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    std::size_t at = hash & (slots_.size() - 1);
    for (; slots_[at].id != kNone; at = (at + 1) & (slots_.size() - 1))
      if (slots_[at].hash == hash && is_it(slots_[at].id)) return slots_[at].id;
    slots_[at] = {hash, make()};
    ++used_;
    return slots_[at].id;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t id = kNone;
  };

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.id == kNone) continue;
      std::size_t at = slot.hash & (slots_.size() - 1);
      while (slots_[at].id != kNone) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t used_ = 0;
};

}  // namespace goshawk::dumps
