// What is known to begin with: headers and interfaces in the heap (type_sightings), interfaces in
// global variables, the variables themselves where debug information tells their types, channels
// that somebody waits on and the values that are waiting to be sent, gs. The rest follows
// (type_spread).
// Where debug information tells variables' types, what goroutines' stacks point to.
#include "goruntime/typing/object_types.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "goruntime/page_cache.h"
#include "goruntime/types/place_in_type.h"
#include "goruntime/typing/fill_reader.h"
#include "goruntime/typing/global_variables.h"
#include "goruntime/typing/local_variables.h"
#include "goruntime/typing/stack_values.h"
#include "goruntime/typing/struct_catalog.h"
#include "goruntime/typing/type_spread.h"
#include "goruntime/typing/views.h"

namespace goshawk::goruntime {
namespace {

using snapshot::kNone;
using snapshot::ObjectId;
using snapshot::ObjectTypes;
using snapshot::RootKind;
using snapshot::Snapshot;

SightedPlaces places_of(const Modules& modules) {
  std::vector<AddressRange> types, text;
  for (const Moduledata& module : modules.all) {
    types.push_back(module.types);
    text.push_back(module.text);
  }
  return {std::move(types), std::move(text)};
}

// Asked by several threads.
class Interfaces {
 public:
  Interfaces(const target::Target& target, const Modules& modules)
      : cache_(target.memory()), types_(cache_, modules) {}
  Address type_of(Address first_word) {
    std::lock_guard lock(mutex_);
    return types_.type_of_interface(first_word);
  }

 private:
  std::mutex mutex_;
  PageCache cache_;
  TypeReader types_;
};

// Whether a word of data or bss is a pointer for the collector.
class GlobalMasks {
 public:
  GlobalMasks(const target::Memory& memory, const Modules& modules) {
    for (const Moduledata& module : modules.all) {
      add(memory, module.data, module.gcdata_mask);
      add(memory, module.bss, module.gcbss_mask);
    }
  }
  // What is in no mask is taken as one.
  bool is_pointer(Address word) const {
    for (const Mask& mask : masks_) {
      if (!mask.range.contains(word)) continue;
      std::uint64_t bit = (word - mask.range.start) / 8;
      return bit / 8 >= mask.bits.size() ||
             (std::to_integer<unsigned>(mask.bits[bit / 8]) >> (bit % 8) & 1) != 0;
    }
    return true;
  }

 private:
  struct Mask {
    AddressRange range;
    std::vector<std::byte> bits;
  };
  void add(const target::Memory& memory, AddressRange range, Bitvector mask) {
    std::uint64_t words = std::min<std::uint64_t>(range.size_bytes() / 8, mask.bits);
    if (auto bits = memory.read_bytes(mask.bytes, (words + 7) / 8))
      masks_.push_back({range, std::move(*bits)});
  }
  std::vector<Mask> masks_;
};

void read_interfaces_in_globals(const target::Memory& memory, PageCache& cache, TypeReader& types,
                                const Modules& modules, const Snapshot& picture,
                                TypeEvidence& into) {
  GlobalMasks masks(memory, modules);
  for (const snapshot::Root& root : picture.roots) {
    if (root.kind != RootKind::kGlobal || masks.is_pointer(root.source - 8)) continue;
    Address first = cache.pointer(root.source - 8);
    Address type = types.type_of_interface(first);
    if (type.is_null() || cache.pointer(root.source) != picture.objects.address(root.object))
      continue;
    into.in_globals.emplace_back(root.object, type);
  }
}

// Where an object's value begins, behind a header.
Address start_of(const snapshot::Objects& objects, std::span<const std::uint8_t> header_bytes,
                 ObjectId object) {
  auto span = static_cast<std::size_t>(&objects.span_of(object) - objects.spans().data());
  return objects.address(object) + (span < header_bytes.size() ? header_bytes[span] : 0);
}

void read_into_the_middle(PageCache& cache, const Snapshot& picture, TypeEvidence& into) {
  for (const snapshot::Root& root : picture.roots)
    if (root.kind == RootKind::kGlobal &&
        cache.pointer(root.source) != start_of(picture.objects, into.header_bytes, root.object))
      into.into_the_middle.push_back(root.source);
  std::ranges::sort(into.into_the_middle);
}

// The words around the references of global variables to what is large.
void read_around_globals(PageCache& cache, const Snapshot& picture, TypeEvidence& into) {
  for (const snapshot::Root& root : picture.roots) {
    if (root.kind != RootKind::kGlobal ||
        picture.objects.size_bytes(root.object) < TypeSightings::kLargeBytes)
      continue;
    auto value = cache.value<std::uint64_t>(root.source);
    auto next = cache.value<std::uint64_t>(root.source + 8);
    auto after = cache.value<std::uint64_t>(root.source + 16);
    into.around_globals.push_back({.to = root.object,
                                   .known = value && next && after,
                                   .source = root.source,
                                   .value = value.value_or(0),
                                   .next = next.value_or(0),
                                   .after = after.value_or(0)});
  }
  std::ranges::stable_sort(into.around_globals, {}, &TypeEvidence::GlobalAround::to);
}

// The sudogs that wait for a channel. Whoever sends has the value on its stack until somebody takes
// it. A queue may lead in a circle.
class ChannelQueues {
 public:
  ChannelQueues(PageCache& cache, const Heap& heap, const WaitFacts& waits, TypeEvidence& into)
      : cache_(cache), heap_(heap), waits_(waits), into_(into) {}

  void read(Address channel, Address type, std::uint64_t size_bytes) {
    bool reads_values = size_bytes > 0 && size_bytes <= kMostValueBytes;
    walk(channel + waits_.hchan.recvq_first, [](Address) {});
    walk(channel + waits_.hchan.sendq_first, [&](Address sudog) {
      Address value = cache_.pointer(sudog + waits_.sudog.elem);
      if (reads_values && !value.is_null()) read_value(value, type, size_bytes / 8);
    });
  }

 private:
  template <typename Visit>
  void walk(Address head, Visit&& visit) {
    for (Address sudog = cache_.pointer(head); !sudog.is_null() && left_ > 0; --left_) {
      auto object = heap_.find(sudog);
      if (object && is_start(*object, sudog)) into_.sudogs.push_back(*object);
      visit(sudog);
      sudog = cache_.pointer(sudog + waits_.sudog.next);
    }
  }

  static constexpr std::uint64_t kMostValueBytes = 256;
  static constexpr std::uint64_t kMost = 4'000'000;

  void read_value(Address value, Address type, std::uint64_t words) {
    Address before;
    for (std::uint64_t word = 0; word < words; ++word) {
      Address held = cache_.pointer(value + word * 8);
      auto object = held.is_null() ? std::nullopt : heap_.find(held);
      if (object && is_start(*object, held)) into_.sent.push_back({*object, type, word, before});
      before = held;
    }
  }
  bool is_start(ObjectId object, Address held) const {
    return start_of(heap_.objects(), into_.header_bytes, object) == held;
  }

  PageCache& cache_;
  const Heap& heap_;
  const WaitFacts& waits_;
  TypeEvidence& into_;
  std::uint64_t left_ = kMost;
};

void read_channels(PageCache& cache, TypeReader& types, const Heap& heap, const WaitFacts& waits,
                   const Snapshot& picture, TypeEvidence& into) {
  ChannelQueues queues(cache, heap, waits, into);
  std::vector<bool> seen(picture.objects.count());
  for (const snapshot::Wait& wait : picture.waits) {
    if (!is_of_channel(wait.operation) || wait.object == kNone || seen[wait.object] ||
        picture.objects.address(wait.object) != wait.address)
      continue;
    seen[wait.object] = true;
    Address type = cache.pointer(wait.address + waits.hchan.elemtype);
    if (types.kind(type) == TypeKind::kNone) continue;
    into.channels.emplace_back(wait.object, type);
    queues.read(wait.address, type, types.size_bytes(type));
  }
}

class Conclusion {
 public:
  Conclusion(const target::Target& target, const Program& program, const Snapshot& picture)
      : program_(program),
        picture_(picture),
        cache_(target.memory()),
        types_(cache_, program.modules),
        catalog_(target.memory(), types_),
        views_(types_, catalog_),
        variables_(program, types_),
        locals_(variables_.debug()) {
    views_.tell_captured([this](Address code) { return find_captured(code); });
  }

  Concluded draw(const TypeEvidence& evidence, const std::vector<std::uint64_t>* wanted) {
    say_runtime(evidence);
    if (wanted == nullptr) say_globals(evidence);
    say_locals(evidence);
    SpreadInput input{.objects = picture_.objects,
                      .references = picture_.references,
                      .sightings = evidence.sightings,
                      .places = evidence.places,
                      .header_bytes = evidence.header_bytes,
                      .wanted = wanted};
    Spread spread = spread_types(input, views_, catalog_, said_);
    Concluded concluded;
    if (wanted == nullptr)
      concluded.fill = read_fill(picture_, evidence, views_, {&variables_, &program_.functions},
                                 spread.of_objects);
    concluded.types = number_by_name(std::move(spread.of_objects), wanted);
    return concluded;
  }

 private:
  void say(ObjectId object, ViewId view, bool sure) {
    if (view != kNoView && object != kNone) said_.push_back({object, view, sure});
  }

  void say_runtime(const TypeEvidence& evidence) {
    ViewId g = views_.find(Shape::kValue, catalog_.find("runtime", "runtime.g"));
    for (const snapshot::Goroutine& goroutine : picture_.goroutines)
      say(goroutine.descriptor_object, g, true);
    for (auto [object, element] : evidence.channels)
      say(object, views_.find(Shape::kChannel, element), true);
    ViewId p = views_.find(Shape::kValue, catalog_.find("runtime", "runtime.p"));
    for (ObjectId object : evidence.ps) say(object, p, true);
    ViewId sudog = views_.find(Shape::kValue, catalog_.find("runtime", "runtime.sudog"));
    for (ObjectId object : evidence.sudogs) say(object, sudog, true);
    for (const TypeEvidence::Sent& sent : evidence.sent) say_sent(sent);
    for (const LargeChannel& one : evidence.large_channels)
      say(one.fill.channel, views_.find(Shape::kChannel, one.element), false);
    ViewId parts = views_.find(Shape::kArray, catalog_.find("sync", "sync.poolLocal"));
    for (const UsedPool& one : evidence.pools.pools)
      for (ObjectId array : {one.fill.local, one.fill.victim}) say(array, parts, true);
    say_interfaces(evidence.pools.values);
  }

  void say_interfaces(const std::vector<std::pair<ObjectId, Address>>& interfaces) {
    for (auto [object, type] : interfaces) {
      bool is_box = false;
      ViewId view = views_.find_behind_interface(type, is_box);
      say(object, view, is_box);
    }
  }

  void say_sent(const TypeEvidence::Sent& sent) {
    ViewId value = views_.find(Shape::kValue, sent.type);
    if (value == kNoView) return;
    const std::vector<ViewId>& places = views_.placed(value).places;
    if (sent.word >= places.size() || places[sent.word] == View::kNoPointer) return;
    if (places[sent.word] != View::kAnywhere) return say(sent.object, places[sent.word], false);
    bool is_interface = sent.word > 0 && places[sent.word - 1] == View::kNoPointer;
    if (!is_interface) return;
    Address type = types_.type_of_interface(sent.before);
    bool is_box = false;
    ViewId view = views_.find_behind_interface(type, is_box);
    say(sent.object, view, is_box);
  }

  void say_globals(const TypeEvidence& evidence) {
    say_interfaces(evidence.in_globals);
    StaticObjects nameless(evidence.static_pointers, variables_, types_);
    for (const snapshot::Root& root : picture_.roots) {
      if (root.kind != RootKind::kGlobal) continue;
      auto variable = variables_.find(root.source);
      PlaceInType place = variable ? variables_.find_place(*variable) : PlaceInType{};
      bool in_the_middle = std::ranges::binary_search(evidence.into_the_middle, root.source);
      // Of what is in the middle nothing follows but that a string leads into text.
      if (!in_the_middle || place.kind == TypeKind::kString)
        say(root.object, view_at(place), false);
      if (in_the_middle) continue;
      // runtime/iface.go itabAdd: larger than its type says.
      if (variable && variable->name == "runtime.itabTable")
        say(root.object, views_.find(Shape::kItabTable, {}), true);
      if (place.kind != TypeKind::kNone) continue;
      for (const PlaceInType& one : nameless.find(root.source))
        say(root.object, view_at(one), false);
    }
  }

  // What variables in frames lead to, and what those lead to that lies in the stack itself.
  void say_locals(const TypeEvidence& evidence) {
    StackValues values(evidence.stack_slots, views_);
    std::vector<ViewId> found;
    for (const StackSlot& slot : evidence.stack_slots) {
      found.clear();
      for (const PlaceInType& place : locals_.find(slot.pc, slot.place, slot.in_object))
        if (ViewId view = view_at(place); view != kNoView) found.push_back(view);
      values.lead(slot, only_one(found));
    }
    values.follow();
    for (auto [slot, view] : values.led_to())
      if (slot->into == header_bytes(evidence, slot->object)) say(slot->object, view, false);
  }

  std::uint64_t header_bytes(const TypeEvidence& evidence, ObjectId object) const {
    const snapshot::Span& span = picture_.objects.span_of(object);
    auto index = static_cast<std::size_t>(&span - picture_.objects.spans().data());
    return index < evidence.header_bytes.size() ? evidence.header_bytes[index] : 0;
  }

  // What variables that share a word agree on: a slice's array is what the pointer in it leads to.
  ViewId only_one(const std::vector<ViewId>& said) const {
    ViewId one = kNoView;
    for (ViewId view : said) {
      if (one == kNoView || one == view || is_element_of(views_[one], views_[view]))
        one = view;
      else if (!is_element_of(views_[view], views_[one]))
        return kNoView;
    }
    return one;
  }
  static bool is_element_of(const View& value, const View& array) {
    return value.shape == Shape::kValue && array.shape == Shape::kArray && value.type == array.type;
  }

  std::vector<std::pair<std::uint64_t, ViewId>> find_captured(Address code) {
    std::vector<std::pair<std::uint64_t, ViewId>> captured;
    FunctionId function = program_.functions.find(code);
    if (function == kNoFunction) return captured;
    for (const auto& [offset, place] :
         locals_.find_captured(code, program_.functions.name(function)))
      if (ViewId view = view_at(place); view != kNoView) captured.emplace_back(offset, view);
    return captured;
  }

  ViewId view_at(const PlaceInType& place) {
    if (place.offset != 0) return kNoView;
    switch (place.kind) {
      case TypeKind::kPointer:
        return views_.find(Shape::kValue, place.element);
      case TypeKind::kSlice:
        return views_.find(Shape::kArray, place.element);
      case TypeKind::kString:
        return views_.find(Shape::kText, {});
      case TypeKind::kMap:
        return views_.find(Shape::kMap, place.type);
      case TypeKind::kChan:
        return views_.find(Shape::kChannel, types_.element(place.type));
      case TypeKind::kFunc:
        return views_.find(Shape::kFunction, place.type);
      default:
        return kNoView;
    }
  }

  static Address descriptor_of(const View& view) {
    bool is_told =
        view.shape == Shape::kValue || view.shape == Shape::kArray || view.shape == Shape::kMap;
    return is_told ? view.type : Address();
  }

  // Different things of one name are one type to a reader.
  ObjectTypes number_by_name(ReservedArray<ViewId> of_objects,
                             const std::vector<std::uint64_t>* wanted) {
    ObjectTypes types;
    types.names.emplace_back();
    types.descriptors.emplace_back();
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::vector<std::uint32_t> of_views(views_.size(), ObjectTypes::kUnknown);
    std::vector<bool> named(views_.size());
    for (const snapshot::Span& span : picture_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
        if (wanted != nullptr && (*wanted)[object / 64] == 0) {
          object |= 63;  // nor is any of the 64 around it
          continue;
        }
        ViewId view = of_objects[object];
        if (view == kNoView) continue;
        if (!named[view]) {
          named[view] = true;
          std::string name = views_.name(view, &program_.functions);
          if (!name.empty()) {
            auto [entry, is_new] = numbers.try_emplace(name, types.names.size());
            if (is_new) {
              types.names.push_back(std::move(name));
              types.descriptors.push_back(descriptor_of(views_[view]));
            } else if (types.descriptors[entry->second] != descriptor_of(views_[view])) {
              types.descriptors[entry->second] = Address();
            }
            of_views[view] = entry->second;
          }
        }
        of_objects[object] = of_views[view];
      }
    types.of_objects = std::move(of_objects);
    return types;
  }

  const Program& program_;
  const Snapshot& picture_;
  PageCache cache_;
  TypeReader types_;
  StructCatalog catalog_;
  Views views_;
  GlobalVariables variables_;
  LocalVariables locals_;
  std::vector<Said> said_;
};

class Teller final : public snapshot::TypeTeller {
 public:
  Teller(const target::Target& target, const Program& program, const Heap& heap,
         const Snapshot& picture)
      : target_(target), program_(program), heap_(heap), picture_(picture) {}

  const ObjectTypes* tell(const std::vector<std::uint64_t>& wanted) override {
    TypeEvidence evidence = read_type_evidence(target_, program_, heap_, picture_, &wanted);
    told_ = conclude_types(target_, program_, picture_, evidence, &wanted).types;
    return &told_;
  }

 private:
  const target::Target& target_;
  const Program& program_;
  const Heap& heap_;
  const Snapshot& picture_;
  ObjectTypes told_;
};

}  // namespace

TypeEvidence read_type_evidence(const target::Target& target, const Program& program,
                                const Heap& heap, const Snapshot& picture,
                                const std::vector<std::uint64_t>* wanted) {
  SightedPlaces places = places_of(program.modules);
  Interfaces interfaces(target, program.modules);
  const Functions& functions = program.functions;
  TypeEvidence evidence{
      .sightings = heap.read_type_sightings(
          {.references = picture.references,
           .places = places,
           .type_of_interface = [&](Address word) { return interfaces.type_of(word); },
           .is_function_entry =
               [&](Address entry) {
                 FunctionId function = functions.find(entry);
                 return function != kNoFunction && functions.entry(function) == entry;
               },
           .wanted = wanted}),
      .places = places,
      .header_bytes = heap.header_bytes_of_spans(),
      .channels = {},
      .sudogs = {},
      .in_globals = {},
      .sent = {},
      .with_finalizers = {},
      .ps = {},
      .stack_slots = {},
      .static_pointers = {},
      .into_the_middle = {},
      .around_globals = {},
      .large_channels = {},
      .pools = {}};
  PageCache cache(target.memory());
  TypeReader types(cache, program.modules);
  read_channels(cache, types, heap, program.waits, picture, evidence);
  if (wanted == nullptr) {
    read_interfaces_in_globals(target.memory(), cache, types, program.modules, picture, evidence);
    read_into_the_middle(cache, picture, evidence);
    read_around_globals(cache, picture, evidence);
    evidence.static_pointers = read_static_pointers(target.memory(), program.modules);
    evidence.large_channels =
        read_large_channels(target.memory(), types, program.waits.hchan,
                            {heap.objects(), evidence.sightings.around, evidence.header_bytes});
    evidence.pools = read_pools(target.memory(), program, heap.objects(), types);
  }
  return evidence;
}

Concluded conclude_types(const target::Target& target, const Program& program,
                         const Snapshot& picture, const TypeEvidence& evidence,
                         const std::vector<std::uint64_t>* wanted) {
  return Conclusion(target, program, picture).draw(evidence, wanted);
}

std::unique_ptr<snapshot::TypeTeller> make_type_teller(const target::Target& target,
                                                       const Program& program, const Heap& heap,
                                                       const Snapshot& picture) {
  return std::make_unique<Teller>(target, program, heap, picture);
}

}  // namespace goshawk::goruntime
