// A bucket has one return address for each logical frame: those that a call was inlined into have
// made-up ones. A stack begins where its profile begins: at the first frame outside of the runtime,
// which is told by the return addresses themselves. It is kept by its physical frames, of which
// each brings those that were inlined into it.
// Follows runtime/pprof/protomem.go (writeHeapProto), proto.go (appendLocsForStack), mprof.go,
// cmd/link/internal/ld/lib.go (disableMemoryProfiling).
#include "goruntime/allocations.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "goruntime/facts/memory_bucket.h"
#include "goruntime/heap/memory_buckets.h"
#include "goruntime/stacks/frame_resolver.h"
#include "goruntime/symbols/allocation_globals.h"
#include "goruntime/target_facts.h"

namespace goshawk::goruntime {
namespace {

// What the linker looks for: without it, no record is kept (1.23 on; before that the second).
constexpr std::array<std::string_view, 2> kReaders = {"runtime.memProfileInternal",
                                                      "runtime.MemProfile"};

class StackMaker {
 public:
  StackMaker(const Program& program, snapshot::Snapshot& picture)
      : functions_(program.functions),
        resolver_(program.functions, program.modules.build.version, picture) {}

  snapshot::StackId make(const std::vector<std::uint64_t>& bucket_stack) {
    std::vector<Address> pcs;
    for (std::uint64_t pc : bucket_stack) pcs.emplace_back(pc);
    auto first = std::ranges::find_if(pcs, [&](Address pc) { return !is_of_runtime(pc); });
    if (first != pcs.end()) {
      pcs.erase(pcs.begin(), first);
      of_program_ = true;
    }
    return resolver_.resolve_pcs(keep_physical(pcs));
  }

  // Whether anything but the runtime's own start was among them.
  bool of_program() const { return of_program_; }

 private:
  // Of the return address itself, as runtime.FuncForPC is asked.
  bool is_of_runtime(Address pc) {
    auto [entry, is_new] = of_runtime_.try_emplace(pc, false);
    if (!is_new) return entry->second;
    FunctionId function = functions_.find(pc);
    if (function == kNoFunction) return false;
    std::string_view name = functions_.source_frames(function, pc).front().function;
    entry->second = name.starts_with("runtime.") || name.starts_with("internal/runtime/");
    return entry->second;
  }

  const std::vector<SourceFrame>& frames_at(Address pc) {
    auto [entry, is_new] = frames_.try_emplace(pc);
    if (!is_new) return entry->second;
    FunctionId function = functions_.find(pc - 1);
    if (function != kNoFunction) entry->second = functions_.source_frames(function, pc - 1);
    return entry->second;
  }

  std::vector<Address> keep_physical(const std::vector<Address>& pcs) {
    std::vector<Address> physical;
    for (std::size_t i = 0; i < pcs.size();) {
      physical.push_back(pcs[i]);
      i += count_made_up(std::span(pcs).subspan(i)) + 1;
    }
    return physical;
  }

  // How many after the first stand for what that one was inlined into.
  std::size_t count_made_up(std::span<const Address> pcs) {
    const std::vector<SourceFrame>& frames = frames_at(pcs.front());
    FunctionId function = functions_.find(pcs.front() - 1);
    std::size_t count = 0;
    for (std::size_t outer = 1; outer < frames.size() && count + 1 < pcs.size(); ++outer) {
      Address next = pcs[count + 1];
      if (functions_.find(next - 1) != function) break;
      const std::vector<SourceFrame>& at_next = frames_at(next);
      if (at_next.size() == frames.size() - outer &&
          at_next.front().function == frames[outer].function)
        ++count;
      else if (!frames[outer].wrapper)  // which has no address of its own
        break;
    }
    return count;
  }

  const Functions& functions_;
  FrameResolver resolver_;
  bool of_program_ = false;
  std::unordered_map<Address, bool> of_runtime_;
  std::unordered_map<Address, std::vector<SourceFrame>> frames_;  // by return address
};

bool is_profiler_linked(const Functions& functions) {
  return functions.are_obfuscated() || std::ranges::any_of(kReaders, [&](std::string_view name) {
           return functions.find_by_name(name).has_value();
         });
}

// Why a program without records has none.
Error explain_absence(const Program& program) {
  if (!is_profiler_linked(program.functions))
    return Missing{
        "this program keeps no allocation records: nothing in it refers to "
        "runtime.MemProfile, so the linker switched them off",
        "with `import _ \"net/http/pprof\"` in it, or any use of runtime.MemProfile, "
        "it keeps them; `goshawk heap TARGET --types` tells what is on its heap now"};
  return Missing{"this program keeps no allocation records: its runtime.MemProfileRate is 0",
                 "its code sets that, or GODEBUG=memprofilerate=0 in its environment; `goshawk "
                 "heap TARGET --types` tells what is on its heap now"};
}

// Those whose record is not among them were sampled after the records were read, or lie.
std::vector<snapshot::SampledObject> join(std::span<const BucketOfObject> sampled,
                                          const MemoryBuckets& buckets) {
  std::unordered_map<Address, std::uint32_t> records;
  for (std::uint32_t i = 0; i < buckets.all.size(); ++i)
    records.emplace(buckets.all[i].bucket.address, i);
  std::vector<snapshot::SampledObject> joined;
  for (const BucketOfObject& one : sampled)
    if (auto record = records.find(one.bucket); record != records.end())
      joined.push_back({one.object, record->second});
  std::ranges::sort(joined, {}, &snapshot::SampledObject::object);
  return joined;
}

Result<void> read(const target::Target& target, const Program& program,
                  std::span<const BucketOfObject> sampled, snapshot::Snapshot& picture,
                  std::vector<snapshot::Binding>& bindings) {
  auto fact = TRY(facts::MemoryBucketFact::bind(*program.layout));
  const target::Memory& memory = target.memory();
  AllocationGlobals globals = find_allocation_globals(
      memory, program.debug.for_symbols(), program.modules, program.functions, fact, bindings);
  if (!globals.mbuckets || !globals.mem_profile_rate)
    return fail(Missing{"where this program's runtime keeps its allocation records was not found",
                        "`goshawk doctor` tells what was done to the program; a newer goshawk may "
                        "know it"});
  picture.allocations.rate_bytes =
      TRY(memory.read_value<std::uint64_t>(globals.mem_profile_rate->address));
  Address newest(TRY(memory.read_value<std::uint64_t>(globals.mbuckets->address)));
  MemoryBuckets buckets = TRY(read_memory_buckets(memory, fact, newest, target.goes_on()));
  bindings.push_back(snapshot::tried("runtime.bucket", program.layout->origin_of("runtime.bucket"),
                                     "allocation records whose hash is that of their stack",
                                     buckets.all.size(), buckets.all.size()));
  if (buckets.changed)
    picture.doubts.push_back(
        {"allocation records changed while they were read: their counts may be of two collections",
         false});
  StackMaker stacks(program, picture);
  std::vector<snapshot::AllocationRecord> records;
  for (const CountedBucket& one : buckets.all)
    records.push_back({.stack = stacks.make(one.bucket.stack),
                       .size_bytes = one.bucket.size_bytes,
                       .allocated = one.counts.allocs,
                       .freed = one.counts.frees});
  // The runtime may sample a word of its own before it has read that it is not to.
  if (picture.allocations.rate_bytes == 0 && !stacks.of_program())
    return fail(explain_absence(program));
  picture.allocations.records = std::move(records);
  picture.allocations.sampled = join(sampled, buckets);
  return {};
}

Missing as_missing(const Error& error) {
  if (const auto* missing = std::get_if<Missing>(&error)) return *missing;
  return {"the allocation records could not be read: " + describe(error), ""};
}

}  // namespace

void read_allocations(const target::Target& target, const Program& program,
                      std::span<const BucketOfObject> sampled, snapshot::Snapshot& picture,
                      std::vector<snapshot::Binding>& bindings) {
  auto result = read(target, program, sampled, picture, bindings);
  picture.allocations.known = result.has_value();
  if (result) return;
  Missing missing = as_missing(result.error());
  picture.allocations.why_unknown = missing.name;
  picture.allocations.remedy = missing.feature;
}

Result<snapshot::Snapshot> capture_allocations(const target::Target& target, const Program& program,
                                               std::vector<snapshot::Binding>& bindings) {
  snapshot::Snapshot picture;
  TRY_VOID(read(target, program, {}, picture, bindings));
  picture.allocations.known = true;
  for (std::string& shortcoming : target.shortcomings())
    picture.doubts.push_back({std::move(shortcoming), true});
  write_target_facts(target, program, picture);
  picture.picture.way = target.goes_on() ? "no-stop" : "core";
  picture.bindings = bindings;
  return picture;
}

}  // namespace goshawk::goruntime
