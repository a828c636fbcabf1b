// Binds specials and the queues that they end in. An embedded struct can be answered as one field
// ("special"), so the contents' offsets are the outer struct's own.
#include "goruntime/facts/special.h"

namespace goshawk::goruntime {

namespace {

std::uint8_t find_kind(const LayoutSource& layout, const char* name, std::uint8_t otherwise) {
  auto constant = layout.constant(name);
  if (constant && *constant > 0 && *constant < 64) return static_cast<std::uint8_t>(*constant);
  return otherwise;
}

struct KindNumbers {
  std::uint8_t finalizer, weak, profile, pin, cleanup;
};

KindNumbers kinds_by_presence(const LayoutSource& layout) {
  auto has = [&](const char* type) { return layout.size_of(type).has_value(); };
  if (has("runtime.specialTinyBlock") || has("runtime.cleanupQueue"))
    return {2, 3, 4, 6, 7};                                                 // 1.25
  if (has("runtime.specialCleanup")) return {1, 2, 3, 5, 6};                // 1.24
  if (has("runtime.specialWeakHandle")) return {1, 2, 3, 5, 0};             // 1.23
  if (layout.field("runtime.mspan", "pinnerBits")) return {1, 0, 2, 4, 0};  // 1.21
  return {1, 0, 2, 0, 0};
}

// "cnt" of "runtime.finblock", which 1.25 renamed to finBlock.
const char* find_present_type(const LayoutSource& layout, const char* newer, const char* older) {
  return layout.size_of(newer) ? newer : older;
}

std::optional<Field> find_embedded(const LayoutSource& layout, const char* type, const char* name,
                                   const char* embedded) {
  if (auto direct = layout.field(type, name)) return direct;
  return layout.field(type, std::string(embedded) + "." + name);
}

Result<void> check_queue(std::uint64_t block_bytes, const Field& entries,
                         std::uint32_t entry_bytes) {
  if (block_bytes > 65536 || entries.offset > block_bytes ||
      entries.size_bytes > block_bytes - entries.offset || entry_bytes == 0)
    return fail(Missing{"queue blocks of a believable size", "queued finalizers and cleanups"});
  return {};
}

}  // namespace

Result<SpecialFact> SpecialFact::bind(const LayoutSource& layout) {
  SpecialFact fact;
  std::uint64_t size_bytes = TRY(layout.need_size("runtime.special"));
  if (size_bytes < 11 || size_bytes > 256)
    return fail(Missing{"runtime.special of a believable size", "finalizers and weak pointers"});
  fact.size_bytes = static_cast<std::uint32_t>(size_bytes);
  fact.next = TRY(layout.need("runtime.special", "next"));
  fact.offset = TRY(layout.need("runtime.special", "offset"));
  fact.kind = TRY(layout.need("runtime.special", "kind"));

  KindNumbers guess = kinds_by_presence(layout);
  fact.finalizer_kind = find_kind(layout, "_KindSpecialFinalizer", guess.finalizer);
  fact.weak_kind = find_kind(layout, "_KindSpecialWeakHandle", guess.weak);
  fact.profile_kind = find_kind(layout, "_KindSpecialProfile", guess.profile);
  fact.pin_kind = find_kind(layout, "_KindSpecialPinCounter", guess.pin);
  fact.cleanup_kind = find_kind(layout, "_KindSpecialCleanup", guess.cleanup);

  fact.finalizer_fn = TRY(layout.need_offset("runtime.specialfinalizer", "fn"));
  if (fact.weak_kind != 0)
    fact.weak_handle = TRY(layout.need_offset("runtime.specialWeakHandle", "handle"));
  // Only names a stack for reports: where a stripped binary's table lacks it, it follows the head.
  auto bucket = layout.field("runtime.specialprofile", "b");
  fact.profile_bucket = bucket ? bucket->offset : fact.size_bytes;
  if (fact.cleanup_kind != 0) {
    auto triple = layout.field("runtime.specialCleanup", "cleanup");
    fact.cleanup = triple ? *triple : TRY(layout.need("runtime.specialCleanup", "fn"));
    if (fact.cleanup.size_bytes % 8 != 0 || fact.cleanup.size_bytes > 64)
      return fail(Missing{"runtime.specialCleanup of a known shape", "cleanups"});
  }
  return fact;
}

Result<FinalizerQueueFact> FinalizerQueueFact::bind(const LayoutSource& layout) {
  const char* block = find_present_type(layout, "runtime.finBlock", "runtime.finblock");
  FinalizerQueueFact fact;
  std::uint64_t block_bytes = TRY(layout.need_size(block));
  fact.alllink = TRY(layout.need_offset(block, "alllink"));
  fact.count = TRY(layout.need_offset(block, "cnt"));
  fact.entries = TRY(layout.need(block, "fin"));
  fact.entry_bytes = static_cast<std::uint32_t>(TRY(layout.need_size("runtime.finalizer")));
  TRY_VOID(check_queue(block_bytes, fact.entries, fact.entry_bytes));
  fact.block_bytes = static_cast<std::uint32_t>(block_bytes);
  return fact;
}

Result<CleanupQueueFact> CleanupQueueFact::bind(const LayoutSource& layout) {
  CleanupQueueFact fact;
  fact.all = TRY(layout.need_offset("runtime.cleanupQueue", "all"));
  std::uint64_t block_bytes = TRY(layout.need_size("runtime.cleanupBlock"));
  fact.entries = TRY(layout.need("runtime.cleanupBlock", "cleanups"));
  auto alllink = find_embedded(layout, "runtime.cleanupBlock", "alllink", "cleanupBlockHeader");
  auto count = find_embedded(layout, "runtime.cleanupBlock", "n", "cleanupBlockHeader");
  // The header comes first in the block, so its own offsets serve as well.
  if (!alllink) alllink = TRY(layout.need("runtime.cleanupBlockHeader", "alllink"));
  if (!count) count = TRY(layout.need("runtime.cleanupBlockHeader", "n"));
  fact.alllink = alllink->offset;
  fact.count = count->offset;
  auto triple = layout.size_of("runtime.cleanupFn");
  fact.entry_bytes = triple ? static_cast<std::uint32_t>(*triple) : 8;
  TRY_VOID(check_queue(block_bytes, fact.entries, fact.entry_bytes));
  fact.block_bytes = static_cast<std::uint32_t>(block_bytes);
  return fact;
}

}  // namespace goshawk::goruntime
