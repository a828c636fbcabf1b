// The memory of a live process: process_vm_readv with long vectors; its mem file where that call is
// denied or absent.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "target/file_descriptor.h"
#include "target/memory.h"
#include "target/process_directory.h"

namespace goshawk::target {

// Both files belong to the address space that was there when they were opened, whatever the process
// does then.
struct MemoryFiles {
  FileDescriptor maps;
  FileDescriptor mem;  // its owner's alone: CAP_SYS_PTRACE by itself does not open it
};

// nullopt: we may not read the memory; errno says why. Asks what a debugger is asked, and attaches
// to nothing.
std::optional<MemoryFiles> open_memory(const ProcessDirectory& directory);

class ProcessMemory : public Memory {
 public:
  enum class Way { kVector, kMemFile };
  // `name`: whose it is, for errors; empty: "process PID".
  ProcessMemory(std::int64_t pid, MemoryFiles files, Way way = Way::kVector, std::string name = {});

  Result<void> read(Address from, std::span<std::byte> into) const override;
  std::size_t read_pieces(std::span<Piece> pieces) const override;
  std::uint64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }

  // Whether the address space that was there at opening is still in use: false after the process
  // ended or executed another program.
  bool is_alive() const;
  bool has_mem_file() const { return files_.mem.is_open(); }

 private:
  struct Batch;
  std::uint64_t read_some(Batch& batch) const;
  std::uint64_t read_vectors(Batch& batch) const;
  std::uint64_t read_mem_file(Batch& batch) const;
  std::string explain_failure() const;

  std::int64_t pid_;
  std::string name_;
  MemoryFiles files_;
  mutable std::atomic<Way> way_;
  mutable std::atomic<std::uint64_t> bytes_read_ = 0;
};

}  // namespace goshawk::target
