// An hchan tells what it is by how its words agree: buf leads to where its elements lie, elemtype
// is a type of elemsize bytes, dataqsiz of them take a slot of the size that is there, and the next
// one to be sent lies qcount behind the next one to be received (runtime/chan.go makechan, send,
// recv). So no type that leads to it has to be known.
//
// Where elements have pointers, the buffer is an object of its own, to which a word of the hchan
// leads: those words are asked about. Else hchan and buffer are one object without pointers: each
// such object that is large enough is asked about.
#include "goruntime/typing/large_channels.h"

#include <algorithm>

#include "goruntime/facts/size_class.h"
#include "goruntime/heap/heap_gather.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ChannelFill;
using snapshot::ObjectId;
using snapshot::Span;

struct Candidate {
  ObjectId channel = snapshot::kNone, buffer = snapshot::kNone;
  Address elements;                // where they begin
  std::uint64_t buffer_bytes = 0;  // of the slot from there on
};

class Search {
 public:
  Search(TypeReader& types, const facts::HchanFact& fact, const LargeChannelRequest& request)
      : types_(types), fact_(fact), request_(request) {}

  std::vector<LargeChannel> read(const target::Memory& memory) {
    find_with_pointers();
    find_without_pointers();
    std::vector<GatherRequest> requests;
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      requests.push_back({request_.objects.address(candidates_[i].channel), fact_.size_bytes,
                          static_cast<std::uint32_t>(i)});
    gather(memory, requests,
           [&](std::uint32_t i, ByteView bytes) { look_at(candidates_[i], bytes); });
    std::ranges::sort(found_, {}, [](const LargeChannel& one) { return one.fill.channel; });
    auto twice =
        std::ranges::unique(found_, {}, [](const LargeChannel& one) { return one.fill.channel; });
    found_.erase(twice.begin(), twice.end());
    return std::move(found_);
  }

 private:
  void find_with_pointers() {
    const snapshot::Objects& objects = request_.objects;
    std::uint64_t hchan_slot = find_slot_bytes(fact_.size_bytes);
    for (const TypeSightings::Around& around : request_.around) {
      std::uint64_t slot = objects.size_bytes(around.to);
      if (!around.known || std::uint64_t{around.word} * 8 != fact_.buf ||
          slot < ChannelFill::kLeastBytes || objects.size_bytes(around.from) != hchan_slot)
        continue;
      const Span& span = objects.span_of(around.to);
      std::size_t index = static_cast<std::size_t>(&span - objects.spans().data());
      std::uint64_t header = request_.header_bytes[index];
      Address elements = objects.address(around.to) + header;
      if (Address(around.value) == elements)
        candidates_.push_back({around.from, around.to, elements, slot - header});
    }
  }

  void find_without_pointers() {
    const snapshot::Objects& objects = request_.objects;
    for (const Span& span : objects.spans()) {
      if (!span.noscan || span.element_size_bytes < ChannelFill::kLeastBytes + fact_.size_bytes)
        continue;
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (objects.is_allocated(object))
          candidates_.push_back({object, object, objects.address(object) + fact_.size_bytes,
                                 span.element_size_bytes - fact_.size_bytes});
    }
  }

  void look_at(const Candidate& candidate, ByteView hchan) {
    auto word = [&](std::uint32_t at) { return load<std::uint64_t>(hchan, at).value_or(0); };
    std::uint64_t length = word(fact_.qcount), capacity = word(fact_.dataqsiz);
    std::uint64_t send = word(fact_.sendx), receive = word(fact_.recvx);
    std::uint32_t closed = load<std::uint32_t>(hchan, fact_.closed).value_or(2);
    if (Address(word(fact_.buf)) != candidate.elements || length > capacity ||
        receive >= capacity || closed > 1)
      return;
    std::uint64_t left = capacity - receive;  // no sum that could be too large
    if (send != (length >= left ? length - left : receive + length)) return;
    Address element(word(fact_.elemtype));
    if (types_.kind(element) == TypeKind::kNone) return;
    std::uint64_t size = types_.size_bytes(element), bytes = 0;
    bool has_pointers = types_.pointer_bytes(element) != 0;
    if (size == 0 || size != load<std::uint16_t>(hchan, fact_.elemsize) ||
        has_pointers != (candidate.channel != candidate.buffer) ||
        __builtin_mul_overflow(capacity, size, &bytes) || bytes < ChannelFill::kLeastBytes ||
        !fits(candidate, bytes))
      return;
    found_.push_back({element,
                      {.channel = candidate.channel,
                       .buffer = candidate.buffer,
                       .length = length,
                       .capacity = capacity,
                       .element_bytes = size,
                       .closed = closed == 1}});
  }

  // In the slot that the runtime takes for so many, and in no larger one.
  bool fits(const Candidate& candidate, std::uint64_t bytes) const {
    std::uint64_t slot = request_.objects.size_bytes(candidate.buffer);
    return bytes <= candidate.buffer_bytes &&
           find_slot_bytes(bytes + (slot - candidate.buffer_bytes)) == slot;
  }

  TypeReader& types_;
  const facts::HchanFact& fact_;
  const LargeChannelRequest& request_;
  std::vector<Candidate> candidates_;
  std::vector<LargeChannel> found_;
};

}  // namespace

std::vector<LargeChannel> read_large_channels(const target::Memory& memory, TypeReader& types,
                                              const facts::HchanFact& fact,
                                              const LargeChannelRequest& request) {
  return Search(types, fact, request).read(memory);
}

}  // namespace goshawk::goruntime
