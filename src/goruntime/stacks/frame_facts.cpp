// Decodes, for one pc: function, frame layout, live slots as distances from sp (locals and
// arguments in one list), stack objects. The liveness is that of a frame which stands in a call
// (the map at pc - 1) or has not begun (pc at the entry). A missing or contradictory map does not
// stop a walk: has_liveness stays false and the scanner takes every word. Follows
// runtime/stkframe.go getStackMap.
#include "goruntime/stacks/frame_facts.h"

#include <algorithm>

#include "goruntime/symbols/pcvalue.h"

namespace goshawk::goruntime {
namespace {

constexpr std::size_t kMaxFacts = 1 << 20;
constexpr std::int32_t kMaxSpdelta = 1 << 30;
constexpr std::uint32_t kMaxArgumentBytes = 1 << 24;
constexpr std::size_t kMaxHeldOffsets = 1 << 24;  // in all slots and objects; 64 MB

std::size_t hash(Address pc) {
  return static_cast<std::size_t>((pc.value() * 0x9e3779b97f4a7c15ULL) >> 20);
}

// reflect hands over arguments and results in words that its maps call numbers (abi.RegArgs.Ints).
bool is_of_runtime(std::string_view name) {
  return name.starts_with("runtime.") || name.starts_with("internal/runtime/") ||
         name.starts_with("runtime/internal/") || name.starts_with("internal/bytealg.") ||
         name.starts_with("reflect.");
}

// Assembly whose arguments' size nobody knows. An obfuscator may have renamed the two of reflect:
// then it is every one that is not the runtime's, as what is no stub at all is found out by the
// method value that it does not hold, and is taken word by word.
bool may_be_reflect_stub(std::string_view name, bool obfuscated) {
  if (obfuscated) return !name.starts_with("runtime.");
  return name == "reflect.makeFuncStub" || name == "reflect.methodValueCall";
}

}  // namespace

const FrameFacts* FrameFactsCache::find(Address pc) {
  if (facts_.size() * 2 >= entries_.size()) grow();
  Entry& entry = place(pc);
  if (entry.facts == nullptr) {
    entry.facts = decode(pc);
    if (entry.facts != nullptr) entry.pc = pc;
  }
  return entry.facts;
}

void FrameFactsCache::forget_if_large() {
  if (facts_.size() < kMaxFacts && held_offsets_ < kMaxHeldOffsets / 2) return;
  entries_.clear();
  facts_.clear();
  objects_.clear();
  held_offsets_ = 0;
}

FrameFactsCache::Entry& FrameFactsCache::place(Address pc) {
  std::size_t mask = entries_.size() - 1;
  std::size_t i = hash(pc) & mask;
  while (entries_[i].facts != nullptr && entries_[i].pc != pc) i = (i + 1) & mask;
  return entries_[i];
}

void FrameFactsCache::grow() {
  std::vector<Entry> before = std::exchange(entries_, {});
  entries_.resize(std::max<std::size_t>(1024, before.size() * 2));
  for (const Entry& entry : before)
    if (entry.facts != nullptr) place(entry.pc) = entry;
}

const FrameFacts* FrameFactsCache::decode(Address pc) {
  FunctionId function = functions_.find(pc);
  auto place = function == kNoFunction ? std::nullopt : tables_.place(function);
  auto record = place ? place->pclntab->record(place->index) : std::nullopt;
  if (!record) return nullptr;

  auto facts = std::make_unique<FrameFacts>();
  std::string_view name = place->pclntab->name(record->name_offset);
  facts->function = function;
  facts->entry = record->entry;
  facts->kind = tables_.func_ids.kind(record->func_id, name);
  // Under another name it may be reflect's.
  facts->runtime_helper =
      (record->flag & kFlagAsm) != 0 || is_of_runtime(name) || tables_.obfuscated;
  facts->top_frame = (record->flag & kFlagTopFrame) != 0;
  // cgocallback writes sp, but keeps both stacks fit for walking while it does.
  facts->sp_write = (record->flag & kFlagSpWrite) != 0 && facts->kind != FunctionKind::kCgocallback;
  facts->at_entry = pc == record->entry;
  facts->deferreturn = record->deferreturn;
  facts->args_bytes = record->args_bytes;
  facts->reflect_stub = record->args_bytes == kArgsSizeUnknown && !facts->top_frame &&
                        may_be_reflect_stub(name, tables_.obfuscated);

  std::int32_t spdelta = record->pcsp == 0 ? -1 : place->pclntab->spdelta(*record, pc);
  facts->has_layout = spdelta >= 0 && spdelta < kMaxSpdelta && spdelta % 8 == 0;
  if (facts->has_layout) {
    facts->layout = compute_frame_layout(static_cast<std::uint32_t>(spdelta), tables_.arm64);
    decode_liveness(*facts, *place->pclntab, *record, pc);
  }
  facts_.push_back(std::move(facts));
  return facts_.back().get();
}

void FrameFactsCache::decode_liveness(FrameFacts& facts, const Pclntab& pclntab,
                                      const FunctionRecord& record, Address pc) {
  std::int32_t row =
      facts.at_entry ? kNoPcvalue : pclntab.pcdata(record, kPcdataStackMapIndex, pc - 1);
  row = std::max(row, 0);  // -1: in the prologue, where row 0 holds
  bool locals = !facts.layout.has_locals ||
                add_slots(facts, pclntab, record, kFuncdataLocalsPointerMaps, row);
  bool args =
      facts.args_bytes < 8 || add_slots(facts, pclntab, record, kFuncdataArgsPointerMaps, row);
  bool objects = add_objects(facts, pclntab, record);
  facts.has_liveness = locals && args && objects;
  for (std::uint32_t slot : facts.slots) facts.slots_end = std::max(facts.slots_end, slot + 8);
}

// False: a broken program would fill the memory with what it says of its frames.
bool FrameFactsCache::hold(std::size_t offsets) {
  if (offsets > kMaxHeldOffsets - held_offsets_) return false;
  held_offsets_ += offsets;
  return true;
}

bool FrameFactsCache::add_slots(FrameFacts& facts, const Pclntab& pclntab,
                                const FunctionRecord& record, std::uint32_t funcdata,
                                std::int32_t row) {
  auto table = pclntab.funcdata(record, funcdata);
  auto bits = table ? find_stack_bits(tables_.image.from(*table), row) : std::nullopt;
  if (!bits) return false;
  std::uint64_t size_bytes = std::uint64_t{bits->count} * 8;
  bool locals = funcdata == kFuncdataLocalsPointerMaps;
  // Arguments: the maps of assembly functions have more bits than words, the rest being clear.
  if (size_bytes > (locals ? facts.layout.varp : kMaxArgumentBytes) || !hold(bits->count))
    return false;
  std::uint32_t base =
      locals ? facts.layout.varp - static_cast<std::uint32_t>(size_bytes) : facts.layout.argp;
  for (std::uint32_t i = 0; i < bits->count; ++i)
    if ((*bits)[i]) facts.slots.push_back(base + i * 8);
  return true;
}

bool FrameFactsCache::add_objects(FrameFacts& facts, const Pclntab& pclntab,
                                  const FunctionRecord& record) {
  if (facts.reflect_stub) {
    facts.objects = std::span(&reflect_stack_object(tables_.arm64), 1);
    return true;
  }
  auto table = pclntab.funcdata(record, kFuncdataStackObjects);
  if (!table) return true;
  auto [it, is_new] = objects_.try_emplace(facts.function);
  if (is_new) {
    auto objects = parse_stack_objects(tables_.image.from(*table), tables_.image, pclntab.rodata());
    std::size_t offsets = 0;
    if (objects)
      for (const StackObject& object : *objects) offsets += object.pointer_offsets.size();
    if (!objects || !hold(offsets)) {
      objects_.erase(it);
      return false;
    }
    it->second = std::move(*objects);
  }
  facts.objects = it->second;
  return true;
}

}  // namespace goshawk::goruntime
