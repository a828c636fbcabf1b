// arm64. What is not modelled leaves its registers in Step::written. An instruction that moves its
// base, or that loads or stores two registers, is several steps.
#include <optional>
#include <string_view>

#include "binary/step_decoding.h"

namespace goshawk::binary {
namespace {

std::uint8_t arm64_register(unsigned reg) {
  if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28)
    return static_cast<std::uint8_t>(reg - ARM64_REG_X0);
  if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30)
    return static_cast<std::uint8_t>(reg - ARM64_REG_W0);
  if (reg == ARM64_REG_X29) return 29;
  if (reg == ARM64_REG_X30) return 30;
  if (reg == ARM64_REG_SP || reg == ARM64_REG_WSP) return kStackPointer;
  return kNoRegister;
}

// By name: Capstone knows these as what they are another name of, with a first operand that is only
// read.
bool is_compare(std::string_view name) {
  for (std::string_view one : {"cmp", "cmn", "tst", "ccmp", "ccmn", "cbz", "cbnz", "tbz", "tbnz"})
    if (name == one) return true;
  return false;
}

// Of the pair that loads and stores exclusively, the load: the store is passed by where it fails.
bool is_atomic(std::string_view name) {
  for (std::string_view one : {"cas", "swp", "ldadd", "ldclr", "ldset", "ldeor", "ldaxr", "ldxr"})
    if (name.starts_with(one)) return true;
  return false;
}

void set_flow(const cs_insn& instruction, Step& step) {
  const cs_arm64& arm = instruction.detail->arm64;
  std::optional<Address> target;
  for (int i = 0; i < arm.op_count; ++i)
    if (arm.operands[i].type == ARM64_OP_IMM)
      target = Address(static_cast<std::uint64_t>(arm.operands[i].imm));
  switch (instruction.id) {
    case ARM64_INS_BL:
    case ARM64_INS_BLR:
      step.flow = Flow::kCall;
      break;
    case ARM64_INS_B:
      step.flow = arm.cc == ARM64_CC_INVALID || arm.cc == ARM64_CC_AL ? Flow::kJump : Flow::kBranch;
      break;
    case ARM64_INS_CBZ:
    case ARM64_INS_CBNZ:
    case ARM64_INS_TBZ:
    case ARM64_INS_TBNZ:
      step.flow = Flow::kBranch;
      break;
    case ARM64_INS_BR:
      step.flow = Flow::kLost;
      break;
    case ARM64_INS_RET:
    case ARM64_INS_BRK:
    case ARM64_INS_HLT:
      step.flow = Flow::kEnd;
      return;
    default:
      return;
  }
  if (instruction.id == ARM64_INS_BLR) {
    step.effect = Effect::kAdd;
    step.from = arm64_register(arm.operands[0].reg);
  } else if (instruction.id != ARM64_INS_BR && target) {
    step.target = *target;
  }
}

// Of a truth value bit 0 is all that may be set.
void set_tested(const cs_insn& instruction, Step& step) {
  const cs_arm64_op* op = instruction.detail->arm64.operands;
  bool by_bit = instruction.id == ARM64_INS_TBZ || instruction.id == ARM64_INS_TBNZ;
  bool by_all = instruction.id == ARM64_INS_CBZ || instruction.id == ARM64_INS_CBNZ;
  if (!by_all && (!by_bit || op[1].imm != 0)) return;
  step.tested = arm64_register(op[0].reg);
  step.when_zero = instruction.id == ARM64_INS_TBZ || instruction.id == ARM64_INS_CBZ;
}

const cs_arm64_op* memory_of(const cs_arm64& arm) {
  for (int i = 0; i < arm.op_count; ++i)
    if (arm.operands[i].type == ARM64_OP_MEM) return &arm.operands[i];
  return nullptr;
}

void add_atomic(const cs_arm64& arm, Step step, std::vector<Step>& steps) {
  const cs_arm64_op* memory = memory_of(arm);
  if (memory != nullptr && memory->mem.index == ARM64_REG_INVALID) {
    step.effect = Effect::kAtomic;
    step.from = arm64_register(memory->mem.base);
    step.value = memory->mem.disp;
  }
  steps.push_back(step);
}

std::uint8_t width_of(std::string_view name, unsigned reg) {
  if (name.ends_with("b")) return 1;
  if (name.ends_with("h")) return 2;
  if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30) return 4;
  if (reg == ARM64_REG_WZR) return 4;
  if (reg >= ARM64_REG_Q0 && reg <= ARM64_REG_Q31) return 16;
  return 8;
}

void add_accesses(const cs_insn& instruction, std::uint8_t base, std::int64_t offset,
                  bool is_indexed, Step step, std::vector<Step>& steps) {
  const cs_arm64& arm = instruction.detail->arm64;
  std::string_view name(instruction.mnemonic);
  bool stores = name.starts_with("st"), is_pair = name == "stp" || name == "ldp";
  std::size_t before = steps.size();
  for (int i = 0; i < (is_pair ? 2 : 1) && i < arm.op_count; ++i) {
    if (arm.operands[i].type != ARM64_OP_REG) break;
    unsigned reg = arm.operands[i].reg;
    bool is_general = (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28) || reg == ARM64_REG_X29 ||
                      reg == ARM64_REG_X30;
    bool is_word = is_general &&
                   (name == "str" || name == "ldr" || name == "stur" || name == "ldur" || is_pair);
    Step access = step;
    std::uint8_t width = width_of(name, reg);
    access.value = offset + std::int64_t{i} * width;
    access.width_bytes = width;
    access.from = base;
    if (stores && !is_indexed) {
      access.effect = Effect::kStore;
      access.to = is_word ? arm64_register(reg) : kNoRegister;
    } else if (!stores && is_word && !is_indexed) {
      access.effect = Effect::kLoad;
      access.to = arm64_register(reg);
    }
    steps.push_back(access);
  }
  // What a load writes that is followed is not unknown after its own step, nor before it.
  for (std::size_t i = before; i < steps.size(); ++i)
    for (std::size_t k = before; k < steps.size(); ++k)
      if (steps[k].effect == Effect::kLoad) steps[i].written &= ~register_bit(steps[k].to);
  if (steps.size() == before) steps.push_back(step);
}

// Before or after the access, what the base moves by is a step of its own.
void add_memory_steps(const cs_insn& instruction, Step step, std::vector<Step>& steps) {
  const cs_arm64& arm = instruction.detail->arm64;
  const cs_arm64_op* memory = memory_of(arm);
  if (memory == nullptr) {
    steps.push_back(step);
    return;
  }
  std::uint8_t base = arm64_register(memory->mem.base);
  std::int64_t offset = memory->mem.disp;
  bool moves_after = arm.op_count > 0 && arm.operands[arm.op_count - 1].type == ARM64_OP_IMM;
  Step move{.at = step.at, .effect = Effect::kAdd, .to = base, .from = base};
  if (arm.writeback) {
    move.value = moves_after ? arm.operands[arm.op_count - 1].imm : offset;
    step.written &= ~register_bit(base);
  }
  if (arm.writeback && !moves_after) {
    steps.push_back(move);
    offset = 0;
  }
  add_accesses(instruction, base, offset, memory->mem.index != ARM64_REG_INVALID, step, steps);
  if (arm.writeback && moves_after) steps.push_back(move);
}

void set_computed(const cs_insn& instruction, Step& step) {
  const cs_arm64& arm = instruction.detail->arm64;
  const cs_arm64_op* op = arm.operands;
  if (arm.op_count < 2 || op[0].type != ARM64_OP_REG) return;
  std::uint8_t to = arm64_register(op[0].reg);
  bool is_whole = op[0].reg < ARM64_REG_W0 || op[0].reg > ARM64_REG_W30;
  if (to == kNoRegister || !is_whole) return;
  if (instruction.id == ARM64_INS_ADRP || instruction.id == ARM64_INS_ADR) {
    step.effect = Effect::kConstant;
    step.value = op[1].imm;
  } else if (instruction.id == ARM64_INS_MOV && op[1].type == ARM64_OP_REG) {
    step.from = arm64_register(op[1].reg);
    if (step.from == kNoRegister && op[1].reg != ARM64_REG_XZR) return;
    step.effect = step.from == kNoRegister ? Effect::kConstant : Effect::kAdd;
  } else if (instruction.id == ARM64_INS_MOV || instruction.id == ARM64_INS_MOVZ) {
    if (op[1].type != ARM64_OP_IMM || op[1].shift.type != ARM64_SFT_INVALID) return;
    step.effect = Effect::kConstant;
    step.value = op[1].imm;
  } else if (instruction.id == ARM64_INS_ORR && arm.op_count == 3 && op[1].type == ARM64_OP_REG &&
             op[1].reg == ARM64_REG_XZR && op[2].type == ARM64_OP_IMM) {
    step.effect = Effect::kConstant;
    step.value = op[2].imm;
  } else if ((instruction.id == ARM64_INS_ADD || instruction.id == ARM64_INS_SUB) &&
             arm.op_count == 3 && op[1].type == ARM64_OP_REG && op[2].type == ARM64_OP_IMM) {
    std::int64_t amount = op[2].imm;
    if (op[2].shift.type == ARM64_SFT_LSL) amount <<= op[2].shift.value;
    step.effect = Effect::kAdd;
    step.from = arm64_register(op[1].reg);
    step.value = instruction.id == ARM64_INS_ADD ? amount : -amount;
  } else {
    return;
  }
  step.to = to;
}

}  // namespace

// Capstone 4 knows no atomic instructions of ARMv8.1 (LSE), which Go's code has beside the
// others.
void add_undecoded_arm64(ByteView code, Address at, std::vector<Step>& steps) {
  for (std::uint64_t i = 0; i < code.size(); i += 4) {
    auto word = fits(code, i, 4) ? load_unchecked<std::uint32_t>(code.data() + i) : 0;
    bool swaps = (word & 0x3fa07c00) == 0x08a07c00;    // CAS Rs, Rt, [Rn]: Rs becomes the old one
    bool changes = (word & 0x3f200c00) == 0x38200000;  // LDADD, SWP ... Rs, Rt, [Rn]: Rt does
    if (!swaps && !changes) return add_lost(at + i, steps);
    steps.push_back({.at = at + i,
                     .written = 1U << (swaps ? word >> 16 & 31 : word & 31) & 0x7fffffff,
                     .effect = Effect::kAtomic,
                     .from = static_cast<std::uint8_t>(word >> 5 & 31)});
  }
}

void add_arm64_steps(csh handle, const cs_insn& instruction, std::vector<Step>& steps) {
  Step step{.at = Address(instruction.address)};
  const cs_arm64& arm = instruction.detail->arm64;
  std::string_view name(instruction.mnemonic);
  bool stores = name.starts_with("st");
  if (!is_compare(name)) step.written = registers_written(handle, instruction, arm64_register);
  // Capstone 4 calls the first operand of some instructions only read.
  if (!stores && !is_compare(name) && arm.op_count > 0 && arm.operands[0].type == ARM64_OP_REG)
    step.written |= register_bit(arm64_register(arm.operands[0].reg));
  set_flow(instruction, step);
  set_tested(instruction, step);
  if (step.flow != Flow::kNext) {
    steps.push_back(step);
    return;
  }
  if (is_atomic(name)) return add_atomic(arm, step, steps);
  if (arm.op_count > 0 && (stores || name.starts_with("ld")))
    return add_memory_steps(instruction, step, steps);
  set_computed(instruction, step);
  if (step.effect != Effect::kNone) step.written &= ~register_bit(step.to);
  steps.push_back(step);
}

}  // namespace goshawk::binary
