// Depth first, from each object that something is known of. What is said of an object is checked
// before it is believed:
//  - its slot must be the one that the runtime would take for it (an array: for some length);
//  - types without pointers are in spans without pointers, and the other way round;
//  - where the object has references, the type must have pointers.
// A pointer to a struct's first field is a pointer to the struct: of two types that fit, the one
// that begins with the other is believed. What could be the beginning of a larger struct that the
// program has, and is known by such pointers only, stays unknown. Two that have nothing to do with
// each other: the object is unknown, and since what was concluded from it before may be wrong,
// everything is done once more with these objects left out from the start.
//
// An allocation's own type (its header, or the box of an interface's value) is more than what
// pointers to it say.
//
// Words of an object with a header count from behind it. Not followed: pointers into the middle.
#include "goruntime/typing/type_spread.h"

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <map>

#include "goruntime/facts/heap_bitmap.h"
#include "goruntime/facts/size_class.h"

namespace goshawk::goruntime {
namespace {

using snapshot::kNone;
using snapshot::ObjectId;

constexpr ViewId kContradicted = 1;
constexpr ViewId kSure = 1u << 31;
constexpr ViewId kView = kSure - 1;
constexpr std::size_t kMostWork = 1 << 20;
constexpr int kMostRounds = 4;

// What all slots of a span have in common. Of the span's own only what says whether something fits.
struct Slot {
  std::uint64_t size_bytes = 0, header_bytes = 0;
  bool noscan = false, tiny = false;

  auto operator<=>(const Slot&) const = default;
  std::uint64_t room() const { return size_bytes - header_bytes; }
  std::uint64_t header_words() const { return header_bytes / 8; }
};

// Objects' slots without a search, from tables that stay in the cache: by 64 numbers, where these
// have slots of one kind; else by the first span of them.
class Slots {
 public:
  Slots(const snapshot::Objects& objects, std::span<const std::uint8_t> header_bytes)
      : spans_(objects.spans()) {
    number_kinds(header_bytes);
    std::size_t count = objects.count() / kObjectsABlock + 1;
    first_spans_.resize(count);
    of_blocks_.resize(count);
    std::uint32_t span = 0;
    for (std::size_t block = 0; block < count; ++block) {
      while (begins_by(span + 1, block * kObjectsABlock)) ++span;
      first_spans_[block] = span;
      of_blocks_[block] = kind_of_block(span, (block + 1) * kObjectsABlock - 1);
    }
  }

  const Slot& of(ObjectId object) const {
    std::uint16_t kind = of_blocks_[object / kObjectsABlock];
    if (kind != kSeveral) return kinds_[kind];
    std::uint32_t span = first_spans_[object / kObjectsABlock];
    while (begins_by(span + 1, object)) ++span;
    return kinds_[of_spans_[span]];
  }
  void prefetch(ObjectId object) const { __builtin_prefetch(&of_blocks_[object / kObjectsABlock]); }

 private:
  static constexpr std::uint32_t kObjectsABlock = 64;
  static constexpr std::uint16_t kSeveral = 0xffff;

  void number_kinds(std::span<const std::uint8_t> header_bytes) {
    std::map<Slot, std::uint32_t> known;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      Slot slot{spans_[i].element_size_bytes, header_bytes[i], spans_[i].noscan, spans_[i].tiny};
      auto [kind, is_new] = known.try_emplace(slot, static_cast<std::uint32_t>(kinds_.size()));
      if (is_new) kinds_.push_back(slot);
      of_spans_.push_back(kind->second);
    }
    if (kinds_.empty()) kinds_.emplace_back(), of_spans_.push_back(0);
  }
  bool begins_by(std::uint32_t span, std::size_t object) const {
    return span < spans_.size() && spans_[span].first <= object;
  }
  std::uint16_t kind_of_block(std::uint32_t span, std::size_t last) const {
    std::uint32_t kind = of_spans_[span];
    for (; begins_by(span, last); ++span)
      if (of_spans_[span] != kind) return kSeveral;
    return kind < kSeveral ? static_cast<std::uint16_t>(kind) : kSeveral;
  }

  const std::vector<snapshot::Span>& spans_;
  std::vector<Slot> kinds_;
  std::vector<std::uint32_t> of_spans_;     // kinds
  std::vector<std::uint32_t> first_spans_;  // by block
  std::vector<std::uint16_t> of_blocks_;    // kinds
};

// What is about to be touched, first in, first out, a few at a time: by the time that one comes out
// its memory has been fetched.
template <typename T>
class Ahead {
 public:
  bool full() const { return count_ == kMost; }
  bool empty() const { return count_ == 0; }
  void put(T one) { ring_[(first_ + count_++) % kMost] = one; }
  T take() {
    --count_;
    return ring_[first_++ % kMost];
  }

 private:
  static constexpr std::size_t kMost = 32;
  std::array<T, kMost> ring_{};
  std::size_t first_ = 0, count_ = 0;
};

class Spreader {
 public:
  Spreader(const SpreadInput& input, Views& views, const StructCatalog& catalog)
      : in_(input), views_(views), catalog_(catalog), slots_(input.objects, input.header_bytes) {}

  Spread spread(const std::vector<Said>& said) {
    for (int round = 0; round < kMostRounds; ++round) {
      std::size_t known = contradicted_.size();
      begin();
      see_headers();
      see_interfaces();
      for (const Said& one : said) say(one.object, one.view, one.sure);
      drain();
      if (contradicted_.size() == known) break;
    }
    name_closures();
    forget_beginnings();
    return {std::move(types_), contradicted_.size()};
  }

 private:
  void begin() {
    types_ = ReservedArray<ViewId>(in_.objects.count());
    dirty_.assign((in_.objects.count() + 63) / 64, 0);
    work_.clear();
    leave_out_free_slots();
    for (ObjectId object : contradicted_) types_[object] = kContradicted;
  }

  // So that nobody needs to ask whether an object is allocated.
  void leave_out_free_slots() {
    for (const snapshot::Span& span : in_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (!in_.objects.is_allocated(object)) types_[object] = kContradicted;
  }

  template <typename Visit>
  void for_each_sighting(Sighting::By by, Visit&& visit) {
    auto look = [&](ObjectId object, std::uint32_t word) {
      if (word != 0 && Sighting::by(word) == by) visit(object, Sighting::number(word));
    };
    for (const snapshot::Span& span : in_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        look(object, in_.sightings.of_objects[object]);
    for (const TypeSightings::More& more : in_.sightings.more) look(more.object, more.word);
  }

  void see_headers() {
    for_each_sighting(Sighting::By::kHeader, [&](ObjectId object, std::uint32_t number) {
      Address type = in_.places.type(number);
      std::uint64_t size = views_.types().size_bytes(type);
      if (size == 0) return;
      const Slot& slot = slots_.of(object);
      bool many = slot.room() / size >= 2 && !fits(slot, size);
      say(object, views_.find_allocated(type, many), true);
    });
  }

  void see_interfaces() {
    for_each_sighting(Sighting::By::kInterface, [&](ObjectId object, std::uint32_t number) {
      bool is_box = false;
      ViewId view = views_.find_behind_interface(in_.places.type(number), is_box);
      say(object, view, is_box);
      drain_if_full();
    });
  }

  // Code tells least: what a type says of the object comes first.
  void name_closures() {
    for_each_sighting(Sighting::By::kCode, [&](ObjectId object, std::uint32_t number) {
      ViewId now = types_[object];
      if (now == kContradicted) return;
      if (now != kNoView && views_[now & kView].shape != Shape::kFunction) return;
      types_[object] = views_.find(Shape::kClosure, in_.places.code(number));
    });
  }

  // What may only be the beginning of something larger.
  void forget_beginnings() {
    for (std::uint32_t i = 0; i < in_.objects.spans().size(); ++i) {
      const snapshot::Span& span = in_.objects.spans()[i];
      for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
        ViewId& type = types_[object];
        if (type == kContradicted) type = kNoView;
        if (type == kNoView) continue;
        bool sure = (type & kSure) != 0;
        type &= kView;
        const View& view = views_[type];
        bool as_array = view.shape == Shape::kArray;
        if (!sure && (as_array || view.shape == Shape::kValue) &&
            may_begin_larger(type, span.element_size_bytes, span.noscan))
          type = kNoView;
      }
    }
  }

  // The same views in the same slots, over and over.
  bool may_begin_larger(ViewId id, std::uint64_t slot_bytes, bool noscan) {
    if (id == last_view_ && slot_bytes == last_slot_ && noscan == last_noscan_) return last_answer_;
    const View& view = views_[id];
    last_view_ = id;
    last_slot_ = slot_bytes;
    last_noscan_ = noscan;
    last_answer_ =
        catalog_.may_begin_larger(view.type, view.shape == Shape::kArray, slot_bytes, noscan);
    return last_answer_;
  }

  static bool fits(const Slot& slot, std::uint64_t size_bytes) {
    return find_slot_bytes(size_bytes + slot.header_bytes) == slot.size_bytes;
  }

  bool can_be(const Slot& slot, const View& view) const {
    switch (view.shape) {
      case Shape::kChannel:  // with its buffer in it, if that has no pointers
        return slot.noscan || fits(slot, views_.channel_bytes());
      case Shape::kFunction:
      case Shape::kClosure:
        return true;
      default:
        break;
    }
    if (slot.noscan != view.noscan) return false;
    if (view.size_bytes == 0) return true;
    if (!view.repeats) return fits(slot, view.size_bytes);
    std::uint64_t many = slot.room() / view.size_bytes;
    return many > 0 && fits(slot, many * view.size_bytes);
  }

  // A block of several small values: whatever is said of its start is true of a part of it only.
  ViewId as_in_slot(const Slot& slot, ViewId id) {
    if (!slot.tiny) return id;
    const View& view = views_[id];
    bool fills = !view.repeats && view.shape == Shape::kValue && view.size_bytes == 16;
    bool may_fill = view.repeats && view.size_bytes <= 16 && view.noscan;
    if (fills || !view.noscan) return id;
    if (may_fill || view.shape == Shape::kText || view.size_bytes < 16)
      return views_.find(Shape::kSmall, {});
    return id;
  }

  void say(ObjectId object, ViewId id, bool sure) {
    if (id <= View::kAnywhere || object >= in_.objects.count()) return;
    ViewId& now = types_[object];
    if (now == kContradicted) return;
    if ((now & kView) == id && !sure) return;  // mostly: what several lead to
    const Slot& slot = slots_.of(object);
    id = as_in_slot(slot, id);
    if ((now & kView) == id) {
      if (sure) now |= kSure;
      return;
    }
    if (!can_be(slot, views_[id])) return;
    ViewId believed =
        now == kNoView ? (id | (sure ? kSure : 0)) : choose(now, id | (sure ? kSure : 0));
    if (believed == now) return;
    now = believed;
    if (believed == kContradicted)
      contradicted_.push_back(object);
    else
      queue(object);
  }

  // Which of two that both fit; neither is sure, or only one is.
  ViewId choose(ViewId one, ViewId other) {
    bool one_sure = (one & kSure) != 0, other_sure = (other & kSure) != 0;
    ViewId sure = (one | other) & kSure;
    if (views_.refines(views_[one & kView], views_[other & kView])) return one | sure;
    if (views_.refines(views_[other & kView], views_[one & kView])) return other | sure;
    if (one_sure != other_sure) return one_sure ? one : other;
    const View& a = views_[one & kView];
    const View& b = views_[other & kView];
    if (a.shape == b.shape && views_.types().is_same_underlying(a.type, b.type))
      return a.type < b.type ? one : other;
    if (includes(a, b)) return one;
    if (includes(b, a)) return other;
    return kContradicted;
  }

  bool includes(const View& whole, const View& part) {
    if (whole.shape == Shape::kSmall) return true;
    if (part.shape == Shape::kFunction) return whole.shape == Shape::kClosure;
    if (part.shape == Shape::kText)
      return (whole.shape == Shape::kArray || whole.shape == Shape::kValue) &&
             views_.is_bytes(views_.first_scalar(whole.type));
    bool whole_is_plain = whole.shape == Shape::kValue || whole.shape == Shape::kArray ||
                          whole.shape == Shape::kMapStorage;
    bool part_is_plain = part.shape == Shape::kValue || part.shape == Shape::kArray ||
                         part.shape == Shape::kMapStorage;
    if (!whole_is_plain || !part_is_plain || !views_.begins_with(whole.type, part.type))
      return false;
    if (whole.type != part.type) return true;
    // One value, or an array of one: only a slice leads to arrays.
    return part.shape == Shape::kValue;
  }

  void queue(ObjectId object) {
    if (object >= in_.objects.row_count()) return;  // it leads nowhere
    if (work_.size() < kMostWork)
      work_.push_back(object);
    else
      dirty_[object / 64] |= std::uint64_t{1} << (object % 64);
  }

  void drain_if_full() {
    if (work_.size() >= kMostWork / 2) drain();
  }

  // From the stack of work through two short queues: first an object's row is fetched, then what
  // the row has, then it is visited; what it leads to waits in a third one. Worth a factor of
  // several on a heap whose neighbours in memory are not neighbours in its structures.
  void empty_stack() {
    while (!work_.empty() || !rows_ahead_.empty() || !edges_ahead_.empty() || !led_to_.empty()) {
      while (!work_.empty() && !rows_ahead_.full()) {
        rows_ahead_.put(work_.back());
        __builtin_prefetch(&in_.references.rows[work_.back()]);
        work_.pop_back();
      }
      if (!edges_ahead_.empty() && (edges_ahead_.full() || rows_ahead_.empty()))
        visit(edges_ahead_.take());
      if (!rows_ahead_.empty() && !edges_ahead_.full()) {
        ObjectId object = rows_ahead_.take();
        std::uint32_t row = in_.references.rows[object];
        __builtin_prefetch(&in_.references.edges[row]);
        __builtin_prefetch(&in_.sightings.places[row]);
        edges_ahead_.put(object);
      }
      if (rows_ahead_.empty() && edges_ahead_.empty())
        while (!led_to_.empty()) say_next();
    }
  }

  void say_next() {
    LedTo next = led_to_.take();
    say(next.object, look_behind(next.view, next.object), false);
  }

  void lead_to(ObjectId object, ViewId view) {
    if (view <= View::kAnywhere) return;
    if (led_to_.full()) say_next();
    __builtin_prefetch(&types_[object], 1);
    slots_.prefetch(object);
    led_to_.put({object, view});
  }

  void drain() {
    for (bool again = true; again;) {
      empty_stack();
      again = false;
      for (std::size_t i = 0; i < dirty_.size() && work_.size() < kMostWork / 2; ++i)
        for (std::uint64_t bits = std::exchange(dirty_[i], 0); bits != 0; bits &= bits - 1) {
          work_.push_back(static_cast<ObjectId>(i * 64 + std::countr_zero(bits)));
          again = true;
        }
      again = again || !work_.empty();
    }
  }

  void visit(ObjectId object) {
    ViewId type = types_[object];
    if (type <= kContradicted) return;
    std::uint32_t begin = in_.references.rows[object], end = in_.references.rows[object + 1];
    if (begin == end || in_.sightings.places[begin] == TypeSightings::kUnplaced) return;
    if (in_.wanted != nullptr && ((*in_.wanted)[object / 64] >> (object % 64) & 1) == 0) return;
    const View& view = views_.placed(type & kView);
    if (view.places.empty()) return;
    if (!has_pointers_there(object, view, begin, end)) {
      types_[object] = kContradicted;
      contradicted_.push_back(object);
      return;
    }
    follow(object, view, begin, end);
  }

  // visit(place in the view, interior, target) for each reference; false as soon as it says so.
  template <typename Visit>
  bool for_each_reference(ObjectId object, const View& view, std::uint32_t begin, std::uint32_t end,
                          Visit&& visit) {
    std::uint64_t header_words = slots_.of(object).header_words();
    std::uint64_t words = view.places.size(), last = 0, turns = 0;
    for (std::uint32_t at = begin; at < end; ++at) {
      std::uint16_t place = in_.sightings.places[at];
      std::uint64_t low = place & TypeSightings::kWordBits;
      if (at > begin && low <= last) ++turns;
      last = low;
      std::uint64_t word = low + turns * (TypeSightings::kWordBits + 1) - header_words;
      if (word >= words && view.repeats) word %= words;
      if (!visit(word, (place & TypeSightings::kInterior) != 0, in_.references.edges[at]))
        return false;
    }
    return true;
  }

  bool has_pointers_there(ObjectId object, const View& view, std::uint32_t begin,
                          std::uint32_t end) {
    return for_each_reference(object, view, begin, end, [&](std::uint64_t word, bool, ObjectId) {
      return word < view.places.size() && view.places[word] != View::kNoPointer;
    });
  }

  void follow(ObjectId object, const View& view, std::uint32_t begin, std::uint32_t end) {
    for_each_reference(object, view, begin, end,
                       [&](std::uint64_t word, bool interior, ObjectId target) {
                         if (!interior) lead_to(target, view.places[word]);
                         return true;
                       });
  }

  // A Swiss map with one group only has that in its directory's place. A directory has no null
  // pointer, a group no pointer in its first word.
  ViewId look_behind(ViewId id, ObjectId target) {
    if (id <= View::kAnywhere || views_[id].shape != Shape::kMapDirectory) return id;
    bool first_is_pointer = false;
    if (target < in_.objects.row_count()) {
      std::uint32_t begin = in_.references.rows[target], end = in_.references.rows[target + 1];
      if (begin < end && in_.sightings.places[begin] == TypeSightings::kUnplaced) return kNoView;
      std::uint64_t header_words = slots_.of(target).header_words();
      first_is_pointer =
          begin < end && (in_.sightings.places[begin] & TypeSightings::kWordBits) == header_words;
    }
    if (first_is_pointer) return id;
    return views_.find(Shape::kMapStorage, views_.types().map_storage(views_[id].type));
  }

  const SpreadInput& in_;
  Views& views_;
  const StructCatalog& catalog_;
  Slots slots_;
  ReservedArray<ViewId> types_;
  std::vector<std::uint64_t> dirty_;
  struct LedTo {
    ObjectId object = kNone;
    ViewId view = kNoView;
  };
  std::vector<ObjectId> work_;
  Ahead<ObjectId> rows_ahead_, edges_ahead_;
  Ahead<LedTo> led_to_;
  std::vector<ObjectId> contradicted_;
  ViewId last_view_ = kNoView;
  std::uint64_t last_slot_ = 0;
  bool last_noscan_ = false, last_answer_ = false;
};

}  // namespace

Spread spread_types(const SpreadInput& input, Views& views, const StructCatalog& catalog,
                    const std::vector<Said>& said) {
  return Spreader(input, views, catalog).spread(said);
}

}  // namespace goshawk::goruntime
