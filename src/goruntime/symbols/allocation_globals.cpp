// By symbol first, then by the code that uses them. mbuckets has a shape as well: it leads to a
// bucket of the memory profiler, whose hash nothing else has by accident, and no other variable
// does so: a walk over the zeroed data finds it where no function has its name (garble). A null
// one looks like all other zeros, and is believed only by name or code. MemProfileRate is a number
// like others: by name or code alone.
// Follows runtime/mprof.go, malloc.go (nextSample).
#include "goruntime/symbols/allocation_globals.h"

#include <algorithm>
#include <array>

#include "base/byte_view.h"
#include "goruntime/heap/memory_buckets.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/globals_code.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMostSectionBytes = 64 << 20;
constexpr std::int64_t kMostRate = std::int64_t{1} << 50;
constexpr std::array<std::string_view, 3> kSymbols = {"runtime.firstmoduledata", "runtime.mbuckets",
                                                      "runtime.MemProfileRate"};

class Search {
 public:
  Search(const target::Memory& memory, const binary::ElfFile* elf, const Modules& modules,
         const Functions& functions, const facts::MemoryBucketFact& fact)
      : memory_(memory), cache_(memory), modules_(modules), functions_(functions), fact_(fact) {
    if (elf != nullptr) read_symbols(*elf);
  }

  std::optional<GlobalVariable> find_buckets() {
    if (buckets_symbol_ && is_buckets(*buckets_symbol_))
      return GlobalVariable{*buckets_symbol_, BoundBy::kSymbol};
    if (auto read = code().find_memory_buckets_read(); read && is_buckets(*read))
      return GlobalVariable{*read, BoundBy::kCode};
    for (Address candidate : code().find_memory_buckets())
      if (leads_to_bucket(candidate)) return GlobalVariable{candidate, BoundBy::kCode};
    if (auto place = scan()) return GlobalVariable{*place, BoundBy::kShape};
    return std::nullopt;
  }

  std::optional<GlobalVariable> find_rate() {
    if (rate_symbol_ && is_rate(*rate_symbol_))
      return GlobalVariable{*rate_symbol_, BoundBy::kSymbol};
    auto candidate = code().find_memory_profile_rate();
    if (candidate && is_rate(*candidate)) return GlobalVariable{*candidate, BoundBy::kCode};
    return std::nullopt;
  }

 private:
  // Of the program that runs: its own module says where it was loaded.
  void read_symbols(const binary::ElfFile& elf) {
    auto found = elf.find_symbols(kSymbols);
    if (!found[0]) return;
    std::uint64_t bias = modules_.all.front().address - found[0]->address;
    if (bias % 4096 != 0 || (bias != 0 && !elf.is_position_independent())) return;
    if (found[1]) buckets_symbol_ = found[1]->address + bias;
    if (found[2]) rate_symbol_ = found[2]->address + bias;
  }

  GlobalsCode& code() {
    if (!code_) code_.emplace(memory_, modules_, functions_);
    return *code_;
  }

  bool leads_to_bucket(Address address) {
    return read_memory_bucket(cache_, fact_, cache_.pointer(address)).has_value();
  }
  bool is_buckets(Address address) {
    return cache_.value<std::uint64_t>(address) == 0U || leads_to_bucket(address);
  }

  bool is_rate(Address address) {
    auto rate = cache_.value<std::int64_t>(address);
    return rate && *rate >= 0 && *rate <= kMostRate;
  }

  std::optional<Address> scan() {
    const Moduledata& module = modules_.all.front();
    for (const AddressRange& range : {module.bss, module.noptrbss}) {
      auto bytes = memory_.read_bytes(range.start, std::min(range.size_bytes(), kMostSectionBytes));
      for (std::uint64_t at = 0; bytes && fits(*bytes, at, 8); at += 8) {
        Address pointer(load_unchecked<std::uint64_t>(bytes->data() + at));
        if (!pointer.is_null() && !range.contains(pointer) &&
            read_memory_bucket(cache_, fact_, pointer))
          return range.start + at;
      }
    }
    return std::nullopt;
  }

  const target::Memory& memory_;
  PageCache cache_;
  const Modules& modules_;
  const Functions& functions_;
  const facts::MemoryBucketFact& fact_;
  std::optional<Address> buckets_symbol_, rate_symbol_;
  std::optional<GlobalsCode> code_;
};

std::string_view describe(BoundBy by) {
  switch (by) {
    case BoundBy::kSymbol:
      return "symbol";
    case BoundBy::kCode:
      return "the code that uses it";
    case BoundBy::kShape:
      return "its shape in memory";
  }
  return "";
}

void record(std::string name, const std::optional<GlobalVariable>& found, std::string looks,
            std::vector<snapshot::Binding>& bindings) {
  if (found)
    bindings.push_back(
        snapshot::tried(std::move(name), std::string(describe(found->by)), std::move(looks), 0, 0));
  else
    bindings.push_back(snapshot::missing(std::move(name), std::move(looks)));
}

}  // namespace

AllocationGlobals find_allocation_globals(const target::Memory& memory,
                                          const binary::ElfFile* symbols, const Modules& modules,
                                          const Functions& functions,
                                          const facts::MemoryBucketFact& fact,
                                          std::vector<snapshot::Binding>& bindings) {
  if (modules.all.empty()) return {};
  Search search(memory, symbols, modules, functions, fact);
  AllocationGlobals globals{search.find_buckets(), search.find_rate()};
  record("runtime.mbuckets", globals.mbuckets, "nothing, or an allocation record", bindings);
  record("runtime.MemProfileRate", globals.mem_profile_rate, "a number of bytes", bindings);
  return globals;
}

}  // namespace goshawk::goruntime
