// The memory that a core file holds, and what it leaves out because a file has it: pages of
// read-only mappings of the executable and its libraries.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "binary/elf_file.h"
#include "target/core_notes.h"
#include "target/file_descriptor.h"
#include "target/memory.h"

namespace goshawk::target {

class CoreMemory : public Memory {
 public:
  // `file` is the core that `core` was parsed from.
  CoreMemory(FileDescriptor file, const binary::ElfFile& core);

  // From now on what the core leaves out of this mapping reads as the file's bytes, which must
  // outlive this. Writable parts never do: what the process had written there is lost.
  void overlay(const MappedFile& mapping, ByteView file);

  Result<void> read(Address from, std::span<std::byte> into) const override;
  std::uint64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }

  // Of what the core claims to hold: how much its file ends before.
  std::uint64_t cut_off_bytes() const { return cut_off_bytes_; }

 private:
  struct Part {
    AddressRange range;
    std::uint64_t offset = 0;  // in the core
    ByteView bytes;            // an overlay's; empty: they are in the core
  };

  const Part* find(Address address) const;
  void insert(const Part& part);

  FileDescriptor file_;
  std::vector<Part> parts_;             // by address, without overlaps
  std::vector<AddressRange> writable_;  // by address
  std::uint64_t cut_off_bytes_ = 0;
  mutable std::atomic<std::uint64_t> bytes_read_ = 0;
};

}  // namespace goshawk::target
