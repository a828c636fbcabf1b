// Static references of machine code, by Capstone.
//
// amd64: an operand relative to the instruction pointer is the whole address.
// arm64: an address is built from a page (adrp) and an offset, in one register or from one to
// another, so the known contents of registers are carried along: a register that anything else
// writes is forgotten, and all of them are at calls, behind jumps that do not come back, and where
// a branch of the same code may come in. So a reference may be missed, but none is made up.
#include "binary/disassembly.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "binary/arm64_vectors.h"
#include "binary/decoder.h"

namespace goshawk::binary {
namespace {

constexpr std::size_t kMostReferences = 1 << 20;

void add_x86_references(const cs_insn& instruction, std::vector<Reference>& found) {
  const cs_x86& x86 = instruction.detail->x86;
  for (int i = 0; i < x86.op_count; ++i) {
    const cs_x86_op& operand = x86.operands[i];
    if (operand.type != X86_OP_MEM || operand.mem.base != X86_REG_RIP) continue;
    if (instruction.id == X86_INS_NOP || is_in_group(instruction, CS_GRP_CALL) ||
        is_in_group(instruction, CS_GRP_JUMP))
      continue;
    Reference reference{Address(instruction.address),
                        Address(instruction.address + instruction.size +
                                static_cast<std::uint64_t>(operand.mem.disp))};
    if (instruction.id != X86_INS_LEA) {
      // A store is the first operand of a move; Capstone's access flags say so for the others.
      bool writes = (operand.access & CS_AC_WRITE) != 0;
      reference.kind = writes ? ReferenceKind::kWrite : ReferenceKind::kRead;
      reference.access_bytes = operand.size;
    }
    found.push_back(reference);
  }
}

// What arm64 code is known to hold in its registers at one instruction.
class Arm64Registers {
 public:
  void forget_all() { known_.fill(std::nullopt); }
  void forget(unsigned reg) {
    if (auto i = index(reg)) known_[*i].reset();
  }
  void set(unsigned reg, std::uint64_t value) {
    if (auto i = index(reg)) known_[*i] = value;
  }
  std::optional<std::uint64_t> value(unsigned reg) const {
    auto i = index(reg);
    return i ? known_[*i] : std::nullopt;
  }

 private:
  // w0 is the lower half of x0: writing either changes both.
  static std::optional<std::size_t> index(unsigned reg) {
    if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28) return reg - ARM64_REG_X0;
    if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30) return reg - ARM64_REG_W0;
    if (reg == ARM64_REG_X29) return 29;
    if (reg == ARM64_REG_X30) return 30;
    return std::nullopt;
  }
  std::array<std::optional<std::uint64_t>, 31> known_;
};

class Arm64References {
 public:
  Arm64References(Decoder& decoder, std::vector<Reference>& found)
      : decoder_(decoder), found_(found) {}

  void note_branch_target(const cs_insn& instruction) {
    if (!is_in_group(instruction, CS_GRP_JUMP)) return;
    const cs_arm64& arm = instruction.detail->arm64;
    for (int i = 0; i < arm.op_count; ++i)
      if (arm.operands[i].type == ARM64_OP_IMM)
        targets_.insert(static_cast<std::uint64_t>(arm.operands[i].imm));
  }

  void step(const cs_insn& instruction) {
    if (targets_.contains(instruction.address)) registers_.forget_all();
    auto result = address_result(instruction);
    if (!result) add_memory_reference(instruction);
    forget_written(instruction);
    if (result) registers_.set(result->reg, result->value);
    bool leaves =
        is_in_group(instruction, CS_GRP_CALL) || is_in_group(instruction, CS_GRP_RET) ||
        instruction.id == ARM64_INS_BL || instruction.id == ARM64_INS_BLR ||
        instruction.id == ARM64_INS_BR ||
        (instruction.id == ARM64_INS_B && instruction.detail->arm64.cc == ARM64_CC_INVALID);
    if (leaves) registers_.forget_all();
  }

 private:
  struct Computed {
    unsigned reg;
    std::uint64_t value;
  };

  // adr, adrp, and add of a constant to what is known; the latter takes an address.
  std::optional<Computed> address_result(const cs_insn& instruction) {
    const cs_arm64& arm = instruction.detail->arm64;
    const cs_arm64_op* op = arm.operands;
    bool page = instruction.id == ARM64_INS_ADRP, near = instruction.id == ARM64_INS_ADR;
    if ((page || near) && arm.op_count == 2 && op[1].type == ARM64_OP_IMM) {
      auto value = static_cast<std::uint64_t>(op[1].imm);
      if (near) found_.push_back({Address(instruction.address), Address(value)});
      return Computed{op[0].reg, value};
    }
    bool add = instruction.id == ARM64_INS_ADD && arm.op_count == 3 && op[1].type == ARM64_OP_REG &&
               op[2].type == ARM64_OP_IMM;
    if (!add || op[2].shift.type != ARM64_SFT_INVALID) return std::nullopt;
    auto base = registers_.value(op[1].reg);
    if (!base) return std::nullopt;
    std::uint64_t value = *base + static_cast<std::uint64_t>(op[2].imm);
    found_.push_back({Address(instruction.address), Address(value)});
    return Computed{op[0].reg, value};
  }

  void add_memory_reference(const cs_insn& instruction) {
    const cs_arm64& arm = instruction.detail->arm64;
    for (int i = 0; i < arm.op_count; ++i) {
      const cs_arm64_op& operand = arm.operands[i];
      if (operand.type != ARM64_OP_MEM || operand.mem.index != ARM64_REG_INVALID) continue;
      auto base = registers_.value(operand.mem.base);
      if (!base) continue;
      bool writes = std::string_view(instruction.mnemonic).starts_with("st");
      found_.push_back(
          {Address(instruction.address),
           Address(*base + static_cast<std::uint64_t>(static_cast<std::int64_t>(operand.mem.disp))),
           writes ? ReferenceKind::kWrite : ReferenceKind::kRead, access_bytes(instruction)});
    }
  }

  static std::uint8_t access_bytes(const cs_insn& instruction) {
    std::string_view name(instruction.mnemonic);
    if (name.ends_with("b")) return 1;
    if (name.ends_with("h")) return 2;
    if (name.ends_with("sw")) return 4;
    unsigned reg = instruction.detail->arm64.operands[0].reg;
    return reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30 ? 4 : 8;
  }

  void forget_written(const cs_insn& instruction) {
    cs_regs read, written;
    std::uint8_t read_count = 0, written_count = 0;
    if (cs_regs_access(decoder_.handle(), &instruction, read, &read_count, written,
                       &written_count) != CS_ERR_OK) {
      registers_.forget_all();
      return;
    }
    for (int i = 0; i < written_count; ++i) registers_.forget(written[i]);
    // Capstone 4 calls the first operand of some instructions only read: what may be written is
    // forgotten.
    const cs_arm64& arm = instruction.detail->arm64;
    bool stores = std::string_view(instruction.mnemonic).starts_with("st");
    if (!stores && arm.op_count > 0 && arm.operands[0].type == ARM64_OP_REG &&
        !is_compare(instruction.id))
      registers_.forget(arm.operands[0].reg);
  }

  static bool is_compare(unsigned id) {
    return id == ARM64_INS_CMP || id == ARM64_INS_CMN || id == ARM64_INS_TST ||
           id == ARM64_INS_CBZ || id == ARM64_INS_CBNZ || id == ARM64_INS_TBZ ||
           id == ARM64_INS_TBNZ;
  }

  Decoder& decoder_;
  std::vector<Reference>& found_;
  Arm64Registers registers_;
  std::unordered_set<std::uint64_t> targets_;
};

void find_arm64_references(Decoder& decoder, ByteView code, Address start,
                           std::vector<Reference>& found) {
  Arm64References references(decoder, found);
  while (const cs_insn* instruction = decoder.next()) references.note_branch_target(*instruction);
  decoder.restart(code, start);
  while (const cs_insn* instruction = decoder.next()) {
    references.step(*instruction);
    if (found.size() > kMostReferences) return;
  }
}

// Follows which of xmm0 to xmm31 still hold what they held at the start.
class VectorReads {
 public:
  // True: this instruction reads one that does.
  bool step(csh handle, const cs_insn& instruction) {
    cs_regs read, written;
    std::uint8_t read_count = 0, written_count = 0;
    if (cs_regs_access(handle, &instruction, read, &read_count, written, &written_count) !=
        CS_ERR_OK)
      return true;
    for (int i = 0; i < read_count; ++i)
      if (auto number = vector_number(read[i]); number && *number != kZero && !changed_[*number])
        return true;
    for (int i = 0; i < written_count; ++i)
      if (auto number = vector_number(written[i])) changed_[*number] = true;
    return false;
  }

 private:
  static constexpr unsigned kZero = 15;

  static std::optional<unsigned> vector_number(unsigned reg) {
    for (unsigned first : {X86_REG_XMM0, X86_REG_YMM0, X86_REG_ZMM0})
      if (reg >= first && reg < first + 32) return reg - first;
    return std::nullopt;
  }

  std::array<bool, 32> changed_{};
};

}  // namespace

Result<std::vector<Reference>> find_references(Machine machine, ByteView code, Address start) {
  Decoder decoder = TRY(Decoder::open(machine, code, start));
  std::vector<Reference> found;
  if (machine == Machine::kArm64) {
    find_arm64_references(decoder, code, start, found);
    return found;
  }
  while (const cs_insn* instruction = decoder.next()) {
    add_x86_references(*instruction, found);
    if (found.size() > kMostReferences) break;
  }
  return found;
}

bool may_read_vector_registers(Machine machine, ByteView code, Address start) {
  if (machine == Machine::kArm64) return may_read_arm64_vector_registers(code);
  auto decoder = Decoder::open(machine, code, start);
  if (!decoder) return true;
  VectorReads reads;
  for (Address at = start; const cs_insn* instruction = decoder->next();) {
    if (instruction->address != at.value()) return true;  // bytes were stepped over
    if (reads.step(decoder->handle(), *instruction)) return true;
    for (std::uint8_t group : {CS_GRP_JUMP, CS_GRP_CALL, CS_GRP_RET, CS_GRP_INT})
      if (is_in_group(*instruction, group)) return false;
    at = at + instruction->size;
  }
  return true;
}

}  // namespace goshawk::binary
