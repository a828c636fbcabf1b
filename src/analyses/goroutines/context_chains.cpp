// What ends a context is its own cancel function, its own timer, or the end of one that it was made
// from. Where the last one that is known comes from is not said: it may be one of a foreign type.
#include "analyses/goroutines/context_chains.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::Context;
using snapshot::kNone;
using snapshot::Snapshot;

namespace {

constexpr std::size_t kToldContexts = 5;

std::string name_of(const Snapshot& snapshot, const Context& context) {
  return context.type == kNone ? std::string("context of a type that cannot be told")
                               : std::string(snapshot.strings[context.type]);
}

}  // namespace

const Context* context_waited_for(const Snapshot& snapshot, const snapshot::Goroutine& goroutine) {
  for (const snapshot::Wait& wait : waits_of(snapshot, goroutine)) {
    if (wait.object == kNone) continue;
    auto found = std::ranges::find(snapshot.contexts, wait.object, &Context::done);
    if (found != snapshot.contexts.end()) return &*found;
  }
  return nullptr;
}

const Context* parent_of(const Snapshot& snapshot, const Context& context) {
  if (context.parent == kNone) return nullptr;
  auto found = std::ranges::lower_bound(snapshot.contexts, context.parent, {}, &Context::object);
  return found != snapshot.contexts.end() && found->object == context.parent ? &*found : nullptr;
}

std::string describe_context_chain(const Snapshot& snapshot, const snapshot::Goroutine& goroutine) {
  const Context* context = context_waited_for(snapshot, goroutine);
  if (context == nullptr) return "";
  std::string text;
  if (context->type != kNone) text = "the context is a " + name_of(snapshot, *context);
  std::size_t told = 1;
  for (context = parent_of(snapshot, *context); context != nullptr;
       context = parent_of(snapshot, *context)) {
    if (told++ == kToldContexts) return text + ", made from others";
    text += (text.empty() ? "the context was made from a " : ", made from a ") +
            name_of(snapshot, *context);
  }
  return told == 1 ? "" : text;
}

}  // namespace goshawk::analyses::goroutines
