// A context keeps its done channel in context.cancelCtx (context/context.go), which a timerCtx
// embeds at its head (by a pointer in 1.20): {Context iface @0, mu @16, done atomic.Value @24 =
// {type of chan struct{}, channel}, children map @40} since before 1.19. So the objects that refer
// to a channel in question are looked up in the references, and asked whether those words stand
// there. The arguments of a call may have a channel and its type in the same place ([]any,
// []reflect.Value), but no Context at their head.
//
// Its ancestors are found as propagateCancel finds them: from the embedded Context on, whose
// dynamic type the interface names. What embeds a Context without being one of package context's
// own types is passed through; where nothing is embedded the chain ends.
#include "goruntime/goroutines/contexts.h"

#include <algorithm>
#include <unordered_map>

namespace goshawk::goruntime {

using snapshot::Context;
using snapshot::kNone;
using snapshot::ObjectId;
using snapshot::Wait;

namespace {

constexpr std::uint32_t kDoneType = 24, kDoneChannel = 32;
constexpr std::size_t kMostContexts = 10'000'000;
constexpr int kDeepestEmbedding = 8;

bool may_be_done_channel(const Wait& wait) {
  bool receives = wait.operation == snapshot::WaitOperation::kReceive ||
                  wait.operation == snapshot::WaitOperation::kSelectReceive;
  return receives && wait.capacity == 0 && wait.object != kNone && !wait.is_timer_channel;
}

// A bit for each object that is asked about.
std::vector<bool> find_asked(const snapshot::Snapshot& picture, std::uint32_t count) {
  std::vector<bool> asked;
  for (const Wait& wait : picture.waits) {
    if (!may_be_done_channel(wait)) continue;
    if (asked.empty()) asked.resize(count);
    asked[wait.object] = true;
  }
  return asked;
}

class ContextFinder {
 public:
  ContextFinder(PageCache& cache, TypeReader& types, const Heap& heap, snapshot::Snapshot& picture)
      : cache_(cache), types_(types), heap_(heap), picture_(picture) {}

  void find_waited_on(const std::vector<bool>& asked) {
    const snapshot::Objects& objects = heap_.objects();
    const snapshot::References& references = picture_.references;
    for (const snapshot::Span& span : objects.spans()) {
      if (span.noscan || span.element_size_bytes < kDoneChannel + 8) continue;
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at)
          if (ObjectId channel = references.edges[at]; channel < asked.size() && asked[channel])
            add_if_context(span.base + (object - span.first) * span.element_size_bytes, object,
                           channel);
    }
  }

  // Grows while it is walked: ancestors come behind their descendants.
  void find_ancestors() {
    for (std::size_t i = 0; i < picture_.contexts.size(); ++i) {
      ObjectId parent = picture_.contexts[i].type == kNone ? follow_interface(address_of(i))
                                                           : follow_embedded(i, address_of(i));
      picture_.contexts[i].parent = parent;
    }
    for (std::size_t i = 0; i < told_later_.size(); ++i)
      follow_embedded(told_later_[i], address_of(told_later_[i]));
  }

  void sort() { std::ranges::sort(picture_.contexts, {}, &Context::object); }

 private:
  Address address_of(std::size_t context) const {
    return heap_.objects().address(picture_.contexts[context].object);
  }

  void add_if_context(Address at, ObjectId object, ObjectId channel) {
    if (cache_.pointer(at + kDoneChannel) == heap_.objects().address(channel) &&
        is_channel_of_nothing(cache_.pointer(at + kDoneType)) &&
        types_.name(types_.interface_of_itab(cache_.pointer(at))) == "context.Context")
      add({.object = object, .done = channel});
  }

  // chan struct{}
  bool is_channel_of_nothing(Address type) {
    Address element = types_.is_channel(type) ? types_.element(type) : Address();
    return types_.kind(element) == TypeKind::kStruct && types_.size_bytes(element) == 0;
  }

  void add(const Context& context) {
    if (picture_.contexts.size() >= kMostContexts) return;
    auto [entry, is_new] = known_.try_emplace(context.object, picture_.contexts.size());
    if (is_new) picture_.contexts.push_back(context);
  }

  // The context in an interface: noted, with its type; kNone when it does not lie in the heap (the
  // background context) or is nothing that can be read.
  ObjectId follow_interface(Address interface) {
    Address type = types_.type_of_itab(cache_.pointer(interface));
    if (types_.kind(type) != TypeKind::kPointer) return kNone;
    return note(cache_.pointer(interface + 8), types_.element(type));
  }

  ObjectId note(Address at, Address type) {
    auto object = heap_.find(at);
    if (!object || heap_.objects().address(*object) != at) return kNone;
    Context context{.object = *object, .type = picture_.strings.intern(types_.name(type))};
    descriptors_[*object] = type;
    add(context);
    auto known = known_.find(*object);
    if (known == known_.end()) return *object;  // there are too many
    snapshot::StringId& told = picture_.contexts[known->second].type;
    if (told == kNone) told_later_.push_back(known->second);
    told = context.type;
    return *object;
  }

  // A struct of known type: its own Context, or that of what it embeds.
  ObjectId follow_embedded(std::size_t index, Address at) {
    Address type = descriptors_[picture_.contexts[index].object];
    for (int depth = 0; depth < kDeepestEmbedding; ++depth) {
      const StructType* found = types_.find_struct(type);
      if (found == nullptr) return kNone;
      if (types_.name(type) == "context.cancelCtx") read_cancel(index, *found, at);
      const TypeMember* embedded = find_embedded(*found);
      if (embedded == nullptr) return kNone;
      at = at + embedded->offset;
      type = embedded->type;
      if (types_.kind(type) == TypeKind::kInterface) return follow_interface(at);
      if (types_.kind(type) == TypeKind::kPointer)
        return note(cache_.pointer(at), types_.element(type));
    }
    return kNone;
  }

  // The first embedded field that is, or may hold, a Context.
  const TypeMember* find_embedded(const StructType& in) {
    for (const TypeMember& member : in.members) {
      if (!member.embedded) continue;
      TypeKind kind = types_.kind(member.type);
      if (kind == TypeKind::kStruct && member.size_bytes > 0) return &member;
      if (kind == TypeKind::kInterface && types_.name(member.type) == "context.Context")
        return &member;
      if (kind == TypeKind::kPointer && types_.find_struct(types_.element(member.type)) != nullptr)
        return &member;
    }
    return nullptr;
  }

  void read_cancel(std::size_t index, const StructType& cancel, Address at) {
    for (const TypeMember& member : cancel.members) {
      if (member.name == "children" && types_.kind(member.type) == TypeKind::kMap)
        picture_.contexts[index].children =
            heap_.find(cache_.pointer(at + member.offset)).value_or(kNone);
      if (member.name == "done" && types_.is_channel(cache_.pointer(at + member.offset)))
        picture_.contexts[index].done =
            heap_.find(cache_.pointer(at + (member.offset + 8))).value_or(kNone);
    }
  }

  PageCache& cache_;
  TypeReader& types_;
  const Heap& heap_;
  snapshot::Snapshot& picture_;
  std::unordered_map<ObjectId, std::size_t> known_;    // in picture_.contexts
  std::unordered_map<ObjectId, Address> descriptors_;  // of those whose type was told
  std::vector<std::size_t> told_later_;  // met by their channel first: their fields are unread
};

}  // namespace

void find_contexts(PageCache& cache, TypeReader& types, const Heap& heap,
                   snapshot::Snapshot& picture) {
  std::vector<bool> asked = find_asked(picture, heap.objects().count());
  if (asked.empty()) return;
  ContextFinder finder(cache, types, heap, picture);
  finder.find_waited_on(asked);
  finder.find_ancestors();
  finder.sort();
  std::vector<bool> done(asked.size());
  for (const Context& context : picture.contexts)
    if (context.done != kNone) done[context.done] = true;
  for (Wait& wait : picture.waits)
    if (may_be_done_channel(wait) && done[wait.object]) wait.is_context_done = true;
}

}  // namespace goshawk::goruntime
