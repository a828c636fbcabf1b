// What became of a program's memory and goroutines between two pictures of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "findings/inventory.h"

namespace goshawk::findings {

// What two pictures are of. It says what tells the same thing in both: lines of code of the same
// build, addresses of variables of the same process.
enum class Relation : std::uint8_t {
  kSameProcess,
  kSameBuild,  // another process of it
  kOtherBuild,
  kUnknown,  // one of them has no build id
};
std::string_view to_text(Relation relation);

// Whatever a hostile picture claims, it overflows nothing.
constexpr std::int64_t growth_of(std::uint64_t before, std::uint64_t after) {
  return static_cast<std::int64_t>(after - before);
}

struct TypeChange {
  std::string type = {};         // "": unknown, and told by what follows
  std::uint64_t slot_bytes = 0;  // 0: larger than the largest slot
  bool has_pointers = false;
  std::string held_by = {};
  Amount before = {}, after = {};

  std::int64_t growth() const { return growth_of(before.bytes, after.bytes); }
};

struct HolderChange {
  std::uint32_t depth = 0;  // below the last one before that is less deep
  std::string name;         // a holder from outside, or a type; "": of unknown type
  bool is_object = false;
  std::uint64_t slot_bytes = 0;
  std::string path = {};  // of the later picture where that has one
  std::uint64_t count_before = 0, count_after = 0;
  Amount before = {}, after = {};  // retained

  std::int64_t growth() const { return growth_of(before.bytes, after.bytes); }
};

struct GoroutineChange {
  GoroutineKind what;  // without its count
  GoroutineKind::Count before = {}, after = {};

  std::int64_t growth() const { return growth_of(before.all, after.all); }
};

struct AllocationChange {
  std::vector<CodePlace> stack = {};
  Amount before = {}, after = {};  // in use
  Amount allocated_before = {}, allocated_after = {};

  std::int64_t growth() const { return growth_of(before.bytes, after.bytes); }
};

struct BalanceChange {
  std::string_view name, text;
  std::uint64_t before = 0, after = 0;

  std::int64_t growth() const { return growth_of(before, after); }
};

// What is told of one picture beside its target.
struct Sums {
  std::int64_t taken_unix_ns = 0;  // 0: not known
  std::optional<Amount> live = {};
  std::optional<std::uint64_t> rss_bytes = {};  // of a core: what it holds
  bool is_rss = false;
  std::uint64_t goroutines = 0;
};

struct Difference {
  Relation relation = Relation::kUnknown;
  Sums before, after;
  std::optional<std::int64_t> elapsed_ns;  // negative: the later one was named first
  std::vector<std::string> remarks;        // what is not compared, and why

  // Of each only what has changed, by its growth: what grew most first, what shrank most last.
  // Absent: not in both pictures.
  std::optional<std::vector<TypeChange>> types;
  std::optional<std::vector<HolderChange>> holders;  // depth first, by growth below each one
  std::vector<GoroutineChange> goroutines;
  std::optional<std::vector<AllocationChange>> allocations;
  std::vector<BalanceChange> balance;

  // What changes by less is taken for noise.
  std::uint64_t least_bytes = 0;
  std::uint64_t least_goroutines = 0;
};

// Of the least changes that matter: that part of the live heap, and so many bytes.
inline constexpr std::uint64_t kNoiseShare = 200;  // half a percent
inline constexpr std::uint64_t kNoiseBytes = 16 << 10;
inline constexpr std::uint64_t kNoiseGoroutines = 2;  // one may only do something else just now

Difference compare(const Inventory& before, const Inventory& after, Relation relation);

// Whether it stands in a report that is not asked for everything.
bool matters(const TypeChange& change, const Difference& difference);
bool matters(const HolderChange& change, const Difference& difference);
bool matters(const GoroutineChange& change, const Difference& difference);
bool matters(const AllocationChange& change, const Difference& difference);

}  // namespace goshawk::findings
