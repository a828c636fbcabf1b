// The lists of all spans are walked side by side: one round reads the next special of every list
// that goes on, so that there are as many rounds as the longest list is long, whatever their
// number. A list is sorted by offset; one whose offsets fall, leave the span, or that comes back to
// where it was, is hostile or torn: it ends there and spoils the proof, for a finalizer may be
// missing. So does a kind that is no number of a kind: the records are something else.
#include "goruntime/heap/specials.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/cycle_guard.h"
#include "goruntime/heap/heap_gather.h"

namespace goshawk::goruntime {

namespace {

constexpr std::size_t kMostSpecials = std::size_t{1} << 27;
constexpr std::uint64_t kMostKinds = 31;  // 1.27 has 11, numbered from 1

// A span's list on its way.
struct ListWalk {
  Address next;
  std::uint32_t span = 0;
  std::uint64_t offset = 0;
  CycleGuard guard = {};
  bool broken = false;
};

std::uint64_t load_width(ByteView bytes, const Field& field) {
  if (field.size_bytes == 1) return load<std::uint8_t>(bytes, field.offset).value_or(0);
  if (field.size_bytes == 2) return load<std::uint16_t>(bytes, field.offset).value_or(0);
  return load<std::uint64_t>(bytes, field.offset).value_or(0);
}

class ListReader {
 public:
  ListReader(const target::Memory& memory, const SpecialFact& fact, const HeapSpans& spans,
             bool with_profile)
      : memory_(memory), fact_(fact), spans_(spans) {
    for (std::uint8_t kind :
         {fact.finalizer_kind, fact.weak_kind, fact.pin_kind, fact.cleanup_kind})
      if (kind != 0) wanted_[kind] = true;
    if (with_profile && fact.profile_kind != 0) wanted_[fact.profile_kind] = true;
  }

  std::vector<SpecialEntry> read(std::vector<snapshot::Doubt>& doubts) {
    for (std::size_t i = 0; i < spans_.in_use.size(); ++i)
      if (Address first = spans_.in_use[i].mspan.specials; !first.is_null())
        lists_.push_back({first, static_cast<std::uint32_t>(i)});
    while (!lists_.empty() && visited_ < kMostSpecials) {
      visited_ += lists_.size();
      advance_all();
    }
    broken_ += lists_.size();
    if (broken_ > 0)
      doubts.push_back(
          {fmt::format("the finalizers and weak pointers of {} heap spans could not all "
                       "be read",
                       broken_),
           true});
    // Neighbours in the heap are asked about together.
    std::ranges::sort(entries_, {}, [](const SpecialEntry& entry) {
      return std::pair(entry.span, entry.offset);
    });
    return std::move(entries_);
  }

 private:
  void advance_all() {
    requests_.clear();
    for (std::size_t i = 0; i < lists_.size(); ++i)
      requests_.push_back({lists_[i].next, fact_.size_bytes, static_cast<std::uint32_t>(i)});
    gather(memory_, requests_, [&](std::uint32_t i, ByteView bytes) { advance(lists_[i], bytes); });
    broken_ += std::ranges::count(lists_, true, &ListWalk::broken);
    std::erase_if(lists_, [](const ListWalk& list) { return list.broken || list.next.is_null(); });
  }

  void advance(ListWalk& list, ByteView bytes) {
    std::uint64_t offset = load_width(bytes, fact_.offset);
    std::uint64_t kind = load_width(bytes, fact_.kind);
    const Mspan& span = spans_.in_use[list.span].mspan;
    bool known_kind = kind > 0 && kind <= kMostKinds;
    if (bytes.empty() || !known_kind || list.guard.returns(list.next) || offset < list.offset ||
        offset >= span.nelems * span.elemsize) {
      list.broken = true;
      return;
    }
    if (kind < wanted_.size() && wanted_[kind])
      entries_.push_back({list.next, offset, list.span, static_cast<std::uint8_t>(kind)});
    list.offset = offset;
    list.next = Address(load_width(bytes, fact_.next));
  }

  const target::Memory& memory_;
  const SpecialFact& fact_;
  const HeapSpans& spans_;
  std::array<bool, 256> wanted_{};
  std::vector<ListWalk> lists_;
  std::vector<GatherRequest> requests_;
  std::vector<SpecialEntry> entries_;
  std::size_t visited_ = 0;
  std::size_t broken_ = 0;
};

std::vector<Address> load_words(ByteView bytes) {
  std::vector<Address> words;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8)
    words.emplace_back(load_unchecked<std::uint64_t>(bytes.data() + at));
  return words;
}

// What of a special's struct holds its pointers: nothing for a pin counter.
Field content_of(const SpecialFact& fact, std::uint8_t kind) {
  if (kind == fact.finalizer_kind) return {fact.finalizer_fn, 8};
  if (kind == fact.weak_kind) return {fact.weak_handle, 8};
  if (kind == fact.profile_kind) return {fact.profile_bucket, 8};
  if (kind == fact.cleanup_kind) return fact.cleanup;
  return {};
}

SpecialRecord::Kind kind_of(const SpecialFact& fact, std::uint8_t kind) {
  if (kind == fact.finalizer_kind) return SpecialRecord::Kind::kFinalizer;
  if (kind == fact.weak_kind) return SpecialRecord::Kind::kWeakHandle;
  if (kind == fact.profile_kind) return SpecialRecord::Kind::kProfile;
  if (kind == fact.cleanup_kind) return SpecialRecord::Kind::kCleanup;
  return SpecialRecord::Kind::kPinCounter;
}

void fill(SpecialRecord& record, ByteView bytes) {
  std::vector<Address> words = load_words(bytes);
  if (words.empty()) return;
  bool triple = words.size() >= 3;  // {call, fn, arg}
  record.target = words[triple ? 1 : 0];
  for (std::size_t i = 0; i < words.size(); ++i)
    if (i != (triple ? 1 : 0)) record.more.push_back(words[i]);
}

}  // namespace

std::vector<SpecialEntry> read_special_lists(const target::Memory& memory, const SpecialFact& fact,
                                             const HeapSpans& spans, bool with_profile,
                                             std::vector<snapshot::Doubt>& doubts) {
  return ListReader(memory, fact, spans, with_profile).read(doubts);
}

std::vector<SpecialRecord> read_special_records(const target::Memory& memory,
                                                const SpecialFact& fact,
                                                const std::vector<SpecialEntry>& entries,
                                                const HeapSpans& spans,
                                                const snapshot::Objects& objects,
                                                std::vector<snapshot::Doubt>& doubts) {
  std::vector<SpecialRecord> records(entries.size());
  std::vector<GatherRequest> requests;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const SpecialEntry& entry = entries[i];
    std::uint64_t slot = entry.offset / spans.in_use[entry.span].mspan.elemsize;
    records[i].kind = kind_of(fact, entry.kind);
    records[i].object = objects.spans()[entry.span].first + static_cast<snapshot::ObjectId>(slot);
    Field content = content_of(fact, entry.kind);
    if (content.size_bytes > 0)
      requests.push_back(
          {entry.address + content.offset, content.size_bytes, static_cast<std::uint32_t>(i)});
  }
  std::size_t unreadable = 0;
  gather(memory, requests, [&](std::uint32_t i, ByteView bytes) {
    if (bytes.empty()) ++unreadable;
    fill(records[i], bytes);
  });
  if (unreadable > 0)
    doubts.push_back(
        {fmt::format("{} finalizers or weak pointers could not be read", unreadable), true});
  return records;
}

}  // namespace goshawk::goruntime
