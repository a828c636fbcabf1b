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
// What a pointer to a struct leads to that is too large for the struct is the one larger struct
// that begins with it and fills the slot, if there is only one. What leads to a map's entries is a
// part of that map (map_parts). Both are asked once all that is known has been followed, and
// followed too.
//
// What a string leads to, its middle too, is text: nothing, or an array of bytes, that is known of
// it besides is no beginning of anything.
//
// Words of an object with a header count from behind it. Not followed: other pointers into the
// middle.
#include "goruntime/typing/type_spread.h"

#include <algorithm>
#include <array>
#include <bit>

#include "goruntime/facts/size_class.h"
#include "goruntime/typing/map_parts.h"
#include "goruntime/typing/object_slots.h"

namespace goshawk::goruntime {
namespace {

using snapshot::kNone;
using snapshot::ObjectId;

constexpr ViewId kContradicted = 1;
constexpr ViewId kSure = 1u << 31;
constexpr ViewId kView = kSure - 1;
constexpr std::size_t kMostWork = 1 << 20;
constexpr std::size_t kMostTooLarge = 1 << 20;
constexpr int kMostRounds = 4;
constexpr int kMostConclusions = 8;  // one from the other

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
  Spreader(const SpreadInput& input, Views& views, StructCatalog& catalog)
      : in_(input),
        views_(views),
        catalog_(catalog),
        slots_(input.objects, input.header_bytes),
        text_(views.find(Shape::kText, {})) {}

  Spread spread(const std::vector<Said>& said) {
    for (int round = 0; round < kMostRounds; ++round) {
      std::size_t known = contradicted_.size();
      begin();
      see_headers();
      see_interfaces();
      for (const Said& one : said)
        if (one.object < in_.objects.count() && is_wanted(one.object))
          say(one.object, look_behind(one.view, one.object), one.sure);
      drain();
      conclude_more();
      name_closures();
      conclude_more();
      if (contradicted_.size() == known) break;
    }
    make_sure_of_full_arrays();
    make_sure_of_texts();
    forget_beginnings();
    return {std::move(types_), contradicted_.size()};
  }

 private:
  void begin() {
    types_ = ReservedArray<ViewId>(in_.objects.count());
    dirty_.assign((in_.objects.count() + 63) / 64, 0);
    of_strings_.assign((in_.objects.count() + 63) / 64, 0);
    work_.clear();
    too_large_.clear();
    leave_out_free_slots();
    for (ObjectId object : contradicted_) types_[object] = kContradicted;
  }

  void conclude_more() {
    for (int i = 0; i < kMostConclusions; ++i) {
      bool any = say_larger();
      for (const Said& one : say_map_parts()) {
        say(one.object, one.view, one.sure);
        any = true;
      }
      if (!any) return;
      drain();
    }
  }

  bool say_larger() {
    bool any = false;
    for (auto [object, id] : std::exchange(too_large_, {})) {
      if (types_[object] != kNoView) continue;
      const Slot& slot = slots_.of(object);
      Address larger =
          catalog_.find_only_larger(views_[id].type, slot.size_bytes, slot.header_bytes);
      if (larger.is_null()) continue;
      say(object, views_.find(Shape::kValue, larger), false);
      any = true;
    }
    return any;
  }

  // Of a part of the objects it is not known where their references lie.
  std::vector<Said> say_map_parts() {
    if (in_.wanted != nullptr) return {};
    return find_map_parts({in_.objects, in_.references, in_.sightings}, slots_, views_, catalog_,
                          {types_, kView});
  }

  // Of those that are wanted, which are allocated all.
  template <typename Visit>
  void for_each_object(Visit&& visit) {
    if (in_.wanted != nullptr) {
      for (std::size_t i = 0; i < in_.wanted->size(); ++i)
        for (std::uint64_t bits = (*in_.wanted)[i]; bits != 0; bits &= bits - 1)
          visit(static_cast<ObjectId>(i * 64 + std::countr_zero(bits)));
      return;
    }
    for (const snapshot::Span& span : in_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object) visit(object);
  }

  bool is_wanted(ObjectId object) const {
    return in_.wanted == nullptr || ((*in_.wanted)[object / 64] >> (object % 64) & 1) != 0;
  }

  // So that nobody needs to ask whether an object is allocated.
  void leave_out_free_slots() {
    if (in_.wanted != nullptr) return;
    for (const snapshot::Span& span : in_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (!in_.objects.is_allocated(object)) types_[object] = kContradicted;
  }

  template <typename Visit>
  void for_each_sighting(Sighting::By by, Visit&& visit) {
    auto look = [&](ObjectId object, std::uint32_t word) {
      if (word != 0 && Sighting::by(word) == by) visit(object, Sighting::number(word));
    };
    for_each_object([&](ObjectId object) { look(object, in_.sightings.of_objects[object]); });
    for (const TypeSightings::More& more : in_.sightings.more)
      if (is_wanted(more.object)) look(more.object, more.word);
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

  // Code tells least: what a type says of the object comes first. What closures keep is followed.
  void name_closures() {
    for_each_sighting(Sighting::By::kCode, [&](ObjectId object, std::uint32_t number) {
      ViewId now = types_[object];
      if (now == kContradicted) return;
      if (now != kNoView && views_[now & kView].shape != Shape::kFunction) return;
      types_[object] = views_.find(Shape::kClosure, in_.places.code(number));
      queue(object);
      drain_if_full();
    });
    drain();
  }

  // A slice that has all of a slot as its capacity leaves nothing for a struct to go on with behind
  // an array. Of large ones:
  void make_sure_of_full_arrays() {
    for (const TypeSightings::Around& slice : in_.sightings.around) {
      ViewId& type = types_[slice.to];
      if (!slice.known || (type & kSure) != 0 || type <= kContradicted) continue;
      const View& array = views_[type];
      if (array.shape != Shape::kArray || place_in(slice.from, slice.word) != type) continue;
      const Slot& slot = slots_.of(slice.to);
      std::uint64_t start = in_.objects.address(slice.to).value() + slot.header_bytes;
      if (slice.value == start && slice.next <= slice.after &&
          slice.after == slot.room() / array.size_bytes && slot.room() % array.size_bytes == 0)
        type |= kSure;
    }
  }

  void make_sure_of_texts() {
    for (std::size_t i = 0; i < of_strings_.size(); ++i)
      for (std::uint64_t bits = of_strings_[i]; bits != 0; bits &= bits - 1)
        make_sure_of_text(static_cast<ObjectId>(i * 64 + std::countr_zero(bits)));
  }
  void make_sure_of_text(ObjectId object) {
    ViewId& type = types_[object];
    if (type == kNoView) return say(object, text_, false);
    const View& array = views_[type & kView];
    if (type != kContradicted && array.shape == Shape::kArray && views_.is_bytes(array.type))
      type |= kSure;
  }

  // What the type of an object says that a word of it leads to.
  ViewId place_in(ObjectId object, std::uint64_t word) {
    ViewId type = types_[object];
    if (type <= kContradicted) return View::kNoPointer;
    const View& view = views_.placed(type & kView);
    if (view.places.empty() || (word >= view.places.size() && !view.repeats))
      return View::kNoPointer;
    return view.places[word % view.places.size()];
  }

  // What may only be the beginning of something larger.
  void forget_beginnings() {
    for_each_object([&](ObjectId object) {
      ViewId& type = types_[object];
      if (type == kContradicted) type = kNoView;
      if (type == kNoView) return;
      bool sure = (type & kSure) != 0;
      type &= kView;
      const View& view = views_[type];
      bool as_array = view.shape == Shape::kArray;
      if (sure || (!as_array && view.shape != Shape::kValue)) return;
      const Slot& slot = slots_.of(object);
      bool is_full = as_array && in_.sightings.filling_elements[object] == view.size_bytes;
      if (!is_full && may_begin_larger(type, slot.size_bytes, slot.noscan) &&
          !is_in_list(object, view, slot.size_bytes))
        type = kNoView;
    });
  }

  // A list.List begins with a list.Element, whose field `list` is never set; that of an element in
  // a list always is.
  bool is_in_list(ObjectId object, const View& view, std::uint64_t slot_bytes) {
    if (!lists_) lists_ = learn_lists();
    if (view.shape != Shape::kValue || view.type != lists_->element || lists_->word == 0 ||
        object >= in_.objects.row_count() ||
        !catalog_.begin_with(view.type, lists_->list, slot_bytes))
      return false;
    std::uint32_t begin = in_.references.rows[object], end = in_.references.rows[object + 1];
    if (begin == end || in_.sightings.places[begin] == TypeSightings::kUnplaced) return false;
    return !for_each_reference(object, view, begin, end, [&](std::uint64_t word, bool, ObjectId) {
      return word != lists_->word;
    });
  }

  struct Lists {
    Address list, element;   // container/list's; null: the program has none
    std::uint64_t word = 0;  // of the field in an element
  };
  Lists learn_lists() {
    Lists lists{.list = catalog_.find("container/list", "list.List"),
                .element = catalog_.find("container/list", "list.Element")};
    if (const StructType* element = views_.types().find_struct(lists.element))
      for (const TypeMember& member : element->members)
        if (member.name == "list") lists.word = member.offset / 8;
    return lists;
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
    if (id == text_ && slot.noscan) note_text(object);
    id = as_in_slot(slot, id);
    if ((now & kView) == id) {
      if (sure) now |= kSure;
      return;
    }
    if (!can_be(slot, views_[id])) return keep_if_too_large(object, slot, id);
    ViewId believed =
        now == kNoView ? (id | (sure ? kSure : 0)) : choose(now, id | (sure ? kSure : 0));
    if (believed == now) return;
    now = believed;
    if (believed == kContradicted)
      contradicted_.push_back(object);
    else
      queue(object);
  }

  void note_text(ObjectId object) { of_strings_[object / 64] |= std::uint64_t{1} << (object % 64); }

  void keep_if_too_large(ObjectId object, const Slot& slot, ViewId id) {
    const View& view = views_[id];
    if (view.shape == Shape::kValue && !slot.noscan && view.size_bytes < slot.room() &&
        types_[object] == kNoView && too_large_.size() < kMostTooLarge)
      too_large_.push_back({object, id});
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
    // Code alone says least.
    if (a.shape == Shape::kClosure && b.shape != Shape::kFunction) return other;
    if (b.shape == Shape::kClosure && a.shape != Shape::kFunction) return one;
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
    if (view <= View::kAnywhere || object >= in_.objects.count() || !is_wanted(object)) return;
    if (led_to_.full()) say_next();
    __builtin_prefetch(&types_[object], 1);
    slots_.prefetch(object);
    led_to_.put({object, view});
  }

  void lead_into(ObjectId text) {
    if (text < in_.objects.count() && is_wanted(text) && slots_.of(text).noscan) note_text(text);
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
      if (word >= view.places.size()) return view.shape == Shape::kClosure;
      return view.places[word] != View::kNoPointer;
    });
  }

  void follow(ObjectId object, const View& view, std::uint32_t begin, std::uint32_t end) {
    for_each_reference(object, view, begin, end,
                       [&](std::uint64_t word, bool interior, ObjectId target) {
                         ViewId place = word < view.places.size() ? view.places[word] : kNoView;
                         if (!interior)
                           lead_to(target, place);
                         else if (place == text_)
                           lead_into(target);
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
  StructCatalog& catalog_;
  Slots slots_;
  ReservedArray<ViewId> types_;
  ViewId text_;
  std::vector<std::uint64_t> dirty_;
  std::vector<std::uint64_t> of_strings_;  // a bit for each object without pointers
  struct LedTo {
    ObjectId object = kNone;
    ViewId view = kNoView;
  };
  std::vector<LedTo> too_large_;  // objects of unknown type, for what is said of them
  std::vector<ObjectId> work_;
  Ahead<ObjectId> rows_ahead_, edges_ahead_;
  Ahead<LedTo> led_to_;
  std::vector<ObjectId> contradicted_;
  std::optional<Lists> lists_;
  ViewId last_view_ = kNoView;
  std::uint64_t last_slot_ = 0;
  bool last_noscan_ = false, last_answer_ = false;
};

}  // namespace

Spread spread_types(const SpreadInput& input, Views& views, StructCatalog& catalog,
                    const std::vector<Said>& said) {
  return Spreader(input, views, catalog).spread(said);
}

}  // namespace goshawk::goruntime
