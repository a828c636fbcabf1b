// A finalizer or cleanup leads to a function value, whose first word is an entry in the program's
// text; a weak pointer's handle holds the address of the very byte that the special was set for, or
// nothing once that has died (runtime/mheap.go addfinalizer, addCleanup, getOrAddWeakHandle). All
// are written before a special is listed. A runtime with other records would give stale or foreign
// words here, and what it keeps alive would be lost.
#include "goruntime/heap/special_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "goruntime/heap/heap_gather.h"

namespace goshawk::goruntime {
namespace {

using Kind = SpecialRecord::Kind;

// What each word that a record leads to holds; a word that cannot be read is not among them.
std::unordered_map<Address, Address> read_words(const target::Memory& memory,
                                                const std::vector<SpecialRecord>& records) {
  std::vector<Address> places;
  for (const SpecialRecord& record : records)
    if (!record.target.is_null()) places.push_back(record.target);
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  std::vector<GatherRequest> requests;
  for (std::size_t i = 0; i < places.size(); ++i)
    requests.push_back({places[i], 8, static_cast<std::uint32_t>(i)});
  std::unordered_map<Address, Address> words;
  gather(memory, requests, [&](std::uint32_t i, ByteView bytes) {
    if (auto word = load<std::uint64_t>(bytes, 0)) words.emplace(places[i], Address(*word));
  });
  return words;
}

// How many of one shape lead to what they must lead to.
struct Tally {
  std::string_view fact, check;
  std::size_t checked = 0, contradictory = 0;

  void count(bool fits) {
    ++checked;
    if (!fits) ++contradictory;
  }
  void record(const std::string& origin, std::vector<snapshot::Binding>& bindings) const {
    bindings.push_back(snapshot::tried(std::string(fact), origin, std::string(check),
                                       checked - contradictory, checked));
  }
  Result<void> judge(std::vector<snapshot::Doubt>& doubts) const {
    if (contradictory * 2 > checked)
      return fail(Missing{
          fmt::format(
              "{} and the number of its kind as this binary has them ({} of {} lead nowhere)", fact,
              contradictory, checked),
          "reading the heap"});
    if (contradictory > 0)
      doubts.push_back({fmt::format("{} of {} finalizers, cleanups or weak pointers lead nowhere",
                                    contradictory, checked),
                        true});
    return {};
  }
};

}  // namespace

Result<void> check_specials(const target::Memory& memory, const HeapLayout& layout,
                            const std::vector<SpecialEntry>& entries,
                            const std::vector<SpecialRecord>& records, const HeapSpans& spans,
                            std::span<const AddressRange> texts,
                            std::vector<snapshot::Doubt>& doubts,
                            std::vector<snapshot::Binding>& bindings) {
  const SpecialFact& fact = layout.special;
  auto words = read_words(memory, records);
  auto is_code = [&](Address pc) {
    return std::ranges::any_of(texts, [&](const AddressRange& text) { return text.contains(pc); });
  };
  Tally finalizers{"runtime.specialfinalizer.fn", "finalizers that lead to a function"},
      cleanups{"runtime.specialCleanup", "cleanups that lead to a function"},
      handles{"runtime.specialWeakHandle.handle", "weak handles that lead back to their object"};
  for (std::size_t i = 0; i < records.size(); ++i) {
    Tally* tally = entries[i].kind == fact.finalizer_kind ? &finalizers
                   : entries[i].kind == fact.cleanup_kind ? &cleanups
                   : entries[i].kind == fact.weak_kind    ? &handles
                                                          : nullptr;
    if (tally == nullptr) continue;
    auto word = words.find(records[i].target);
    Address object = spans.in_use[entries[i].span].mspan.base + entries[i].offset;
    bool fits =
        word != words.end() && (tally == &handles ? word->second.is_null() || word->second == object
                                                  : is_code(word->second));
    tally->count(fits);
  }
  for (const Tally* tally : {&finalizers, &cleanups, &handles})
    tally->record(layout.special_origin, bindings);
  TRY_VOID(finalizers.judge(doubts));
  TRY_VOID(cleanups.judge(doubts));
  return handles.judge(doubts);
}

}  // namespace goshawk::goruntime
