// Capstone's decoder over a piece of code. Only for what is built on it in this folder.
#pragma once

#include <capstone/capstone.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "binary/elf_file.h"

namespace goshawk::binary {

// One handle and one instruction to decode into, released together.
class Decoder {
 public:
  static Result<Decoder> open(Machine machine, ByteView code, Address start) {
    Decoder decoder;
    bool arm = machine == Machine::kArm64;
    cs_err error = cs_open(arm ? CS_ARCH_ARM64 : CS_ARCH_X86,
                           arm ? CS_MODE_LITTLE_ENDIAN : CS_MODE_64, &decoder.handle_);
    if (error == CS_ERR_OK) error = cs_option(decoder.handle_, CS_OPT_DETAIL, CS_OPT_ON);
    if (error == CS_ERR_OK) decoder.instruction_ = cs_malloc(decoder.handle_);
    if (decoder.instruction_ == nullptr)
      return fail(Missing{std::string("the disassembler: ") + cs_strerror(error),
                          "finding variables by the code that uses them"});
    decoder.step_bytes_ = arm ? 4 : 1;
    decoder.restart(code, start);
    return decoder;
  }
  Decoder(Decoder&& other) noexcept { *this = std::move(other); }
  Decoder& operator=(Decoder&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(instruction_, other.instruction_);
    std::swap(next_, other.next_);
    std::swap(left_, other.left_);
    std::swap(address_, other.address_);
    std::swap(step_bytes_, other.step_bytes_);
    return *this;
  }
  ~Decoder() {
    if (instruction_ != nullptr) cs_free(instruction_, 1);
    if (handle_ != 0) cs_close(&handle_);
  }

  void restart(ByteView code, Address start) {
    next_ = reinterpret_cast<const std::uint8_t*>(code.data());
    left_ = code.size();
    address_ = start.value();
  }

  // nullptr at the end.
  const cs_insn* next() {
    while (left_ >= step_bytes_) {
      if (cs_disasm_iter(handle_, &next_, &left_, &address_, instruction_)) return instruction_;
      next_ += step_bytes_;
      left_ -= step_bytes_;
      address_ += step_bytes_;
    }
    return nullptr;
  }
  csh handle() const { return handle_; }

 private:
  Decoder() = default;
  csh handle_ = 0;
  cs_insn* instruction_ = nullptr;
  const std::uint8_t* next_ = nullptr;
  std::size_t left_ = 0;
  std::uint64_t address_ = 0;
  std::size_t step_bytes_ = 1;
};

inline bool is_in_group(const cs_insn& instruction, std::uint8_t group) {
  const cs_detail& detail = *instruction.detail;
  return std::find(detail.groups, detail.groups + detail.groups_count, group) !=
         detail.groups + detail.groups_count;
}

}  // namespace goshawk::binary
