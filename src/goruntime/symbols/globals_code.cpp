// The functions of the runtime keep their names in the pclntab of stripped programs, and each
// variable is used by a few of them that have hardly changed from 1.19 to 1.27:
//
//   allgs, allglock             allgadd        (takes allglock first)
//   allm, sched, iscgo          mcommoninit    (takes sched.lock first)
//   allp, gcphase               gcMark, gcSweep, checkdead
//   mheap_                      mallocinit
//   semtable                    semrelease1    (only takes its address)
//   finq, finc, allfin          queuefinalizer (reads them in this order), runfinq or
//   runFinalizers, markroot gcCleanups (1.25)           markroot reads its list, freeSpecial takes
//   its address waitReasonStrings           waitReason.String inProgress (1.24) getGCMaskOnDemand
//   (takes it first)
//   mbuckets                    mProf_FlushLocked
//   MemProfileRate              nextSample, or where it is inlined: profilealloc, allocmcache
//
// A write barrier stands in most of them, so writeBarrier is among the references of all.
// Follows runtime/proc.go, mgc.go, malloc.go, sema.go, mfinal.go, mgcmark.go, type.go.
#include "goruntime/symbols/globals_code.h"

#include <algorithm>
#include <array>

namespace goshawk::goruntime {
namespace {

using binary::Reference;
using binary::ReferenceKind;

constexpr std::uint64_t kLongestFunction = 64 << 10;
constexpr FunctionId kWellBehindRuntime = 20'000;  // packages that the runtime calls stand between

// In their order of use below; looked up in one pass.
constexpr std::array<std::string_view, 18> kFunctions = {
    "runtime.allgadd",           "runtime.mcommoninit",
    "runtime.checkdead",         "runtime.gcMark",
    "runtime.gcSweep",           "runtime.mallocinit",
    "runtime.semrelease1",       "runtime.queuefinalizer",
    "runtime.runfinq",           "runtime.runFinalizers",
    "runtime.markroot",          "runtime.freeSpecial",
    "runtime.waitReason.String", "runtime.getGCMaskOnDemand",
    "runtime.mProf_FlushLocked", "runtime.profilealloc",
    "runtime.allocmcache",       "runtime.nextSample"};

// 1.25 split the finalizers' runner from the cleanups'.
constexpr std::string_view kFinalizerRunners[] = {"runtime.runfinq", "runtime.runFinalizers"};

bool is_in_data(const Moduledata& module, Address address) {
  for (const AddressRange& range : {module.noptrdata, module.data, module.bss, module.noptrbss})
    if (range.contains(address)) return true;
  return false;
}

// Targets of the references that `wanted` accepts, each once, in order.
template <typename Wanted>
std::vector<Address> select(const std::vector<Reference>& references, Wanted wanted) {
  std::vector<Address> targets;
  for (const Reference& reference : references)
    if (wanted(reference) && std::ranges::find(targets, reference.target) == targets.end())
      targets.push_back(reference.target);
  return targets;
}

std::vector<Address> select_reads(const std::vector<Reference>& references, unsigned bytes) {
  return select(references, [=](const Reference& r) {
    return r.kind == ReferenceKind::kRead && r.access_bytes == bytes;
  });
}

std::vector<Address> select_taken(const std::vector<Reference>& references) {
  return select(references, [](const Reference& r) { return r.kind == ReferenceKind::kAddress; });
}

bool contains(const std::vector<Address>& addresses, Address address) {
  return std::ranges::find(addresses, address) != addresses.end();
}

std::optional<Address> the_only(const std::vector<Address>& addresses) {
  return addresses.size() == 1 ? std::optional(addresses.front()) : std::nullopt;
}

}  // namespace

std::vector<std::optional<FunctionId>> find_runtime_functions(
    const Functions& functions, std::span<const std::string_view> names) {
  std::vector<std::optional<FunctionId>> found(names.size());
  std::size_t left = names.size();
  std::optional<FunctionId> last_of_runtime;
  for (FunctionId id = 0; id < functions.count() && left > 0; ++id) {
    if (last_of_runtime && id - *last_of_runtime > kWellBehindRuntime) break;
    std::string_view name = functions.name(id);
    if (!name.starts_with("runtime.")) continue;
    last_of_runtime = id;
    auto place = std::ranges::find(names, name);
    // An ABI wrapper has the name of what it wraps: the function itself is meant.
    if (place == names.end() || functions.kind(id) == FunctionKind::kWrapper) continue;
    auto& slot = found[place - names.begin()];
    if (!slot) --left;
    slot = id;
  }
  return found;
}

std::vector<Reference> read_data_references(const target::Memory& memory, const Modules& modules,
                                            const Functions& functions, FunctionId function) {
  Address start = functions.entry(function);
  Address end =
      function + 1 < functions.count() ? functions.entry(function + 1) : start + kLongestFunction;
  if (end <= start || modules.all.empty()) return {};
  auto code = memory.read_bytes(start, std::min(end - start, kLongestFunction));
  if (!code) return {};
  auto machine = modules.build.arch == "arm64" ? binary::Machine::kArm64 : binary::Machine::kX86_64;
  auto references = binary::find_references(machine, *code, start);
  if (!references) return {};
  std::erase_if(*references,
                [&](const Reference& r) { return !is_in_data(modules.all.front(), r.target); });
  return std::move(*references);
}

GlobalsCode::GlobalsCode(const target::Memory& memory, const Modules& modules,
                         const Functions& functions)
    : memory_(memory), modules_(modules), functions_(functions) {
  auto ids = find_runtime_functions(functions, kFunctions);
  for (std::size_t i = 0; i < kFunctions.size(); ++i)
    if (ids[i]) ids_.emplace(kFunctions[i], *ids[i]);
}

const GlobalsCode::References& GlobalsCode::references_of(std::string_view function) {
  auto [found, is_new] = references_.try_emplace(function);
  auto id = ids_.find(function);
  if (is_new && id != ids_.end())
    found->second = read_data_references(memory_, modules_, functions_, id->second);
  return found->second;
}

std::vector<Address> GlobalsCode::targets_of(std::string_view function) {
  return select(references_of(function), [](const Reference&) { return true; });
}

std::vector<Address> GlobalsCode::find_allgs() { return targets_of("runtime.allgadd"); }
std::vector<Address> GlobalsCode::find_allm() {
  return select_reads(references_of("runtime.mcommoninit"), 8);
}
std::vector<Address> GlobalsCode::find_mheap() {
  return select_taken(references_of("runtime.mallocinit"));
}
// What is only taken, never read: arm64 code also looks up a flag of the processor there.
std::vector<Address> GlobalsCode::find_semtable() {
  const References& references = references_of("runtime.semrelease1");
  std::vector<Address> taken = select_taken(references);
  std::erase_if(taken, [&](Address address) {
    return std::ranges::any_of(references, [&](const Reference& r) {
      return r.target == address && r.kind != ReferenceKind::kAddress;
    });
  });
  return taken;
}

std::vector<Address> GlobalsCode::find_allp() {
  std::vector<Address> found = targets_of("runtime.gcMark");
  for (Address address : targets_of("runtime.checkdead")) found.push_back(address);
  return found;
}

std::vector<Address> GlobalsCode::find_sched(std::uint32_t lock_offset) {
  std::vector<Address> found;
  for (Address lock : select_taken(references_of("runtime.mcommoninit")))
    found.push_back(lock - lock_offset);
  return found;
}

std::vector<Address> GlobalsCode::find_wait_reason_strings() {
  return select_taken(references_of("runtime.waitReason.String"));
}

std::vector<Address> GlobalsCode::find_cleanup_queue(std::uint32_t all_offset) {
  std::vector<Address> queues = select_taken(references_of("runtime.freeSpecial")), found;
  for (Address all : select_reads(references_of("runtime.markroot"), 8))
    if (contains(queues, all - all_offset)) found.push_back(all - all_offset);
  return found;
}

// allgadd locks it before anything else and unlocks it at last.
std::optional<Address> GlobalsCode::find_allglock() {
  const References& references = references_of("runtime.allgadd");
  if (references.empty() || references.front().kind != ReferenceKind::kAddress) return std::nullopt;
  Address first = references.front().target;
  auto uses = std::ranges::count(references, first, &Reference::target);
  auto taken = std::ranges::count_if(references, [&](const Reference& r) {
    return r.target == first && r.kind == ReferenceKind::kAddress;
  });
  return uses == 2 && taken == 2 ? std::optional(first) : std::nullopt;
}

// Both check it at their beginning; writeBarrier, the other word that both read, is also in
// allgadd.
std::optional<Address> GlobalsCode::find_gcphase() {
  std::vector<Address> mark = select_reads(references_of("runtime.gcMark"), 4);
  std::vector<Address> sweep = select_reads(references_of("runtime.gcSweep"), 4);
  std::vector<Address> barrier = targets_of("runtime.allgadd");
  if (barrier.empty()) return std::nullopt;
  std::erase_if(mark, [&](Address a) { return !contains(sweep, a) || contains(barrier, a); });
  return the_only(mark);
}

// The only byte that both read; writeBarrier may be read as a byte as well.
std::optional<Address> GlobalsCode::find_iscgo() {
  std::vector<Address> bytes = select_reads(references_of("runtime.mcommoninit"), 1);
  std::vector<Address> dead = select_reads(references_of("runtime.checkdead"), 1);
  std::vector<Address> barrier = targets_of("runtime.allgadd");
  std::erase_if(bytes, [&](Address a) { return !contains(dead, a) || contains(barrier, a); });
  return the_only(bytes);
}

std::vector<Address> GlobalsCode::find_memory_buckets() {
  return targets_of("runtime.mProf_FlushLocked");
}

std::optional<Address> GlobalsCode::find_memory_buckets_read() {
  return the_only(select_reads(references_of("runtime.mProf_FlushLocked"), 8));
}

// The only word that both read: each asks when to take the next sample. Where nothing is inlined,
// they have that from a function of its own.
std::optional<Address> GlobalsCode::find_memory_profile_rate() {
  if (has("runtime.nextSample"))
    return the_only(select_reads(references_of("runtime.nextSample"), 8));
  std::vector<Address> words = select_reads(references_of("runtime.profilealloc"), 8);
  std::vector<Address> others = select_reads(references_of("runtime.allocmcache"), 8);
  std::erase_if(words, [&](Address a) { return !contains(others, a); });
  return the_only(words);
}

std::optional<Address> GlobalsCode::find_in_progress() {
  const References& references = references_of("runtime.getGCMaskOnDemand");
  if (references.empty() || references.front().kind != ReferenceKind::kAddress) return std::nullopt;
  // It stands for "being built" in a compare and swap and in the switch after it.
  Address first = references.front().target;
  return std::ranges::count(references, first, &Reference::target) >= 2 ? std::optional(first)
                                                                        : std::nullopt;
}

std::optional<GlobalsCode::FinalizerQueue> GlobalsCode::find_finalizer_queue() {
  const References& queue = references_of("runtime.queuefinalizer");
  std::vector<Address> reads =
      select_reads(queue, 8);  // finq, finc, allfin, and what a release adds
  std::vector<Address> roots = select_reads(references_of("runtime.markroot"), 8);
  if (reads.size() < 3 || !contains(roots, reads[2])) return std::nullopt;
  for (std::string_view runner : kFinalizerRunners) {
    if (!ids_.contains(runner)) continue;
    // It takes finq and gives its blocks back to finc.
    std::vector<Address> used = select_reads(references_of(runner), 8);
    auto finq = std::ranges::find(used, reads[0]), finc = std::ranges::find(used, reads[1]);
    if (finq == used.end() || finc == used.end() || finc < finq || contains(used, reads[2]))
      return std::nullopt;
  }
  return FinalizerQueue{reads[0], reads[2]};
}

}  // namespace goshawk::goruntime
