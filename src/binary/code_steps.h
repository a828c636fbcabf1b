// A function's machine code as plain steps: where each goes on to, and what it does to the general
// registers and to words on the stack, as far as following a pointer through them needs. amd64 and
// arm64.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "binary/elf_file.h"

namespace goshawk::binary {

// Registers: amd64 rax 0, rcx 1, rdx 2, rbx 3, rbp 5, rsi 6, rdi 7, r8 to r15; arm64 x0 to x30.
inline constexpr std::uint8_t kRegisters = 32, kStackPointer = 31, kNoRegister = 0xff;

enum class Flow : std::uint8_t {
  kNext,
  kJump,    // to the target and nowhere else
  kBranch,  // to the target or on
  kCall,    // of the target, or of what cannot be told (null); comes back
  kEnd,     // returns or traps
  kLost,    // jumps to where the code alone does not tell
};

enum class Effect : std::uint8_t {
  kNone,
  kConstant,  // to = value
  kAdd,       // to = from + value
  kLoad,      // to = the word at from + value
  kStore,     // the word at from + value = to (kNoRegister: something else), of width_bytes
  kAtomic,    // changes the word at from + value in one go
  // `from` kNoRegister: the address is `value`; 0 of a kStore: it cannot be told. Of a kCall
  // without a target, kAdd and kLoad are where the target comes from.
};

struct Step {
  Address at;
  Address target = {};
  std::int64_t value = 0;
  std::uint32_t written = 0;  // bits of registers that have something unknown afterwards
  Flow flow = Flow::kNext;
  Effect effect = Effect::kNone;
  std::uint8_t to = kNoRegister, from = kNoRegister;
  std::uint8_t width_bytes = 8;
  // Of a kBranch that asks whether a truth value is false: in which register it is, and whether it
  // goes to its target then, or else. Also of what compares it just before one.
  std::uint8_t tested = kNoRegister;
  bool when_zero = false;

  bool operator==(const Step&) const = default;
};

// In the order of the code; an instruction that stores two registers is two steps. Bytes that are
// no instruction are a step that is kLost.
Result<std::vector<Step>> decode_steps(Machine machine, ByteView code, Address start);

}  // namespace goshawk::binary
