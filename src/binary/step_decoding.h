// One instruction as steps, an architecture each (code_steps_x86_64.cpp, code_steps_arm64.cpp), and
// what both need. Only for what is built on it in this folder.
#pragma once

#include <capstone/capstone.h>

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "binary/code_steps.h"

namespace goshawk::binary {

void add_x86_64_steps(csh handle, const cs_insn& instruction, std::vector<Step>& steps);
void add_arm64_steps(csh handle, const cs_insn& instruction, std::vector<Step>& steps);
// What Capstone does not know as an instruction.
void add_undecoded_x86_64(ByteView code, Address at, std::vector<Step>& steps);
void add_undecoded_arm64(ByteView code, Address at, std::vector<Step>& steps);

inline std::uint32_t register_bit(std::uint8_t reg) { return reg < kRegisters ? 1U << reg : 0; }

inline void add_lost(Address at, std::vector<Step>& steps) {
  steps.push_back({.at = at, .written = ~0U, .flow = Flow::kLost});
}

// By Capstone's word, where it has one; else everything. `number` is a register's, as in Step.
template <typename Number>
std::uint32_t registers_written(csh handle, const cs_insn& instruction, Number number) {
  cs_regs read, written;
  std::uint8_t read_count = 0, written_count = 0;
  if (cs_regs_access(handle, &instruction, read, &read_count, written, &written_count) != CS_ERR_OK)
    return ~0U;
  std::uint32_t bits = 0;
  for (int i = 0; i < written_count; ++i) bits |= register_bit(number(written[i]));
  return bits;
}

}  // namespace goshawk::binary
