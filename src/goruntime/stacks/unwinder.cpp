// Walks a stack frame by frame by the pclntab's stack pointer deltas and gathers the live pointers
// of each frame by its stack map.
//
// The walk ends well only at a function that nothing calls (TOPFRAME). It ends early, with what it
// has so far, where the runtime would give up or throw: a pc outside of all functions, a function
// without frame information, one that changes its sp by itself (SPWRITE: switches between a
// goroutine's stack and a system stack), a frame that does not lie in the stack. An early end means
// that the rest of the stack is taken word by word, so that no pointer is lost.
// Switches of stacks (systemstack, mcall, morestack, signal handlers) are not followed: the caller
// knows where the other stack's saved sp is.
//
// A goroutine that was interrupted while it ran stands at no safe point. Its innermost frame is
// taken word by word, and so are the callers up to the first function that is not the runtime's:
// compiled code calls the runtime's helpers (duffcopy, write barriers, typedmemmove) in the middle
// of what its stack maps think of as one step, with a callee's results still lying where no map
// looks. Frames below an injected call (asyncPreempt, debugCallV2) stopped at any instruction, so
// they are taken word by word like the injected call itself; one below sigpanic goes on, if at all,
// at its deferreturn, and that pc's map holds. asyncPreempt saves the general registers first,
// lowest in its frame, then vector registers: these count where the interrupted code may still use
// them. Since 1.26 they are elsewhere (runtime/preempt_xreg.go), which is told instead. Follows
// runtime/traceback.go unwinder (gentraceback before 1.21), runtime/stkframe.go argMapInternal,
// runtime/mgcmark.go scanframeworker.
#include "goruntime/stacks/unwinder.h"

#include <algorithm>
#include <optional>

#include "goruntime/stacks/frame_facts.h"
#include "goruntime/stacks/stack_scan.h"
#include "goruntime/stacks/vector_liveness.h"

namespace goshawk::goruntime {
namespace {

bool is_injected_call(FunctionKind kind) {
  return kind == FunctionKind::kSigpanic || kind == FunctionKind::kAsyncPreempt ||
         kind == FunctionKind::kDebugCallV2;
}

bool saves_registers(FunctionKind kind) {
  return kind == FunctionKind::kAsyncPreempt || kind == FunctionKind::kDebugCallV2;
}

// One walk over one stack.
class Walk {
 public:
  Walk(const StackWalk& stack, const Functions::Tables& tables, const target::Memory& memory,
       const VectorLiveness& vectors, FrameFactsCache& facts, StackScan& scan, WalkedStack& into)
      : stack_(stack),
        rules_(tables.traceback_rules),
        arm64_(tables.arm64),
        memory_(memory),
        vectors_(vectors),
        facts_(facts),
        scan_(scan),
        into_(into),
        words_(stack.bytes_from, stack.bytes),
        at_safe_point_(!stack.interrupted) {}

  void run();

 private:
  struct Frame {
    Address pc, sp, lr;
    const FrameFacts* facts = nullptr;
    bool innermost = false;
    bool after_sigpanic = false;
    bool exact_pc = false;

    Address fp() const { return sp + facts->layout.fp; }
  };

  bool start(Frame& frame);
  bool resolve(Frame& frame);
  bool step(Frame& frame);
  void record(const Frame& frame);
  void scan(const Frame& frame);
  void scan_by_map(const Frame& frame);
  void scan_every_word(const Frame& frame);
  std::uint32_t saved_bytes(const Frame& frame, std::uint32_t size_bytes);
  bool scan_reflect_arguments(const Frame& frame);
  void place_in_frames();
  void give_up(Address sp);

  const StackWalk& stack_;
  const TracebackRules& rules_;
  const bool arm64_;
  const target::Memory& memory_;
  const VectorLiveness& vectors_;
  FrameFactsCache& facts_;
  StackScan& scan_;
  WalkedStack& into_;
  const StackWords words_;
  std::vector<StackScan::Place> places_;
  bool scan_conservatively_ =
      false;  // the next frame: it lies below a call that was injected into it
  bool at_safe_point_;
  bool gave_up_ = false;
};

void Walk::run() {
  if (stack_.want_pointers) {
    places_.clear();
    scan_.begin(stack_.stack, words_, into_.pointers, stack_.want_slots ? &places_ : nullptr);
    for (std::uint64_t pointer : stack_.also_live) scan_.take(pointer);
  }
  if (stack_.conservative) give_up(stack_.stack.contains(stack_.sp) ? stack_.sp : words_.start());
  Frame frame;
  if (!start(frame)) {
    give_up(frame.sp);
  } else {
    do {
      if (!resolve(frame)) {
        give_up(frame.sp);
        break;
      }
      record(frame);
      scan(frame);
      into_.complete = frame.facts->top_frame;
    } while (!into_.complete && step(frame));
  }
  if (stack_.want_pointers && !scan_.finish()) into_.exact = false;
  if (stack_.want_slots && into_.complete) place_in_frames();
}

// A frame's arguments lie in its caller's part of the stack.
void Walk::place_in_frames() {
  for (const StackScan::Place& place : places_) {
    auto frames = std::ranges::equal_range(into_.extents, place.sp, {}, &WalkedStack::Extent::sp);
    if (frames.size() != 1) continue;
    into_.slots.push_back(
        {.position = static_cast<std::uint32_t>(frames.begin() - into_.extents.begin()),
         .place = static_cast<std::int32_t>(place.at.value() - frames.front().fp.value()),
         .in_object = place.in_object,
         .at = place.at,
         .value = place.value});
  }
}

bool Walk::start(Frame& frame) {
  frame = {.pc = stack_.pc,
           .sp = stack_.sp,
           .lr = arm64_ ? stack_.lr : Address(),
           .innermost = true,
           .exact_pc = stack_.interrupted};
  if (!frame.sp.is_aligned(8) || !words_.has(frame.sp, 0)) return false;
  if (frame.pc.is_null()) {
    // A call of a nil function: start in its caller.
    if (!words_.has(frame.sp, 8)) return false;
    frame.pc = Address(words_.load(frame.sp));
    frame.lr = Address();
    if (!arm64_) frame.sp = frame.sp + 8;
  }
  frame.facts = facts_.find(frame.pc);
  return frame.facts != nullptr;
}

// Finds the frame's return address: 0 where there is none to be trusted. False: this is no frame.
bool Walk::resolve(Frame& frame) {
  const FrameFacts& facts = *frame.facts;
  if (!facts.has_layout) return false;
  if (facts.top_frame) return true;
  // At the start of a walk from a saved pc such a function stands in its prologue or has saved the
  // pc and sp of its own entry; anywhere else its sp may already be that of another stack.
  if (facts.sp_write && (!frame.innermost || stack_.interrupted)) {
    frame.lr = Address();
    give_up(frame.sp);
    return true;
  }
  if (!words_.has(frame.sp, facts.layout.fp)) return false;
  if (!arm64_ || frame.lr.is_null() || (frame.innermost && facts.layout.fp > 0)) {
    if (!words_.has(frame.sp + facts.layout.return_address, 8)) return false;
    frame.lr = Address(words_.load(frame.sp + facts.layout.return_address));
  }
  return true;
}

// To the caller. False: there is none that can be walked, so the rest of the stack was taken.
bool Walk::step(Frame& frame) {
  const FrameFacts& callee = *frame.facts;
  Address pc = frame.lr;
  Address sp = frame.fp();
  const FrameFacts* facts = pc.is_null() ? nullptr : facts_.find(pc);
  bool stuck = pc == frame.pc && sp == frame.sp;
  bool injected = is_injected_call(callee.kind);
  frame = {.pc = pc,
           .sp = sp,
           .lr = {},
           .facts = facts,
           .after_sigpanic = callee.kind == FunctionKind::kSigpanic,
           .exact_pc = callee.kind == FunctionKind::kSigpanic ||
                       (injected && rules_.exact_pc_below_injected_calls)};
  if (facts == nullptr || stuck || (arm64_ && injected && !words_.has(sp, kArm64InjectedBytes))) {
    give_up(sp);
    return false;
  }
  if (arm64_ && injected) {
    // sighandler pushed the link register before it faked the call.
    Address pushed(words_.load(frame.sp));
    frame.sp = frame.sp + kArm64InjectedBytes;
    if (facts->has_layout && facts->layout.fp == 0) frame.lr = pushed;
  }
  return true;
}

void Walk::record(const Frame& frame) {
  if (frame.exact_pc || frame.facts->at_entry)
    into_.exact_pcs.push_back(static_cast<std::uint32_t>(into_.pcs.size()));
  into_.pcs.push_back(frame.pc);
  into_.extents.push_back({frame.sp, frame.fp()});
  into_.functions.push_back(frame.facts->function);
  if (frame.facts->kind == FunctionKind::kCgocallback) into_.in_cgo_callback = true;
}

// Everything from here to the stack's end counts, whatever the frames say.
void Walk::give_up(Address sp) {
  into_.exact = false;
  if (!stack_.want_pointers || gave_up_) return;
  gave_up_ = true;
  scan_.scan_conservatively(sp, words_.end());
}

void Walk::scan(const Frame& frame) {
  if (!stack_.want_pointers || gave_up_) return;
  bool saves = saves_registers(frame.facts->kind);
  if (saves || scan_conservatively_ || !at_safe_point_)
    scan_every_word(frame);
  else
    scan_by_map(frame);
  scan_conservatively_ = saves;
  at_safe_point_ = at_safe_point_ || !frame.facts->runtime_helper;
}

void Walk::scan_by_map(const Frame& frame) {
  const FrameFacts* live = frame.facts;
  std::int64_t shift = 0;
  if (frame.after_sigpanic) {
    if (live->deferreturn == 0) return;  // it never goes on: nothing in it is alive
    live = facts_.find(live->entry + live->deferreturn + 1);
    if (live == nullptr || live->function != frame.facts->function) return give_up(frame.sp);
    shift = std::int64_t{frame.facts->layout.fp} - std::int64_t{live->layout.fp};
  }
  bool known = live->has_liveness && scan_.scan_frame(*live, frame.sp, shift);
  if (known && frame.facts->reflect_stub) known = scan_reflect_arguments(frame);
  if (!known) give_up(frame.sp);
}

void Walk::scan_every_word(const Frame& frame) {
  into_.exact = false;
  const FrameFacts& facts = *frame.facts;
  if (facts.reflect_stub || facts.args_bytes == kArgsSizeUnknown) return give_up(frame.sp);
  std::uint32_t extra = arm64_ && is_injected_call(facts.kind) ? kArm64InjectedBytes : 0;
  std::uint32_t size_bytes = facts.layout.varp + extra;
  if (facts.kind == FunctionKind::kAsyncPreempt) size_bytes = saved_bytes(frame, size_bytes);
  bool taken = scan_.scan_part(frame.sp, frame.sp + size_bytes);
  Address arguments = frame.sp + facts.layout.argp;
  if (facts.args_bytes > 0)
    taken = scan_.scan_part(arguments, arguments + static_cast<std::uint32_t>(facts.args_bytes)) &&
            taken;
  if (!taken) give_up(frame.sp);
}

// How much of what asyncPreempt saved counts.
std::uint32_t Walk::saved_bytes(const Frame& frame, std::uint32_t size_bytes) {
  std::uint32_t general = arm64_ ? kArm64PreemptGeneralBytes : kAmd64PreemptGeneralBytes;
  if (!vectors_.may_hold_pointer(frame.lr)) return std::min(size_bytes, general);
  if (size_bytes < general + kLeastVectorBytes) into_.needs_extended_registers = true;
  return size_bytes;
}

// reflect.makeFuncStub and methodValueCall save their reflect.methodValue {fn, stack *bitvector,
// argLen} at the bottom of their frame, and four words further whether the results are set already.
bool Walk::scan_reflect_arguments(const Frame& frame) {
  constexpr std::uint32_t kMaxWords = 1 << 16;
  Address saved = frame.sp + (arm64_ ? 8 : 0);
  Address end = frame.fp() - (arm64_ ? 0 : 8);
  if (saved >= end) return frame.facts->at_entry;  // not begun: it takes no arguments
  if (!words_.has(saved, std::uint64_t{5} * 8)) return false;
  bool results_set = (words_.load(saved + 32) & 0xff) != 0;
  struct MethodValue {
    std::uint64_t fn, stack, argument_bytes;
  };
  struct Bits {
    std::int32_t count;
    std::int32_t padding;
    std::uint64_t bytes;
  };
  auto value = memory_.read_value<MethodValue>(Address(words_.load(saved)));
  if (!value || Address(value->fn) != frame.facts->entry) return false;
  auto map = memory_.read_value<Bits>(Address(value->stack));
  if (!map || map->count < 0 || map->count > static_cast<std::int32_t>(kMaxWords)) return false;
  auto count = static_cast<std::uint32_t>(map->count);
  if (!results_set)
    count = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, value->argument_bytes / 8));
  if (count == 0) return true;
  auto bytes = memory_.read_bytes(Address(map->bytes), (count + 7) / 8);
  return bytes && scan_.scan_map(frame.sp + frame.facts->layout.argp, {count, *bytes});
}

}  // namespace

struct Unwinder::State {
  State(const Functions& functions, const target::Memory& target_memory)
      : tables(functions.tables()),
        facts(functions),
        memory(target_memory),
        vectors(functions, target_memory) {}

  const Functions::Tables& tables;
  FrameFactsCache facts;
  StackScan scan;
  const target::Memory& memory;
  VectorLiveness vectors;
};

Unwinder::Unwinder(const Functions& functions, const target::Memory& memory)
    : state_(std::make_unique<State>(functions, memory)) {}
Unwinder::~Unwinder() = default;

void Unwinder::walk(const StackWalk& stack, WalkedStack& into) {
  into.clear();
  state_->facts.forget_if_large();
  Walk(stack, state_->tables, state_->memory, state_->vectors, state_->facts, state_->scan, into)
      .run();
}

void WalkedStack::clear() {
  pcs.clear();
  pointers.clear();
  extents.clear();
  functions.clear();
  slots.clear();
  exact_pcs.clear();
  complete = false;
  exact = true;
  in_cgo_callback = false;
  needs_extended_registers = false;
}

Address WalkedStack::source_pc(std::size_t position) const {
  return std::ranges::binary_search(exact_pcs, position) ? pcs[position] : pcs[position] - 1;
}

}  // namespace goshawk::goruntime
