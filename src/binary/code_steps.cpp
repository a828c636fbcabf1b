// What is not modelled leaves its registers in Step::written, so that a reader never takes an old
// value for the present one. Of memory only whole words are followed; a narrower or wider store to
// a known place is one of unknown content.
//
// A call clobbers what the caller's convention says, which is the reader's business. Pushes and
// pops move the stack pointer only: Go's code keeps nothing there that is asked for later.
#include "binary/code_steps.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "binary/decoder.h"

namespace goshawk::binary {
namespace {

constexpr std::size_t kMostSteps = 1 << 18;

std::uint32_t bit(std::uint8_t reg) { return reg < kRegisters ? 1U << reg : 0; }

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

// By Capstone's word, where it has one; else everything.
std::uint32_t written_by(csh handle, const cs_insn& instruction, bool is_arm64) {
  cs_regs read, written;
  std::uint8_t read_count = 0, written_count = 0;
  if (cs_regs_access(handle, &instruction, read, &read_count, written, &written_count) != CS_ERR_OK)
    return ~0U;
  std::uint32_t bits = 0;
  for (int i = 0; i < written_count; ++i)
    bits |= bit(is_arm64 ? arm64_register(written[i]) : x86_register(written[i]));
  return bits;
}

void add_lost(Address at, std::vector<Step>& steps) {
  steps.push_back({.at = at, .written = ~0U, .flow = Flow::kLost});
}

class X86Steps {
 public:
  explicit X86Steps(csh handle) : handle_(handle) {}

  void add_undecoded(ByteView, Address at, std::vector<Step>& steps) const { add_lost(at, steps); }

  void add(const cs_insn& instruction, std::vector<Step>& steps) const {
    Step step{.at = Address(instruction.address)};
    step.written = written_by(handle_, instruction, false);
    if (instruction.id == X86_INS_CMPXCHG) step.written |= 1;  // rax, which Capstone 4 leaves out
    set_flow(instruction, step);
    if (step.flow == Flow::kNext) set_effect(instruction, step);
    if (step.effect != Effect::kStore && step.effect != Effect::kAtomic)
      step.written &= ~bit(step.effect == Effect::kNone ? kNoRegister : step.to);
    steps.push_back(step);
  }

 private:
  static void set_flow(const cs_insn& instruction, Step& step) {
    const cs_x86& x86 = instruction.detail->x86;
    bool is_direct = x86.op_count == 1 && x86.operands[0].type == X86_OP_IMM;
    if (is_direct) step.target = Address(static_cast<std::uint64_t>(x86.operands[0].imm));
    if (instruction.id == X86_INS_CALL) {
      step.flow = Flow::kCall;
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

  struct Place {
    std::uint8_t base;
    std::int64_t offset;
  };
  static std::optional<Place> place_of(const cs_x86_op& operand) {
    if (operand.type != X86_OP_MEM || operand.mem.index != X86_REG_INVALID ||
        operand.mem.segment != X86_REG_INVALID)
      return std::nullopt;
    std::uint8_t base = x86_register(operand.mem.base);
    return base == kNoRegister ? std::nullopt : std::optional(Place{base, operand.mem.disp});
  }

  static void set_effect(const cs_insn& instruction, Step& step) {
    const cs_x86& x86 = instruction.detail->x86;
    const cs_x86_op* op = x86.operands;
    if (set_stack_effect(instruction, step) || x86.op_count == 0) return;
    if (op[0].type == X86_OP_MEM && x86.op_count == 2 &&
        (x86.prefix[0] == X86_PREFIX_LOCK || instruction.id == X86_INS_XCHG))
      return set_atomic(instruction, step);
    if (instruction.id == X86_INS_LEA) return set_address(instruction, step);
    if (op[0].type == X86_OP_MEM) return set_store(instruction, step);
    if (x86.op_count != 2 || op[0].type != X86_OP_REG || op[0].size != 8) return;
    std::uint8_t to = x86_register(op[0].reg);
    if (instruction.id == X86_INS_MOV && op[1].type == X86_OP_REG) {
      set(step, Effect::kAdd, to, x86_register(op[1].reg), 0);
    } else if (instruction.id == X86_INS_MOV && op[1].type == X86_OP_MEM) {
      if (auto place = place_of(op[1])) set(step, Effect::kLoad, to, place->base, place->offset);
    } else if (op[1].type == X86_OP_IMM &&
               (instruction.id == X86_INS_ADD || instruction.id == X86_INS_SUB)) {
      set(step, Effect::kAdd, to, to, instruction.id == X86_INS_ADD ? op[1].imm : -op[1].imm);
    }
  }

  static bool set_stack_effect(const cs_insn& instruction, Step& step) {
    bool pushes = instruction.id == X86_INS_PUSH || instruction.id == X86_INS_PUSHFQ;
    bool pops = instruction.id == X86_INS_POP || instruction.id == X86_INS_POPFQ;
    if (pushes || pops) set(step, Effect::kAdd, kStackPointer, kStackPointer, pushes ? -8 : 8);
    return pushes || pops;
  }

  static void set_atomic(const cs_insn& instruction, Step& step) {
    if (auto place = place_of(instruction.detail->x86.operands[0])) {
      set(step, Effect::kAtomic, kNoRegister, place->base, place->offset);
    } else if (instruction.detail->x86.operands[0].mem.base == X86_REG_RIP) {
      set(step, Effect::kAtomic, kNoRegister, kNoRegister,
          static_cast<std::int64_t>(rip_relative(instruction, 0)));
    }
  }

  static std::uint64_t rip_relative(const cs_insn& instruction, int operand) {
    return instruction.address + instruction.size +
           static_cast<std::uint64_t>(instruction.detail->x86.operands[operand].mem.disp);
  }

  static void set_address(const cs_insn& instruction, Step& step) {
    const cs_x86_op* op = instruction.detail->x86.operands;
    std::uint8_t to = x86_register(op[0].reg);
    if (op[0].size != 8) return;
    if (op[1].mem.base == X86_REG_RIP)
      set(step, Effect::kConstant, to, kNoRegister,
          static_cast<std::int64_t>(rip_relative(instruction, 1)));
    else if (auto place = place_of(op[1]))
      set(step, Effect::kAdd, to, place->base, place->offset);
  }

  static void set_store(const cs_insn& instruction, Step& step) {
    const cs_x86& x86 = instruction.detail->x86;
    const cs_x86_op* op = x86.operands;
    bool only_reads = instruction.id == X86_INS_CMP || instruction.id == X86_INS_TEST;
    auto place = place_of(op[0]);
    if (only_reads || !place) return;
    bool is_word = instruction.id == X86_INS_MOV && op[0].size == 8 && op[1].type == X86_OP_REG;
    set(step, Effect::kStore, is_word ? x86_register(op[1].reg) : kNoRegister, place->base,
        place->offset);
    step.width_bytes = op[0].size;
  }

  static void set(Step& step, Effect effect, std::uint8_t to, std::uint8_t from,
                  std::int64_t value) {
    step.effect = effect;
    step.to = to;
    step.from = from;
    step.value = value;
  }

  csh handle_;
};

class Arm64Steps {
 public:
  explicit Arm64Steps(csh handle) : handle_(handle) {}

  // Capstone 4 knows no atomic instructions of ARMv8.1 (LSE), which Go's code has beside the
  // others.
  void add_undecoded(ByteView code, Address at, std::vector<Step>& steps) const {
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

  void add(const cs_insn& instruction, std::vector<Step>& steps) const {
    Step step{.at = Address(instruction.address)};
    const cs_arm64& arm = instruction.detail->arm64;
    std::string_view name(instruction.mnemonic);
    bool stores = name.starts_with("st");
    step.written = written_by(handle_, instruction, true);
    // Capstone 4 calls the first operand of some instructions only read.
    if (!stores && !is_compare(instruction.id) && arm.op_count > 0 &&
        arm.operands[0].type == ARM64_OP_REG)
      step.written |= bit(arm64_register(arm.operands[0].reg));
    set_flow(instruction, step);
    if (step.flow != Flow::kNext) {
      steps.push_back(step);
      return;
    }
    if (is_atomic(name)) return add_atomic(arm, step, steps);
    if (arm.op_count > 0 && (stores || name.starts_with("ld")))
      return add_memory_steps(instruction, step, steps);
    set_computed(instruction, step);
    if (step.effect != Effect::kNone) step.written &= ~bit(step.to);
    steps.push_back(step);
  }

 private:
  static bool is_compare(unsigned id) {
    return id == ARM64_INS_CMP || id == ARM64_INS_CMN || id == ARM64_INS_TST ||
           id == ARM64_INS_CBZ || id == ARM64_INS_CBNZ || id == ARM64_INS_TBZ ||
           id == ARM64_INS_TBNZ;
  }

  // Of the pair that loads and stores exclusively, the store.
  static bool is_atomic(std::string_view name) {
    for (std::string_view one : {"cas", "swp", "ldadd", "ldclr", "ldset", "ldeor", "stlxr", "stxr"})
      if (name.starts_with(one)) return true;
    return false;
  }

  static void set_flow(const cs_insn& instruction, Step& step) {
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
        step.flow =
            arm.cc == ARM64_CC_INVALID || arm.cc == ARM64_CC_AL ? Flow::kJump : Flow::kBranch;
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
    if (instruction.id != ARM64_INS_BLR && instruction.id != ARM64_INS_BR && target)
      step.target = *target;
  }

  static const cs_arm64_op* memory_of(const cs_arm64& arm) {
    for (int i = 0; i < arm.op_count; ++i)
      if (arm.operands[i].type == ARM64_OP_MEM) return &arm.operands[i];
    return nullptr;
  }

  static void add_atomic(const cs_arm64& arm, Step step, std::vector<Step>& steps) {
    const cs_arm64_op* memory = memory_of(arm);
    if (memory != nullptr && memory->mem.index == ARM64_REG_INVALID) {
      step.effect = Effect::kAtomic;
      step.from = arm64_register(memory->mem.base);
      step.value = memory->mem.disp;
    }
    steps.push_back(step);
  }

  // Before or after the access, what the base moves by is a step of its own.
  static void add_memory_steps(const cs_insn& instruction, Step step, std::vector<Step>& steps) {
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
      step.written &= ~bit(base);
    }
    if (arm.writeback && !moves_after) {
      steps.push_back(move);
      offset = 0;
    }
    add_accesses(instruction, base, offset, memory->mem.index != ARM64_REG_INVALID, step, steps);
    if (arm.writeback && moves_after) steps.push_back(move);
  }

  static void add_accesses(const cs_insn& instruction, std::uint8_t base, std::int64_t offset,
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
      bool is_word = is_general && (name == "str" || name == "ldr" || name == "stur" ||
                                    name == "ldur" || is_pair);
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
        if (steps[k].effect == Effect::kLoad) steps[i].written &= ~bit(steps[k].to);
    if (steps.size() == before) steps.push_back(step);
  }

  static std::uint8_t width_of(std::string_view name, unsigned reg) {
    if (name.ends_with("b")) return 1;
    if (name.ends_with("h")) return 2;
    if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30) return 4;
    if (reg == ARM64_REG_WZR) return 4;
    if (reg >= ARM64_REG_Q0 && reg <= ARM64_REG_Q31) return 16;
    return 8;
  }

  static void set_computed(const cs_insn& instruction, Step& step) {
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
      step.effect = Effect::kAdd;
      step.from = arm64_register(op[1].reg);
      if (step.from == kNoRegister) step.effect = Effect::kNone;  // the zero register
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

  csh handle_;
};

template <typename Steps>
std::vector<Step> decode_all(Decoder& decoder, const Steps& to_steps, ByteView code,
                             Address start) {
  std::vector<Step> steps;
  Address expected = start;
  while (const cs_insn* instruction = decoder.next()) {
    Address at(instruction->address);
    if (at != expected)
      to_steps.add_undecoded(slice(code, expected - start, at - expected), expected, steps);
    to_steps.add(*instruction, steps);
    expected = at + instruction->size;
    if (steps.size() > kMostSteps) return steps;
  }
  if (expected - start < code.size())
    to_steps.add_undecoded(code.subspan(expected - start), expected, steps);
  return steps;
}

}  // namespace

Result<std::vector<Step>> decode_steps(Machine machine, ByteView code, Address start) {
  Decoder decoder = TRY(Decoder::open(machine, code, start));
  return machine == Machine::kArm64 ? decode_all(decoder, Arm64Steps(decoder.handle()), code, start)
                                    : decode_all(decoder, X86Steps(decoder.handle()), code, start);
}

}  // namespace goshawk::binary
