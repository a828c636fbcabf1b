// Go notes nowhere who made a context. But whoever did has called context.WithCancel or the like,
// and is mostly near: it is on the stack of the goroutine that waits, or on that of the one that
// started it, has started it itself, or is the function in which the literal is written that it
// runs. The code of these is searched for such calls, and that of the functions of the same package
// that they call: newSession(ctx). Where none of these makes any, it is looked for among those that
// call who started the goroutine, three calls away at most: serve(ctx), which calls s.watch(ctx).
//
// What makes contexts is often inlined, to a call of an unexported function of package context:
// then the inline table says what it was, and where. The outermost maker counts: WithTimeout, not
// the WithDeadline that it calls.
//
// What is made from context.Background() has an argument that the code names: the interface table
// of that type.
//
// Not seen: a context that was made still farther away and handed over, or through a function
// value.
#include "goruntime/goroutines/context_calls.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "goruntime/goroutines/direct_callers.h"
#include "goruntime/goroutines/direct_calls.h"
#include "goruntime/goroutines/function_steps.h"
#include "goruntime/goroutines/register_constants.h"
#include "goruntime/symbols/function_package.h"

namespace goshawk::goruntime {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kMostCodeBytes = 1 << 20;
constexpr std::uint64_t kMostCodeBytesInAll = 4 << 20;
constexpr std::uint64_t kMostCallersBytes = 32 << 20;  // of code that is searched for callers
constexpr int kFarthestCaller = 3;
constexpr std::size_t kMostCallers =
    64;  // of one function: it is a helper of all, which tells nothing

constexpr std::string_view kSignal = "struct {}";  // all that may be left of a context: its channel

constexpr auto kMakers = std::to_array<std::string_view>(
    {"context.WithCancel", "context.WithCancelCause", "context.WithDeadline",
     "context.WithDeadlineCause", "context.WithTimeout", "context.WithTimeoutCause",
     "os/signal.NotifyContext", "golang.org/x/sync/errgroup.WithContext"});
// What they call where they were inlined.
constexpr auto kInside = std::to_array<std::string_view>(
    {"context.withCancel", "context.propagateCancel", "context.(*cancelCtx).propagateCancel"});
constexpr std::string_view kMethodInside = kInside[2];  // the parent is its second argument
constexpr auto kRoots = std::to_array<std::string_view>(
    {"context.backgroundCtx", "context.todoCtx", "context.emptyCtx"});

bool is_maker(std::string_view function) {
  return std::ranges::find(kMakers, function) != kMakers.end() ||
         function.ends_with("/errgroup.WithContext");
}

// "main.serve" of "main.serve.func1.2" and "main.serve.gowrap1": where a literal is written.
std::string_view outer_of(std::string_view function) {
  std::size_t package = package_of(function).size();
  for (std::string_view mark : {".func", ".gowrap"})
    for (std::size_t at = function.find(mark, package + 1); at != std::string_view::npos;
         at = function.find(mark, at + 1))
      if (std::size_t number = at + mark.size();
          number < function.size() && '0' <= function[number] && function[number] <= '9')
        return function.substr(0, at);
  return {};
}

class ContextCallFinder {
 public:
  ContextCallFinder(const target::Memory& memory, const Functions& functions,
                    const TracebackFilter& filter, bool is_arm64, const NameOfItab& name_of_itab,
                    Snapshot& picture)
      : memory_(memory),
        functions_(functions),
        filter_(filter),
        is_arm64_(is_arm64),
        name_of_itab_(name_of_itab),
        picture_(picture),
        reader_(memory, functions, is_arm64, kMostCodeBytesInAll) {}

  void find() {
    for (const Goroutine& goroutine : picture_.goroutines)
      if (waits_for_context(goroutine)) add_candidates_of(goroutine);
    if (candidates_.empty()) return;
    add_creators();
    find_by_names();
    if (called_.empty()) return;
    std::vector<FunctionId> sorted(candidates_.begin(), candidates_.end());
    std::ranges::sort(sorted);  // the same picture of the same program
    for (FunctionId function : sorted) search(function, {});
  }

  // Step by step away from those who started goroutines, all of them at once: the code is searched
  // once for each step.
  void find_of_callers() {
    std::vector<DirectCall> front;  // {starter, who leads to it}
    for (const auto& [starter, started] : find_starters())
      if (!is_of_standard_library(functions_.name(starter)) && !has_near_call(starter, started))
        front.push_back({starter, starter});
    if (front.empty()) return;
    find_by_names();
    if (called_.empty()) return;
    for (int step = 0; step < kFarthestCaller && !front.empty(); ++step) front = search_next(front);
  }

 private:
  std::span<const snapshot::Wait> waits_of(const Goroutine& goroutine) const {
    return std::span<const snapshot::Wait>(picture_.waits)
        .subspan(goroutine.first_wait, goroutine.wait_count);
  }

  bool waits_for_context(const Goroutine& goroutine) const {
    return std::ranges::any_of(waits_of(goroutine), [&](const snapshot::Wait& wait) {
      return wait.is_context_done || (wait.object != kNone && wait.capacity == 0 &&
                                      picture_.strings[wait.element_type] == kSignal &&
                                      (wait.operation == snapshot::WaitOperation::kReceive ||
                                       wait.operation == snapshot::WaitOperation::kSelectReceive));
    });
  }

  void add_candidates_of(const Goroutine& goroutine) {
    add(goroutine.created_by);
    add(goroutine.started_at);
    add_stack(goroutine.stack);
    if (goroutine.creator_goid != 0) creators_.insert(goroutine.creator_goid);
    for (const snapshot::Ancestor& ancestor :
         std::span(picture_.ancestors)
             .subspan(goroutine.first_ancestor, goroutine.ancestor_count)) {
      add(ancestor.created_by);
      add_stack(ancestor.stack);
    }
  }

  // Those that still live.
  void add_creators() {
    for (const Goroutine& goroutine : picture_.goroutines)
      if (creators_.contains(goroutine.goid)) add_stack(goroutine.stack);
  }

  void add_stack(snapshot::StackId stack) {
    if (!stacks_.insert(stack).second) return;
    for (FrameId frame : picture_.stacks[stack]) add(frame);
  }

  void add(FrameId id) {
    if (id == kNone || !frames_.insert(id).second) return;
    FunctionId function = function_of(id);
    if (function == kNoFunction || !candidates_.insert(function).second) return;
    if (std::string_view outer = outer_of(functions_.name(function)); !outer.empty())
      outers_.insert(outer);
  }

  // Which it is in, not what was inlined there.
  FunctionId function_of(FrameId id) const {
    if (id == kNone) return kNoFunction;
    const snapshot::Frame& frame = picture_.stacks.frame(id);
    return functions_.find(frame.pc - frame.entry_offset);
  }

  // Of an ABI wrapper and what it wraps, which have one name, both.
  void find_by_names() {
    for (FunctionId function = 0; function < functions_.count(); ++function) {
      std::string_view name = functions_.name(function);
      if (outers_.contains(name)) candidates_.insert(function);
      if (is_maker(name) || std::ranges::find(kInside, name) != kInside.end())
        called_.emplace(functions_.entry(function), name);
    }
  }

  static bool is_asked(std::string_view name) {
    return !is_maker(name) && package_of(name) != "context" && package_of(name) != "runtime";
  }

  std::optional<std::vector<std::byte>> read_code(FunctionId function) {
    if (function + 1 >= functions_.count()) return std::nullopt;
    Address start = functions_.entry(function), end = functions_.entry(function + 1);
    if (end <= start || end - start > std::min(kMostCodeBytes, left_bytes_)) return std::nullopt;
    left_bytes_ -= end - start;
    auto code = memory_.read_bytes(start, end - start);
    if (!code) return std::nullopt;
    return *std::move(code);
  }

  // How a function that is searched is related to a goroutine.
  struct Relation {
    FunctionId caller = kNoFunction;  // one of the candidates calls it
    // Or it calls leads_by, on a way to a starter.
    FunctionId starter = kNoFunction, leads_by = kNoFunction;
  };

  void search(FunctionId function, const Relation& relation) {
    std::string_view name = functions_.name(function);
    if (!is_asked(name)) return;
    auto code = read_code(function);
    if (!code) return;
    std::set<FunctionId> callees;  // in an order of their own: the same picture is the same
    find_direct_calls(*code, functions_.entry(function), is_arm64_, [&](Address at, Address to) {
      if (auto called = called_.find(to); called != called_.end())
        add_call(function, at, called->second, relation);
      else if (relation.caller == kNoFunction && relation.starter == kNoFunction)
        add_callee(to, package_of(name), callees);
    });
    if (!is_of_standard_library(name))
      for (FunctionId callee : callees) search(callee, {.caller = function});
  }

  // Whether a call was found in a function, one that it calls, or, `starter` given, one that calls
  // it.
  bool has_call(std::string_view function) const {
    return !function.empty() &&
           std::ranges::any_of(picture_.context_calls, [&](const snapshot::ContextCall& call) {
             return picture_.strings[call.function] == function ||
                    picture_.strings[call.called_by] == function ||
                    picture_.strings[call.starter] == function;
           });
  }

  bool has_near_call(FunctionId starter, const std::set<FunctionId>& started) const {
    std::string_view name = functions_.name(starter);
    return has_call(name) || has_call(outer_of(name)) ||
           std::ranges::any_of(started, [&](FunctionId one) {
             return one != kNoFunction && has_call(outer_of(functions_.name(one)));
           });
  }

  // And what they have started, of those who wait for what is known to be a context's.
  std::map<FunctionId, std::set<FunctionId>> find_starters() const {
    std::map<FunctionId, std::set<FunctionId>> starters;
    for (const Goroutine& goroutine : picture_.goroutines) {
      FunctionId starter = function_of(goroutine.created_by);
      if (starter != kNoFunction &&
          std::ranges::any_of(waits_of(goroutine), &snapshot::Wait::is_context_done))
        starters[starter].insert(function_of(goroutine.started_at));
    }
    return starters;
  }

  std::vector<DirectCall> search_next(const std::vector<DirectCall>& front) {
    std::set<FunctionId> callees;
    for (const DirectCall& one : front) callees.insert(one.caller);
    std::vector<DirectCall> calls =
        find_direct_callers(memory_, functions_, std::vector(callees.begin(), callees.end()),
                            is_arm64_, left_callers_bytes_);
    std::vector<DirectCall> next;
    for (const DirectCall& one : front) {
      auto callers = std::ranges::equal_range(calls, one.caller, {}, &DirectCall::callee);
      if (callers.size() > kMostCallers) continue;
      for (const DirectCall& call : callers) {
        search(call.caller, {.starter = one.callee, .leads_by = one.caller});
        next.push_back({one.callee, call.caller});
      }
    }
    std::erase_if(next,
                  [&](const DirectCall& one) { return has_call(functions_.name(one.callee)); });
    std::ranges::sort(next);
    next.erase(std::ranges::unique(next).begin(), next.end());
    return next.size() <= kMostCallers ? next : std::vector<DirectCall>();
  }

  void add_callee(Address entry, std::string_view package, std::set<FunctionId>& callees) const {
    FunctionId callee = functions_.find(entry);
    if (callee != kNoFunction && functions_.entry(callee) == entry &&
        !candidates_.contains(callee) && package_of(functions_.name(callee)) == package)
      callees.insert(callee);
  }

  // Of the function whose calls are being added.
  const std::vector<binary::Step>& steps_of(FunctionId function) {
    if (function != decoded_) steps_ = reader_.read(function).value_or(std::vector<binary::Step>());
    decoded_ = function;
    return steps_;
  }

  bool is_parent_root(FunctionId function, Address at, std::string_view callee) {
    std::uint8_t first = 0, second = is_arm64_ ? 1 : 3;  // x0 and x1; rax and rbx
    auto itab =
        find_constant_argument(steps_of(function), at, callee == kMethodInside ? second : first);
    return itab && std::ranges::find(kRoots, name_of_itab_(*itab)) != kRoots.end();
  }

  void add_call(FunctionId function, Address at, std::string_view callee,
                const Relation& relation) {
    bool parent_is_root = is_parent_root(function, at, callee);
    std::vector<SourceFrame> frames = functions_.source_frames(function, at);
    std::size_t outside = 0;
    for (std::size_t i = 0; i + 1 < frames.size(); ++i)
      if (is_maker(frames[i].function)) {
        callee = frames[i].function;
        outside = i + 1;
      }
    if (!is_maker(callee)) return;
    snapshot::Frame place;
    place.function = picture_.strings.intern(filter_.function_name(frames[outside].function));
    place.symbol = picture_.strings.intern(frames[outside].function);
    place.file = picture_.strings.intern(frames[outside].file);
    place.line = frames[outside].line;
    place.pc = at;
    place.entry_offset = at - functions_.entry(function);
    place.inlined = frames[outside].inlined;
    std::string_view name = functions_.name(function);
    picture_.context_calls.push_back({.function = picture_.strings.intern(name),
                                      .place = picture_.stacks.add_frame(place),
                                      .maker = picture_.strings.intern(callee),
                                      .called_by = intern_name(relation.caller),
                                      .starter = intern_name(relation.starter),
                                      .leads_by = intern_name(relation.leads_by),
                                      .of_standard_library = is_of_standard_library(name),
                                      .parent_is_root = parent_is_root});
  }

  snapshot::StringId intern_name(FunctionId function) {
    return function == kNoFunction ? kNone : picture_.strings.intern(functions_.name(function));
  }

  const target::Memory& memory_;
  const Functions& functions_;
  const TracebackFilter& filter_;
  bool is_arm64_;
  const NameOfItab& name_of_itab_;
  Snapshot& picture_;
  std::unordered_set<FunctionId> candidates_;
  std::unordered_set<FrameId> frames_;
  std::unordered_set<snapshot::StackId> stacks_;
  std::unordered_set<std::uint64_t> creators_;
  std::unordered_set<std::string_view> outers_;
  std::unordered_map<Address, std::string_view> called_;  // by entry
  FunctionSteps reader_;
  FunctionId decoded_ = kNoFunction;
  std::vector<binary::Step> steps_;
  std::uint64_t left_bytes_ = kMostCodeBytesInAll, left_callers_bytes_ = kMostCallersBytes;
};

}  // namespace

void find_context_calls(const target::Memory& memory, const Functions& functions,
                        const TracebackFilter& filter, bool is_arm64,
                        const NameOfItab& name_of_itab, Snapshot& picture) {
  ContextCallFinder(memory, functions, filter, is_arm64, name_of_itab, picture).find();
}

void find_context_calls_of_callers(const target::Memory& memory, const Functions& functions,
                                   const TracebackFilter& filter, bool is_arm64,
                                   const NameOfItab& name_of_itab, Snapshot& picture) {
  ContextCallFinder(memory, functions, filter, is_arm64, name_of_itab, picture).find_of_callers();
}

}  // namespace goshawk::goruntime
