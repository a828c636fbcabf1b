// No program can have a pointer to where a map's entries begin: only the map's header has one
// (runtime/map.go hmap, internal/runtime/maps Map), a table of it, another bucket before it, and
// iterators, which lie in larger slots than headers. Nor a pointer to a table: only directories and
// iterators have. So what leads there from the word in which a header or a table has its pointer,
// lies in the slot of one, and leads nowhere else but a header does, is one.
#include "goruntime/typing/map_parts.h"

#include <algorithm>

#include "goruntime/facts/size_class.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ObjectId;

class Search {
 public:
  Search(const PlacedReferences& placed, const Slots& slots, Views& views,
         const StructCatalog& catalog, KnownViews known)
      : placed_(placed), slots_(slots), views_(views), catalog_(catalog), known_(known) {}

  std::vector<Said> run() {
    for (const snapshot::Span& span : placed_.objects.spans()) {
      if (span.noscan) break;
      if (span.element_size_bytes > kLargestDirectory) continue;
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (known_[object] == kNoView) look_at(object);
    }
    return std::move(found_);
  }

 private:
  // Larger ones have a header that says what they are; before 1.24 maps had no directories.
  static constexpr std::uint64_t kLargestDirectory = 512;

  std::uint64_t word_of(std::uint32_t at) const {
    return placed_.sightings.places[at] & TypeSightings::kWordBits;
  }
  bool is_interior(std::uint32_t at) const {
    return (placed_.sightings.places[at] & TypeSightings::kInterior) != 0;
  }

  void look_at(ObjectId object) {
    std::uint32_t begin = placed_.references.rows[object];
    std::uint32_t end = placed_.references.rows[object + 1];
    if (begin == end || placed_.sightings.places[begin] == TypeSightings::kUnplaced) return;
    if (is_interior(begin) || slots_.of(object).header_bytes != 0) return;
    ViewId led_to = known_[placed_.references.edges[begin]];
    if (led_to <= View::kAnywhere) return;
    Shape shape = views_[led_to].shape;
    if (shape == Shape::kMapTable) return look_at_directory(object, begin, end, led_to);
    Address map = shape == Shape::kMapStorage     ? catalog_.find_map(views_[led_to].type)
                  : shape == Shape::kMapDirectory ? views_[led_to].type
                                                  : Address();
    if (map.is_null()) return;
    if (is_part(object, begin, end, Shape::kMap, map)) return say(object, Shape::kMap, map);
    if (shape == Shape::kMapStorage && views_.is_swiss(map) &&
        is_part(object, begin, end, Shape::kMapTable, map))
      say(object, Shape::kMapTable, map);
  }

  bool is_part(ObjectId object, std::uint32_t begin, std::uint32_t end, Shape shape, Address map) {
    ViewId id = views_.find(shape, map);
    if (id == kNoView) return false;
    const View& view = views_.placed(id);
    auto first = std::ranges::find_if(view.places, [](ViewId to) { return to > View::kAnywhere; });
    auto leads_as_it_does = [&](std::uint32_t at) {
      return word_of(at) < view.places.size() && view.places[word_of(at)] != View::kNoPointer;
    };
    for (std::uint32_t at = begin; at < end; ++at)
      if (!leads_as_it_does(at)) return false;
    return slots_.of(object).size_bytes == find_slot_bytes(view.size_bytes) &&
           word_of(begin) == static_cast<std::uint64_t>(first - view.places.begin());
  }

  // A pointer to a table in each word, from the first one on.
  void look_at_directory(ObjectId object, std::uint32_t begin, std::uint32_t end, ViewId table) {
    for (std::uint32_t at = begin; at < end; ++at)
      if (word_of(at) != at - begin || is_interior(at) ||
          known_[placed_.references.edges[at]] != table)
        return;
    if (find_slot_bytes((end - begin) * std::uint64_t{8}) == slots_.of(object).size_bytes)
      say(object, Shape::kMapDirectory, views_[table].type);
  }

  void say(ObjectId object, Shape shape, Address map) {
    found_.push_back({object, views_.find(shape, map), false});
  }

  const PlacedReferences& placed_;
  const Slots& slots_;
  Views& views_;
  const StructCatalog& catalog_;
  KnownViews known_;
  std::vector<Said> found_;
};

}  // namespace

std::vector<Said> find_map_parts(const PlacedReferences& placed, const Slots& slots, Views& views,
                                 const StructCatalog& catalog, KnownViews known) {
  return Search(placed, slots, views, catalog, known).run();
}

}  // namespace goshawk::goruntime
