// From a stack's bytes to its frames and to the pointers that are live in it, exactly as the
// collector sees them where a stack map says so, conservatively (every word) where none does.
// Follows runtime/traceback.go (unwinder), runtime/stkframe.go (getStackMap), runtime/mgcmark.go
// (scanstack, scanframeworker), runtime/mgcstack.go (stack objects).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "goruntime/symbols/functions.h"

namespace goshawk::goruntime {

// One goroutine's stack to be walked. `bytes` are the target's memory from `bytes_from` up to the
// stack's high end (or less when that could not be read).
struct StackWalk {
  AddressRange stack;  // [g.stack.lo, g.stack.hi)
  Address bytes_from;
  ByteView bytes;
  Address pc;  // where to start: g.sched, the syscall's, or live registers
  Address sp;
  Address lr;                // arm64 leaf frames only
  bool interrupted = false;  // pc is not a call's return address: a register's value
  bool want_pointers = true;
  bool want_slots = false;
  // Pointers into the stack from outside of its frames: defer records' functions, the panic, the
  // context register (scanstack). Each keeps the stack object alive that it points to.
  std::span<const std::uint64_t> also_live;
  bool conservative =
      false;  // take every word of the live part: running, being copied, being scanned
};

struct WalkedStack {
  // Physical return addresses, innermost first (the first is `pc` itself); equal for equal stacks.
  std::vector<Address> pcs;
  // Words that may be or are pointers to the heap, unfiltered and with repeats; want_pointers only.
  // Pointers into the stack itself are left out: what they reach is in the list.
  std::vector<std::uint64_t> pointers;
  // Frame positions of the same order as pcs, for callers that look for a value in a certain frame.
  struct Extent {
    Address sp, fp;
  };
  std::vector<Extent> extents;
  std::vector<FunctionId> functions;  // of the same order as pcs
  // Where pointers lie, as far as stack maps tell it; want_slots only.
  struct Slot {
    std::uint32_t position = 0;  // in pcs
    std::int32_t place = 0;      // from the frame's fp
    bool in_object = false;      // of a variable whose address is taken
    Address at;
    std::uint64_t value = 0;
  };
  std::vector<Slot> slots;
  // Positions in pcs, ascending, that are no return addresses: the interrupted innermost frame, one
  // that a signal struck, one at its function's entry. Usually none.
  std::vector<std::uint32_t> exact_pcs;
  bool complete = false;         // reached a TOPFRAME function (runtime.goexit, runtime.mstart ...)
  bool exact = true;             // no frame was scanned conservatively
  bool in_cgo_callback = false;  // runtime.cgocallback is one of the frames
  // A preempted frame may have a pointer in a vector register only, and these were saved elsewhere:
  // g.xRegs (1.26+).
  bool needs_extended_registers = false;

  // The pc whose file and line are the frame's, for Functions::source_frames.
  Address source_pc(std::size_t position) const;
  void clear();  // keeps the capacity
};

class Unwinder {
 public:
  // `functions` must outlive it. memory is asked only for what is outside a stack (a
  // reflect.methodValue's mask).
  Unwinder(const Functions& functions, const target::Memory& memory);
  ~Unwinder();
  Unwinder(const Unwinder&) = delete;

  // Reuses `into`'s capacity. Remembers what it decoded for a pc: one Unwinder for many stacks, one
  // thread.
  void walk(const StackWalk& stack, WalkedStack& into);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace goshawk::goruntime
