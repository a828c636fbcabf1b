// What registers and stack words of a function hold at one place of its code, as far as it follows
// from the code alone: an address of the program, or what came in, was returned or was loaded, plus
// a constant. Two equal values are the same pointer; of unknown ones nothing is said.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "binary/code_steps.h"

namespace goshawk::goruntime {

enum class Origin : std::uint8_t {
  kUnknown,
  kFrame,   // the stack pointer at the function's entry
  kStatic,  // delta is the address itself
  kEntry,   // register `id` at the function's entry
  kResult,  // of a call or a computation: its step and the register, packed
  kLoad,    // of the word at a value: number `id` of PointerLoads
};

struct PointerValue {
  Origin origin = Origin::kUnknown;
  std::uint32_t id = 0;
  std::int64_t delta = 0;

  bool is_known() const { return origin != Origin::kUnknown; }
  bool has_base_of(const PointerValue& other) const {
    return origin == other.origin && id == other.id;
  }
  PointerValue plus(std::int64_t amount) const {
    PointerValue sum = *this;
    if (!is_known() || __builtin_add_overflow(delta, amount, &sum.delta)) return {};
    return sum;
  }
  auto operator<=>(const PointerValue&) const = default;
};

// Words loaded from what is no stack word of the function: one number for each place, so that two
// loads of one field are one value.
class PointerLoads {
 public:
  PointerValue load(const PointerValue& place);
  const PointerValue& place(std::uint32_t id) const { return places_[id].place; }
  void clear();

 private:
  struct Place {
    PointerValue place;
    int depth = 0;
  };
  std::vector<Place> places_;
  std::map<PointerValue, std::uint32_t> numbers_;
};

class PointerState {
 public:
  static PointerState at_entry();

  PointerValue reg(std::uint8_t number) const {
    return number < binary::kRegisters ? registers_[number] : PointerValue();
  }
  // The word of the frame at that place from the stack pointer at the entry.
  PointerValue slot(std::int64_t at) const;
  PointerValue new_slot(std::int64_t at) const;  // unknown, if it is older than the last call
  // One that holds a value of that base, as it is: {place, value}.
  struct Slot {
    std::int64_t at = 0;
    PointerValue value;
    bool is_new = true;  // written since the last call
  };
  const Slot* find_slot(const PointerValue& base) const;
  const std::vector<Slot>& slots() const { return slots_; }
  bool has_slot_with(const PointerValue& value) const;
  void forget_slot(std::int64_t at);

  // What a called function's own code says of a value, in the words of who calls it here: what
  // comes in by registers, and what is loaded from there.
  PointerValue in_words_of_caller(const PointerValue& callees, PointerLoads& loads) const;
  // As one that calls a closure: nothing comes in but the closure.
  PointerState inside_closure(std::uint8_t context_register, const PointerValue& closure) const;

  // Where a step reads or writes, or what it adds up.
  PointerValue place_of(const binary::Step& step) const;
  PointerValue load(const PointerValue& place, PointerLoads& loads) const;
  // number: the step's own, in its function.
  void apply(const binary::Step& step, std::uint32_t number, PointerLoads& loads);
  void call(std::uint32_t step);          // clobbers what a Go function may
  void clobber(std::uint32_t registers);  // bits
  // Becomes what holds on both ways; whether that changed it.
  bool merge(const PointerState& other);

 private:
  void compute(std::uint32_t registers, std::uint32_t step);
  void store(std::int64_t at, std::uint8_t width_bytes, const PointerValue& value);

  std::array<PointerValue, binary::kRegisters> registers_;
  const Slot* find_slot_at(std::int64_t at) const;

  std::vector<Slot> slots_;  // by place
};

}  // namespace goshawk::goruntime
