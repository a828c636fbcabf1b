// amd64. What is not modelled leaves its registers in Step::written. Pushes and pops move the stack
// pointer only: Go's code keeps nothing there that is asked for later.
#include <optional>

#include "binary/decoder.h"
#include "binary/step_decoding.h"

namespace goshawk::binary {
namespace {

std::uint8_t x86_register(unsigned reg) {
  switch (reg) {
#define GOSHAWK_REGISTER(number, r64, r32, r16, r8) \
  case X86_REG_##r64:                               \
  case X86_REG_##r32:                               \
  case X86_REG_##r16:                               \
  case X86_REG_##r8:                                \
    return number;
    GOSHAWK_REGISTER(0, RAX, EAX, AX, AL)
    GOSHAWK_REGISTER(1, RCX, ECX, CX, CL)
    GOSHAWK_REGISTER(2, RDX, EDX, DX, DL)
    GOSHAWK_REGISTER(3, RBX, EBX, BX, BL)
    GOSHAWK_REGISTER(kStackPointer, RSP, ESP, SP, SPL)
    GOSHAWK_REGISTER(5, RBP, EBP, BP, BPL)
    GOSHAWK_REGISTER(6, RSI, ESI, SI, SIL)
    GOSHAWK_REGISTER(7, RDI, EDI, DI, DIL)
    GOSHAWK_REGISTER(8, R8, R8D, R8W, R8B)
    GOSHAWK_REGISTER(9, R9, R9D, R9W, R9B)
    GOSHAWK_REGISTER(10, R10, R10D, R10W, R10B)
    GOSHAWK_REGISTER(11, R11, R11D, R11W, R11B)
    GOSHAWK_REGISTER(12, R12, R12D, R12W, R12B)
    GOSHAWK_REGISTER(13, R13, R13D, R13W, R13B)
    GOSHAWK_REGISTER(14, R14, R14D, R14W, R14B)
    GOSHAWK_REGISTER(15, R15, R15D, R15W, R15B)
#undef GOSHAWK_REGISTER
    case X86_REG_AH:
      return 0;
    case X86_REG_CH:
      return 1;
    case X86_REG_DH:
      return 2;
    case X86_REG_BH:
      return 3;
    default:
      return kNoRegister;
  }
}

struct Place {
  std::uint8_t base;  // kNoRegister: the offset is the address
  std::int64_t offset;
};

std::optional<Place> place_of(const cs_insn& instruction, int operand) {
  const cs_x86_op& op = instruction.detail->x86.operands[operand];
  if (op.type != X86_OP_MEM || op.mem.index != X86_REG_INVALID || op.mem.segment != X86_REG_INVALID)
    return std::nullopt;
  if (op.mem.base == X86_REG_RIP)
    return Place{kNoRegister, static_cast<std::int64_t>(instruction.address + instruction.size +
                                                        static_cast<std::uint64_t>(op.mem.disp))};
  std::uint8_t base = x86_register(op.mem.base);
  return base == kNoRegister ? std::nullopt : std::optional(Place{base, op.mem.disp});
}

void set(Step& step, Effect effect, std::uint8_t to, std::uint8_t from, std::int64_t value) {
  step.effect = effect;
  step.to = to;
  step.from = from;
  step.value = value;
}

// Where a call that cannot be told finds its target.
void set_callee(const cs_insn& instruction, Step& step) {
  const cs_x86_op& callee = instruction.detail->x86.operands[0];
  if (callee.type == X86_OP_REG)
    set(step, Effect::kAdd, kNoRegister, x86_register(callee.reg), 0);
  else if (auto place = place_of(instruction, 0))
    set(step, Effect::kLoad, kNoRegister, place->base, place->offset);
}

void set_flow(const cs_insn& instruction, Step& step) {
  const cs_x86& x86 = instruction.detail->x86;
  bool is_direct = x86.op_count == 1 && x86.operands[0].type == X86_OP_IMM;
  if (is_direct) step.target = Address(static_cast<std::uint64_t>(x86.operands[0].imm));
  if (instruction.id == X86_INS_CALL) {
    step.flow = Flow::kCall;
    if (!is_direct) set_callee(instruction, step);
  } else if (instruction.id == X86_INS_JMP) {
    step.flow = is_direct ? Flow::kJump : Flow::kLost;
  } else if (is_in_group(instruction, CS_GRP_JUMP)) {
    step.flow = Flow::kBranch;
  } else if (is_in_group(instruction, CS_GRP_RET) || instruction.id == X86_INS_UD2 ||
             instruction.id == X86_INS_INT3) {
    step.flow = Flow::kEnd;
  } else {
    step.target = Address();
  }
}

// `test r, r`, and the branch just behind it.
void set_tested(const cs_insn& instruction, const std::vector<Step>& before, Step& step) {
  const cs_x86_op* op = instruction.detail->x86.operands;
  if (instruction.id == X86_INS_TEST) {
    if (op[0].type == X86_OP_REG && op[1].type == X86_OP_REG && op[0].reg == op[1].reg)
      step.tested = x86_register(op[0].reg);
  } else if ((instruction.id == X86_INS_JE || instruction.id == X86_INS_JNE) && !before.empty() &&
             before.back().flow == Flow::kNext) {
    step.tested = before.back().tested;
    step.when_zero = instruction.id == X86_INS_JE;
  }
}

bool set_stack_effect(const cs_insn& instruction, Step& step) {
  bool pushes = instruction.id == X86_INS_PUSH || instruction.id == X86_INS_PUSHFQ;
  bool pops = instruction.id == X86_INS_POP || instruction.id == X86_INS_POPFQ;
  if (pushes || pops) set(step, Effect::kAdd, kStackPointer, kStackPointer, pushes ? -8 : 8);
  return pushes || pops;
}

void set_atomic(const cs_insn& instruction, Step& step) {
  if (auto place = place_of(instruction, 0))
    set(step, Effect::kAtomic, kNoRegister, place->base, place->offset);
}

void set_address(const cs_insn& instruction, Step& step) {
  const cs_x86_op* op = instruction.detail->x86.operands;
  auto place = place_of(instruction, 1);
  if (op[0].size != 8 || !place) return;
  bool is_static = place->base == kNoRegister;
  set(step, is_static ? Effect::kConstant : Effect::kAdd, x86_register(op[0].reg), place->base,
      place->offset);
}

void set_store(const cs_insn& instruction, Step& step) {
  const cs_x86& x86 = instruction.detail->x86;
  const cs_x86_op* op = x86.operands;
  if (instruction.id == X86_INS_CMP || instruction.id == X86_INS_TEST) return;
  Place place = place_of(instruction, 0).value_or(Place{kNoRegister, 0});
  bool is_word = instruction.id == X86_INS_MOV && op[0].size == 8 && op[1].type == X86_OP_REG;
  set(step, Effect::kStore, is_word ? x86_register(op[1].reg) : kNoRegister, place.base,
      place.offset);
  step.width_bytes = op[0].size;
}

// Numbers are written to the lower half, which clears the upper one.
bool set_number(const cs_insn& instruction, Step& step) {
  const cs_x86_op* op = instruction.detail->x86.operands;
  if (op[0].type != X86_OP_REG || op[0].size < 4) return false;
  bool is_zero =
      instruction.id == X86_INS_XOR && op[1].type == X86_OP_REG && op[0].reg == op[1].reg;
  if (!is_zero && (instruction.id != X86_INS_MOV || op[1].type != X86_OP_IMM || op[1].imm < 0))
    return false;
  set(step, Effect::kConstant, x86_register(op[0].reg), kNoRegister, is_zero ? 0 : op[1].imm);
  return true;
}

void set_effect(const cs_insn& instruction, Step& step) {
  const cs_x86& x86 = instruction.detail->x86;
  const cs_x86_op* op = x86.operands;
  if (set_stack_effect(instruction, step) || x86.op_count == 0) return;
  if (op[0].type == X86_OP_MEM && x86.op_count == 2 &&
      (x86.prefix[0] == X86_PREFIX_LOCK || instruction.id == X86_INS_XCHG))
    return set_atomic(instruction, step);
  if (instruction.id == X86_INS_LEA) return set_address(instruction, step);
  if (op[0].type == X86_OP_MEM) return set_store(instruction, step);
  if (x86.op_count != 2 || set_number(instruction, step)) return;
  if (op[0].type != X86_OP_REG || op[0].size != 8) return;
  std::uint8_t to = x86_register(op[0].reg);
  if (instruction.id == X86_INS_MOV && op[1].type == X86_OP_REG) {
    if (x86_register(op[1].reg) == kNoRegister) return;
    set(step, Effect::kAdd, to, x86_register(op[1].reg), 0);
  } else if (instruction.id == X86_INS_MOV && op[1].type == X86_OP_MEM) {
    if (auto place = place_of(instruction, 1))
      set(step, Effect::kLoad, to, place->base, place->offset);
  } else if (op[1].type == X86_OP_IMM &&
             (instruction.id == X86_INS_ADD || instruction.id == X86_INS_SUB)) {
    set(step, Effect::kAdd, to, to, instruction.id == X86_INS_ADD ? op[1].imm : -op[1].imm);
  }
}

}  // namespace

void add_undecoded_x86_64(ByteView, Address at, std::vector<Step>& steps) { add_lost(at, steps); }

void add_x86_64_steps(csh handle, const cs_insn& instruction, std::vector<Step>& steps) {
  Step step{.at = Address(instruction.address)};
  step.written = registers_written(handle, instruction, x86_register);
  if (instruction.id == X86_INS_CMPXCHG) step.written |= 1;  // rax, which Capstone 4 leaves out
  set_flow(instruction, step);
  set_tested(instruction, steps, step);
  if (step.flow == Flow::kNext) set_effect(instruction, step);
  if (step.effect != Effect::kStore && step.effect != Effect::kAtomic)
    step.written &= ~register_bit(step.effect == Effect::kNone ? kNoRegister : step.to);
  steps.push_back(step);
}

}  // namespace goshawk::binary
