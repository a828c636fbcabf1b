// From the nearest on: who started the goroutine and the functions on its stack; those in which its
// literal is written; what these call; who calls who started it, the nearest first; those on the
// stack of the goroutine that started it, if that still lives, and what is kept of its ancestors.
// The first of these among whom somebody makes such a context counts, the program's own functions
// before the standard library's.
//
// Once a goroutine has the Done channel, the collector takes the context away: who waits for a
// channel of struct{} may wait for one.
//
// A context that ends by time is told apart: it is made by WithTimeout and WithDeadline only, and
// so is one that can only be cancelled where its parent ends earlier. One that was made from
// another was not made by a call with context.Background().
#include "analyses/goroutines/context_makers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/context_chains.h"
#include "analyses/goroutines/lasting_contexts.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::Context;
using snapshot::ContextCall;
using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

constexpr std::size_t kToldMakers = 3, kToldCalls = 3;

bool ends_by_time(std::string_view maker) {
  return maker.find("Timeout") != std::string_view::npos ||
         maker.find("Deadline") != std::string_view::npos;
}

class MakerFinder {
 public:
  MakerFinder(const Snapshot& snapshot, const Goroutine& goroutine, bool may_be_timed)
      : snapshot_(snapshot), goroutine_(goroutine) {
    static constexpr Context kGone;
    const Context* found = context_waited_for(snapshot, goroutine);
    if (found == nullptr && !waits_for_signal()) return;
    const Context& context = found == nullptr ? kGone : *found;
    bool is_timed = is_timer(context);
    bool may_be = is_timed || has_timed_ancestor(context) ||
                  (may_be_timed && context.type == snapshot::kNone);
    for (const ContextCall& call : snapshot.context_calls)
      if ((ends_by_time(snapshot.strings[call.maker]) ? may_be : !is_timed) &&
          !(call.parent_is_root && was_made_from_another(context)))
        fitting_.push_back(&call);
  }

  std::vector<ContextMaker> find() {
    using Step = void (MakerFinder::*)();
    for (bool of_standard_library : {false, true}) {
      of_standard_library_ = of_standard_library;
      for (Step step :
           {&MakerFinder::add_nearest, &MakerFinder::add_outer, &MakerFinder::add_called,
            &MakerFinder::add_callers, &MakerFinder::add_before}) {
        is_near_ = step == &MakerFinder::add_nearest || step == &MakerFinder::add_outer;
        (this->*step)();
        if (!makers_.empty()) return std::move(makers_);
      }
    }
    return {};
  }

 private:
  bool waits_for_signal() const {
    return std::ranges::any_of(waits_of(snapshot_, goroutine_), [&](const snapshot::Wait& wait) {
      return may_be_context_done(snapshot_, wait);
    });
  }

  bool is_timer(const Context& context) const {
    return snapshot_.strings[context.type] == kTimerContext;
  }

  // Up to Go 1.20 context.Background() may lie in the heap.
  bool was_made_from_another(const Context& context) const {
    const Context* parent = parent_of(snapshot_, context);
    return parent != nullptr && snapshot_.strings[parent->type] != "context.emptyCtx";
  }

  bool has_timed_ancestor(const Context& context) const {
    std::size_t steps = 0;
    for (const Context* one = parent_of(snapshot_, context); one != nullptr;
         one = parent_of(snapshot_, *one))
      if (is_timer(*one) || ++steps > snapshot_.contexts.size()) return true;
    return false;
  }

  std::string_view symbol_of(FrameId frame) const {
    return frame == snapshot::kNone ? std::string_view()
                                    : snapshot_.strings[snapshot_.stacks.frame(frame).symbol];
  }

  // Of an inlined function, what it was inlined into has that role.
  std::string role_of(const ContextCall& call, const std::string& role) const {
    if (!snapshot_.stacks.frame(call.place).inlined) return role;
    return fmt::format("is called by {}, {}{}", snapshot_.strings[call.function],
                       role.starts_with("in which") ? "" : "which ", role);
  }

  template <typename Fits>
  void add_where(const std::string& role, Fits&& fits) {
    for (const ContextCall* call : fitting_) {
      if (call->of_standard_library != of_standard_library_ || !fits(*call)) continue;
      auto same = std::ranges::find(makers_, call->function,
                                    [](const ContextMaker& one) { return one.calls[0]->function; });
      if (same == makers_.end())
        makers_.push_back({role_of(*call, role), is_near_, {call}});
      else if (std::ranges::find(same->calls, call) == same->calls.end())
        same->calls.push_back(call);
    }
  }

  // That of those near which calls its function, if that is none itself.
  std::string_view caller_of(const ContextCall& call) const {
    return snapshot_.strings[call.called_by];
  }
  bool is_in_near(const ContextCall& call) const {
    return call.called_by == snapshot::kNone && call.starter == snapshot::kNone;
  }

  void add_function(FrameId frame, const std::string& role) {
    add_where(role, [&](const ContextCall& call) {
      return is_in_near(call) && snapshot_.strings[call.function] == symbol_of(frame);
    });
  }

  void add_stack(snapshot::StackId stack, const std::string& role) {
    for (FrameId frame : snapshot_.stacks[stack]) add_function(frame, role);
  }

  void add_nearest() {
    add_function(goroutine_.created_by, "started this goroutine");
    add_stack(goroutine_.stack, "is on its stack");
  }

  void add_outer() {
    std::span<const FrameId> stack = snapshot_.stacks[goroutine_.stack];
    std::vector<FrameId> frames(stack.begin(), stack.end());
    frames.insert(frames.end(), {goroutine_.started_at, goroutine_.created_by});
    for (FrameId frame : frames)
      add_where(fmt::format("in which {} is written", function_of(snapshot_, frame)),
                [&](const ContextCall& call) {
                  return is_in_near(call) &&
                         is_literal_inside(symbol_of(frame), snapshot_.strings[call.function]);
                });
  }

  // By the one that started it, or in which its literal is written: newSession().
  void add_called() {
    add_where(fmt::format("is called by {}", function_of(snapshot_, goroutine_.created_by)),
              [&](const ContextCall& call) {
                return call.called_by != snapshot::kNone &&
                       caller_of(call) == symbol_of(goroutine_.created_by);
              });
    if (makers_.empty())
      add_where(fmt::format("is called where {} is written",
                            function_of(snapshot_, goroutine_.started_at)),
                [&](const ContextCall& call) {
                  return is_literal_inside(symbol_of(goroutine_.started_at), caller_of(call));
                });
  }

  // serve(ctx), which calls s.watch(ctx), which starts it. The nearest alone were looked for.
  void add_callers() {
    std::string_view starter = symbol_of(goroutine_.created_by);
    for (const ContextCall* leading : fitting_) {
      if (leading->starter == snapshot::kNone || snapshot_.strings[leading->starter] != starter)
        continue;
      std::string_view by = snapshot_.strings[leading->leads_by];
      std::string_view name = function_of(snapshot_, goroutine_.created_by);
      add_where(
          by == starter
              ? fmt::format("calls {}, which started this goroutine", name)
              : fmt::format("calls {}, which leads to {}, which started this goroutine", by, name),
          [&](const ContextCall& call) { return &call == leading; });
    }
  }

  void add_before() {
    auto creator =
        std::ranges::find(snapshot_.goroutines, goroutine_.creator_goid, &Goroutine::goid);
    if (goroutine_.creator_goid != 0 && creator != snapshot_.goroutines.end())
      add_stack(creator->stack,
                fmt::format("is on the stack of goroutine {}, which started it", creator->goid));
    for (const snapshot::Ancestor& ancestor :
         std::span(snapshot_.ancestors)
             .subspan(goroutine_.first_ancestor, goroutine_.ancestor_count)) {
      add_stack(ancestor.stack, "led to its start");
      add_function(ancestor.created_by, "led to its start");
    }
  }

  const Snapshot& snapshot_;
  const Goroutine& goroutine_;
  std::vector<const ContextCall*> fitting_;
  std::vector<ContextMaker> makers_;
  bool of_standard_library_ = false, is_near_ = false;  // those that are looked at now
};

// "errgroup.WithContext" of "golang.org/x/sync/errgroup.WithContext"
std::string_view short_name(std::string_view maker) { return maker.substr(maker.rfind('/') + 1); }

// "main.serve, which calls context.WithCancel (server.go:42, server.go:50)"
std::string maker_text(const Snapshot& snapshot, const ContextMaker& maker) {
  std::set<std::string_view> called;
  std::string lines;
  std::size_t told = 0;
  for (const ContextCall* call : maker.calls) {
    called.insert(short_name(snapshot.strings[call->maker]));
    if (told++ < kToldCalls)
      lines += (lines.empty() ? "" : ", ") + line_text(place_of(snapshot, call->place));
  }
  if (told > kToldCalls) lines += fmt::format(" and {} more", told - kToldCalls);
  return fmt::format("{}, which calls {} ({})",
                     place_of(snapshot, maker.calls.front()->place).function,
                     fmt::join(called, " and "), lines);
}

// What ends a context of that maker.
std::string_view ender_of(std::string_view maker) {
  if (maker.ends_with("/errgroup.WithContext")) return "Wait of the errgroup";
  return maker == "os/signal.NotifyContext" ? "the stop function" : "the cancel function";
}

}  // namespace

std::vector<ContextMaker> find_context_makers(const Snapshot& snapshot, const Goroutine& goroutine,
                                              bool may_be_timed) {
  if (snapshot.context_calls.empty()) return {};
  return MakerFinder(snapshot, goroutine, may_be_timed).find();
}

std::string describe_context_makers(const Snapshot& snapshot,
                                    const std::vector<ContextMaker>& makers, bool is_certain) {
  if (makers.empty()) return "";
  std::string text = fmt::format(
      "{} {} made by ", is_certain ? "the context" : "if it is the Done channel of a context, that",
      makers.size() == 1 && makers[0].is_near ? "was probably" : "may have been");
  std::size_t told = std::min(makers.size(), kToldMakers);
  for (std::size_t i = 0; i < told; ++i)
    text += fmt::format("{}{} and {}", i == 0 ? "" : ", or ", maker_text(snapshot, makers[i]),
                        makers[i].role);
  if (told < makers.size()) text += fmt::format(", or {} more", makers.size() - told);
  return text + ": whoever made it should have called its cancel function";
}

std::string advise_context_maker(const Snapshot& snapshot,
                                 const std::vector<ContextMaker>& makers) {
  if (makers.size() != 1) return "";
  const ContextCall& call = *makers.front().calls.front();
  findings::CodePlace place = place_of(snapshot, call.place);
  std::string_view maker = snapshot.strings[call.maker];
  return fmt::format(
      "call {} that {} gets from {} ({}) on every path: by defer there, or where what the context "
      "was made for ends",
      ender_of(maker), place.function, short_name(maker), line_text(place));
}

}  // namespace goshawk::analyses::goroutines
