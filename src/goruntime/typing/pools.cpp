// Package sync lists the pools in two slices, allPools and oldPools, which the code of poolCleanup
// uses and little else; it keeps its name in a stripped program. What it refers to is one of them
// if it is a slice whose elements lead to pools. A pool has an array with a part for each p: one
// value alone, and a chain of rings, each twice as large as the one before (sync/poolqueue.go).
#include "goruntime/typing/pools.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <unordered_map>

#include "base/cycle_guard.h"
#include "goruntime/facts/sync_pool.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/globals_code.h"

namespace goshawk::goruntime {
namespace {

using facts::PoolChainEltWords;
using facts::PoolLocalWords;
using facts::PoolWords;
using snapshot::ObjectId;

constexpr std::uint64_t kMostPools = 1 << 20;
constexpr std::uint64_t kMostParts = 1 << 16;  // of a pool: ps
constexpr std::uint64_t kMostSlots = 8 << 20;  // of all rings together
constexpr std::uint64_t kSlotBytes = 16, kChunkSlots = 4096;

class PoolReader {
 public:
  PoolReader(const target::Memory& memory, const snapshot::Objects& objects, TypeReader& types)
      : memory_(memory), cache_(memory), objects_(objects), types_(types) {}

  void read_list(Address slice) {
    auto list = cache_.value<std::uint64_t>(slice);
    auto length = cache_.value<std::uint64_t>(slice + 8);
    auto capacity = cache_.value<std::uint64_t>(slice + 16);
    if (!list || !length || !capacity || *length > *capacity || *capacity > kMostPools) return;
    if (!is_room(Address(*list), *capacity * 8)) return;
    for (std::uint64_t i = 0; i < *length; ++i) add(cache_.pointer(Address(*list) + i * 8));
  }

  UsedPools release() {
    std::ranges::sort(used_.pools, {}, [](const UsedPool& one) { return one.fill.pool; });
    auto twice =
        std::ranges::unique(used_.pools, {}, [](const UsedPool& one) { return one.fill.pool; });
    used_.pools.erase(twice.begin(), twice.end());
    for (UsedPool& one : used_.pools) look_into(one);
    return std::move(used_);
  }

 private:
  // Whether so many bytes of one object begin there.
  bool is_room(Address from, std::uint64_t bytes) const {
    auto object = objects_.find(from);
    if (!object || !objects_.is_allocated(*object)) return false;
    std::uint64_t before = from - objects_.address(*object);
    std::uint64_t size = objects_.size_bytes(*object);
    return before <= size && bytes <= size - before;
  }

  void add(Address pool) {
    if (pool.is_null()) return;
    UsedPool one;
    one.fill.pool = pool;
    auto part = [&](std::uint32_t at, std::uint32_t size_at, ObjectId& object) {
      auto array = cache_.value<std::uint64_t>(pool + at);
      auto parts = cache_.value<std::uint64_t>(pool + size_at);
      if (!array || !parts || *parts > kMostParts) return false;
      if (*array == 0) return *parts == 0;
      if (!is_room(Address(*array), std::max<std::uint64_t>(*parts, 1) * PoolLocalWords::kBytes))
        return false;
      object = *objects_.find(Address(*array));
      return true;
    };
    if (!part(PoolWords::kLocal, PoolWords::kLocalSize, one.fill.local) ||
        !part(PoolWords::kVictim, PoolWords::kVictimSize, one.fill.victim))
      return;
    if (Address made_by = cache_.pointer(pool + PoolWords::kNew); !made_by.is_null())
      one.made_by = cache_.pointer(made_by);
    used_.pools.push_back(one);
  }

  void look_into(UsedPool& one) {
    of_types_.clear();
    one.fill.values = look_into_parts(one.fill.pool, PoolWords::kLocal, PoolWords::kLocalSize);
    one.fill.victim_values =
        look_into_parts(one.fill.pool, PoolWords::kVictim, PoolWords::kVictimSize);
    std::uint64_t most = 0;
    for (const auto& [type, count] : of_types_) {
      if (count < most || (count == most && type > one.type)) continue;
      most = count;
      one.type = type;
    }
  }

  // How many values are in them.
  std::uint64_t look_into_parts(Address pool, std::uint32_t at, std::uint32_t size_at) {
    Address array = cache_.pointer(pool + at);
    std::uint64_t parts = cache_.value<std::uint64_t>(pool + size_at).value_or(0), values = 0;
    for (std::uint64_t i = 0; !array.is_null() && i < parts; ++i) {
      Address part = array + i * PoolLocalWords::kBytes;
      Address alone = part + PoolLocalWords::kPrivate;
      values += keep(cache_.pointer(alone), cache_.pointer(alone + 8));
      values += look_into_chain(cache_.pointer(part + PoolLocalWords::kSharedHead));
    }
    return values;
  }

  std::uint64_t look_into_chain(Address ring) {
    std::uint64_t values = 0;
    CycleGuard guard;
    while (is_room(ring, PoolChainEltWords::kBytes) && !guard.returns(ring)) {
      Address slots = cache_.pointer(ring + PoolChainEltWords::kVals);
      auto length = cache_.value<std::uint64_t>(ring + PoolChainEltWords::kValsLength);
      if (!length || *length > left_ || !std::has_single_bit(*length) ||
          !is_room(slots, *length * kSlotBytes))
        break;
      left_ -= *length;
      values += look_into_ring(slots, *length);
      ring = cache_.pointer(ring + PoolChainEltWords::kPrev);
    }
    return values;
  }

  std::uint64_t look_into_ring(Address slots, std::uint64_t length) {
    std::uint64_t values = 0;
    for (std::uint64_t first = 0; first < length; first += kChunkSlots) {
      std::uint64_t count = std::min(length - first, kChunkSlots);
      auto bytes = memory_.read_bytes(slots + first * kSlotBytes, count * kSlotBytes);
      for (std::uint64_t i = 0; bytes && i < count; ++i)
        values += keep(Address(load_unchecked<std::uint64_t>(bytes->data() + i * kSlotBytes)),
                       Address(load_unchecked<std::uint64_t>(bytes->data() + i * kSlotBytes + 8)));
    }
    return values;
  }

  // 1 where there is a value.
  std::uint64_t keep(Address type, Address value) {
    if (type.is_null() || types_.kind(type) == TypeKind::kNone) return 0;
    ++of_types_[type];
    auto object = value.is_null() ? std::nullopt : objects_.find(value);
    if (object) used_.values.emplace_back(*object, type);
    return 1;
  }

  const target::Memory& memory_;
  PageCache cache_;
  const snapshot::Objects& objects_;
  TypeReader& types_;
  UsedPools used_;
  std::unordered_map<Address, std::uint64_t> of_types_;  // values of the pool at hand
  std::uint64_t left_ = kMostSlots;
};

}  // namespace

UsedPools read_listed_pools(const target::Memory& memory, const snapshot::Objects& objects,
                            TypeReader& types, std::span<const Address> slices) {
  PoolReader reader(memory, objects, types);
  for (Address slice : slices) reader.read_list(slice);
  return reader.release();
}

UsedPools read_pools(const target::Memory& memory, const Program& program,
                     const snapshot::Objects& objects, TypeReader& types) {
  std::vector<Address> variables;
  for (FunctionId cleanup : program.functions.find_all_by_name("sync.poolCleanup"))
    for (const binary::Reference& reference :
         read_data_references(memory, program.modules, program.functions, cleanup))
      if (reference.target.is_aligned(8)) variables.push_back(reference.target);
  std::ranges::sort(variables);
  variables.erase(std::ranges::unique(variables).begin(), variables.end());
  return read_listed_pools(memory, objects, types, variables);
}

}  // namespace goshawk::goruntime
