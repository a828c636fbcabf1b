// For tests and fuzzers: a small heap and the descriptors of its types, each object in a span of
// its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "goruntime/page_cache.h"
#include "goruntime/testing/synthetic_descriptors.h"
#include "goruntime/typing/fill_reader.h"
#include "goruntime/typing/type_spread.h"

namespace goshawk::goruntime::testing {

struct Edge {
  std::uint64_t offset = 0;
  snapshot::ObjectId to = snapshot::kNone;
  bool interior = false;
};

class DrawnHeap : public SyntheticDescriptors {
 public:
  static constexpr Address kText{0x400000};

  DrawnHeap() {
    Address main = add_name("main", 0);
    text = with_pointers(add_type("string", 24, 16), 8);
    node_pointer = with_pointers(add_type("*main.node", 22, 8, 8), 8);
    node = with_pointers(
        add_struct_of(main, "main.node", 24, {{"next", node_pointer, 0}, {"text", text, 8}}), 16);
    memory.write_pointer(node_pointer + 48, node);
    stranger = with_pointers(
        add_struct_of(main, "main.stranger", 24, {{"text", text, 0}, {"count", word, 16}}), 8);
    Address words = add_array(word, 32);
    small = with_pointers(
        add_struct_of(main, "main.small", 40, {{"node", node_pointer, 0}, {"all", words, 8}}), 8);
    byte_slice = with_pointers(add_type("[]uint8", 23, 24), 8);
    memory.write_pointer(byte_slice + 48, add_type("uint8", 8, 1));
    head = with_pointers(
        add_struct_of(main, "main.head", 32, {{"bytes", byte_slice, 0}, {"n", word, 24}}), 8);
    wide = with_pointers(
        add_struct_of(main, "main.wide", 48, {{"small", small, 0, true}, {"flag", word, 40}}), 8);
  }

  Address with_pointers(Address type, std::uint64_t pointer_bytes) {
    memory.write(type + 8, pointer_bytes);
    return type;
  }
  Address pointer_to(Address type) {
    Address pointer = with_pointers(add_type("*T", 22, 8, 8), 8);
    memory.write_pointer(pointer + 48, type);
    return pointer;
  }

  snapshot::ObjectId add(std::uint64_t bytes) { return add_span(bytes, 0); }
  snapshot::ObjectId add_with_header(std::uint64_t bytes) { return add_span(bytes, 8); }
  // After all others.
  snapshot::ObjectId add_noscan(std::uint64_t bytes) {
    snapshot::ObjectId object = add_span(bytes, 0);
    spans_.back().noscan = true;
    return object;
  }
  void points(snapshot::ObjectId from, const std::vector<Edge>& edges) { edges_[from / 2] = edges; }
  void unplace(snapshot::ObjectId object) { unplaced_.push_back(object); }
  void seen_in_interface(snapshot::ObjectId object, Address type) {
    see(object, Sighting::By::kInterface, places.number_of_type(type));
  }
  void seen_in_header(snapshot::ObjectId object, Address type) {
    see(object, Sighting::By::kHeader, places.number_of_type(type));
  }
  void seen_code(snapshot::ObjectId object) {
    see(object, Sighting::By::kCode, places.number_of_code(kText + 64));
  }

  // Every closure keeps a pointer to a value of the type there.
  void captures(std::uint64_t offset, Address type) { captured_.emplace_back(offset, type); }

  // As of the memory that is given: a fuzzer has changed it.
  void spread(const target::Memory& of) {
    picture_.objects = snapshot::Objects(spans_);
    for (const snapshot::Span& span : picture_.objects.spans())
      picture_.objects.allocated[span.first / 64] |= std::uint64_t{1} << (span.first % 64);
    draw_references();
    cache_ = std::make_unique<PageCache>(of);
    types_ = std::make_unique<TypeReader>(*cache_, AddressRange{kTypes, kTypes + kBytes});
    StructCatalog catalog(of, *types_);
    views_ = std::make_unique<Views>(*types_, catalog);
    views_->tell_captured([this](Address) {
      std::vector<std::pair<std::uint64_t, ViewId>> captured;
      for (auto [offset, type] : captured_)
        captured.emplace_back(offset, views_->find(Shape::kValue, type));
      return captured;
    });
    std::ranges::sort(evidence_.sightings.more);
    spread_ = spread_types({.objects = picture_.objects,
                            .references = picture_.references,
                            .sightings = evidence_.sightings,
                            .places = places,
                            .header_bytes = evidence_.header_bytes},
                           *views_, catalog, {});
  }
  void spread() { spread(memory); }

  // How full objects are, once they have types. References to large ones, by these; `next` and
  // `after` are the two words behind it.
  void large_reference(snapshot::ObjectId from, std::uint64_t offset, snapshot::ObjectId to,
                       std::uint64_t into, std::uint64_t next = 0, std::uint64_t after = 0,
                       std::uint64_t first = 0) {
    evidence_.sightings.around.push_back({.from = from,
                                          .to = to,
                                          .word = static_cast<std::uint32_t>(offset / 8),
                                          .known = true,
                                          .value = picture_.objects.address(to).value() + into,
                                          .next = next,
                                          .after = after,
                                          .first = first});
  }
  void is_filled_by(snapshot::ObjectId object, std::uint8_t element_bytes) {
    filled_.emplace_back(object, element_bytes);
  }
  TypeEvidence& evidence() { return evidence_; }
  snapshot::Snapshot& picture() { return picture_; }
  snapshot::Fill read_fill() {
    std::ranges::stable_sort(evidence_.sightings.around, {}, &TypeSightings::Around::to);
    return goruntime::read_fill(picture_, evidence_, *views_, {}, spread_.of_objects);
  }

  std::string type_of(snapshot::ObjectId object) {
    ViewId view = spread_.of_objects[object];
    return view == kNoView ? "" : views_->name(view, nullptr);
  }
  Shape shape_of(snapshot::ObjectId object) const {
    return (*views_)[spread_.of_objects[object]].shape;
  }
  std::uint64_t contradicted() const { return spread_.contradicted; }
  std::uint32_t object_count() const { return picture_.objects.count(); }

  SightedPlaces places{{{kTypes, kTypes + kBytes}}, {{kText, kText + 0x1000}}};
  Address text, node, node_pointer, stranger, small, wide, byte_slice, head;

 private:
  snapshot::ObjectId add_span(std::uint64_t bytes, std::uint8_t header_bytes) {
    spans_.push_back({.base = Address(0xc000000000 + spans_.size() * 8192),
                      .element_size_bytes = bytes,
                      .slots = 1});
    evidence_.header_bytes.push_back(header_bytes);
    edges_.emplace_back();
    return static_cast<snapshot::ObjectId>((spans_.size() - 1) * 2);
  }

  void see(snapshot::ObjectId object, Sighting::By by, std::uint32_t number) {
    evidence_.sightings.more.push_back({object, static_cast<std::uint32_t>(by) | number});
  }

  void draw_references() {
    std::size_t count = 0;
    for (const auto& edges : edges_) count += edges.size();
    picture_.references.rows = ReservedArray<std::uint32_t>(picture_.objects.count() + 1);
    picture_.references.edges = ReservedArray<snapshot::ObjectId>(count + 1);
    evidence_.sightings.places = ReservedArray<std::uint16_t>(count + 1);
    evidence_.sightings.of_objects = ReservedArray<std::uint32_t>(picture_.objects.count());
    evidence_.sightings.filling_elements = ReservedArray<std::uint8_t>(picture_.objects.count());
    for (auto [object, element] : filled_) evidence_.sightings.filling_elements[object] = element;
    std::uint32_t at = 0;
    for (std::size_t span = 0; span < edges_.size(); ++span) {
      picture_.references.rows[span * 2] = at;
      for (const Edge& edge : edges_[span]) {
        picture_.references.edges[at] = edge.to;
        evidence_.sightings.places[at++] = static_cast<std::uint16_t>(
            edge.offset / 8 | (edge.interior ? TypeSightings::kInterior : 0));
      }
      picture_.references.rows[span * 2 + 1] = at;
    }
    for (snapshot::ObjectId object : unplaced_)
      evidence_.sightings.places[picture_.references.rows[object]] = TypeSightings::kUnplaced;
  }

  std::vector<snapshot::Span> spans_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<snapshot::ObjectId> unplaced_;
  TypeEvidence evidence_{.sightings = {},
                         .places = {{}, {}},
                         .header_bytes = {},
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
  std::vector<std::pair<std::uint64_t, Address>> captured_;
  std::vector<std::pair<snapshot::ObjectId, std::uint8_t>> filled_;
  snapshot::Snapshot picture_;
  std::unique_ptr<PageCache> cache_;
  std::unique_ptr<TypeReader> types_;
  std::unique_ptr<Views> views_;
  Spread spread_;
};

}  // namespace goshawk::goruntime::testing
