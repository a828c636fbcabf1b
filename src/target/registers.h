// What the kernel's register sets mean, whoever brings them: a stopped thread or a note of a core,
// which may come from another machine than this one.
#pragma once

#include <optional>

#include "base/byte_view.h"
#include "binary/elf_file.h"
#include "target/target.h"

namespace goshawk::target {

// The size of user_regs_struct, the content of NT_PRSTATUS as ptrace gives it.
std::uint64_t general_registers_bytes(binary::Machine machine);

// v0 to v31, with which every set of arm64's vector registers begins.
inline constexpr std::uint32_t kArm64VectorBytes = 32 * 16;

// nullopt: too short, which is what a 32-bit thread has.
std::optional<Thread> decode_general_registers(binary::Machine machine, std::int64_t tid,
                                               ByteView registers);

// XSAVE image (NT_X86_XSTATE), FXSAVE image or user_fpsimd_state (NT_FPREGSET): its 64-bit words
// are taken as possible pointers wherever they stand, zeros left out. Words of it that are no
// vector register (control words, the header) can only add a false pointer, which is safe.
void append_vector_state(Thread& thread, ByteView state);

}  // namespace goshawk::target
