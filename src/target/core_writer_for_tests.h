// Core files for tests, written where they are read.
#pragma once

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "binary/elf_writer_for_tests.h"

namespace goshawk::target {

class CoreWriter {
 public:
  struct Segment {
    std::uint64_t address = 0;
    std::uint32_t flags = PF_R | PF_W;
    std::string contents;           // what is in the file
    std::uint64_t memory_size = 0;  // 0: as much as that
  };
  struct File {
    std::uint64_t start = 0, end = 0, page_offset = 0;
    std::string path;
  };

  std::uint16_t machine = EM_X86_64;
  std::vector<Segment> segments;
  std::vector<File> files;
  std::uint64_t program_headers = 0, entry = 0;

  // A thread whose registers are 1000 * tid, 1000 * tid + 1 ...
  void thread(std::int32_t tid, bool with_vectors = true) {
    binary::Bytes status;
    status.raw(std::string(32, '\0')).u32(static_cast<std::uint32_t>(tid));
    status.raw(std::string(112 - 36, '\0'));
    for (std::uint64_t i = 0; i < 34; ++i) status.u64(static_cast<std::uint64_t>(tid) * 1000 + i);
    note("CORE", NT_PRSTATUS, status.str());
    std::string vectors = binary::Bytes().u64(0xf0).u64(0).str();
    if (machine == EM_AARCH64) {
      if (with_vectors) vectors.resize(528);  // user_fpsimd_state
      note("CORE", NT_FPREGSET, vectors);
      note("LINUX", NT_ARM_TLS, binary::Bytes().u64(0x715).u64(0).str());  // two words with SME
      return;
    }
    note("CORE", NT_FPREGSET, vectors);
    if (with_vectors) note("LINUX", NT_X86_XSTATE, binary::Bytes().u64(0xf0).u64(0xf1).str());
  }

  void note(std::string_view owner, std::uint32_t type, const std::string& content) {
    auto padded = [](std::string text) {
      text.resize((text.size() + 3) / 4 * 4);
      return text;
    };
    std::string name = std::string(owner) + '\0';
    notes_.u32(name.size()).u32(content.size()).u32(type).raw(padded(name)).raw(padded(content));
  }

  std::string write() {
    std::string info(40, '\0');
    info[24] = 77;
    note("CORE", NT_PRPSINFO, info + "service\0\0\0\0\0\0\0\0\0");
    note("CORE", NT_AUXV,
         binary::Bytes()
             .u64(AT_PHDR)
             .u64(program_headers)
             .u64(AT_ENTRY)
             .u64(entry)
             .u64(0)
             .u64(0)
             .str());
    binary::Bytes mapped;
    mapped.u64(files.size()).u64(4096);
    for (const File& file : files) mapped.u64(file.start).u64(file.end).u64(file.page_offset);
    for (const File& file : files) mapped.text(file.path);
    if (!files.empty()) note("CORE", NT_FILE, mapped.str());

    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_CORE;
    header.e_machine = machine;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = static_cast<std::uint16_t>(segments.size() + 1);
    std::uint64_t offset = sizeof header + header.e_phnum * sizeof(Elf64_Phdr);
    binary::Bytes file;
    file.put(header);
    file.put(Elf64_Phdr{PT_NOTE, 0, offset, 0, 0, notes_.size(), 0, 4});
    offset += notes_.size();
    for (const Segment& segment : segments) {
      std::uint64_t size = segment.contents.size();
      file.put(Elf64_Phdr{PT_LOAD, segment.flags, offset, segment.address, 0, size,
                          segment.memory_size == 0 ? size : segment.memory_size, 4096});
      offset += size;
    }
    file.raw(notes_.str());
    for (const Segment& segment : segments) file.raw(segment.contents);
    return file.str();
  }

 private:
  binary::Bytes notes_;
};

// A file that is nowhere but in memory, under a path that lasts as long as this.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view contents) : fd_(::memfd_create("file", 0)) {
    if (::write(fd_, contents.data(), contents.size()) != static_cast<ssize_t>(contents.size()))
      std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace goshawk::target
