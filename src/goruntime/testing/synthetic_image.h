// For tests: the image of a Go program in a process' memory: build information, pclntab header and
// moduledata of a release, the rest being zeros.
#pragma once

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "goruntime/facts/moduledata.h"
#include "goruntime/symbols/modules.h"
#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime {

struct ImagePlaces {
  static constexpr Address kRodata{0x600000};  // the pclntab, then what else is read-only
  static constexpr Address kData{0x800000};    // build information, moduledata, the globals
  static constexpr std::uint64_t kBytes = 0x10000;
  static constexpr Address kModuledata = kData + 0x400;
  static constexpr Address kPlugin = kData + 0x1000;
  static constexpr Address kGlobals = kData + 0x2000;
  static constexpr Address kMask = kData + 0x3000;
};

// A target whose executable is an ELF header and nothing more.
class ImageTarget : public target::Target {
 public:
  std::string kind() const override { return "process"; }
  binary::Machine machine() const override { return binary::Machine::kX86_64; }
  std::int64_t pid() const override { return 1; }
  std::string executable_path() const override { return "/bin/program"; }
  Result<int> open_executable() const override {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    int fd = ::memfd_create("program", 0);
    if (fd < 0 || ::write(fd, &header, sizeof header) != sizeof header)
      return fail(Missing{"a file in memory", ""});
    return fd;
  }
  const target::Memory& memory() const override { return memory_; }
  Result<std::vector<target::Mapping>> read_mappings() const override { return mappings(); }
  Result<std::unique_ptr<target::Stop>> stop() override { return fail(Missing{"stop", ""}); }
  Result<std::int64_t> read_monotonic_ns() const override { return 0; }

  static std::vector<target::Mapping> mappings() {
    target::Mapping rodata;
    rodata.range = {ImagePlaces::kRodata, ImagePlaces::kRodata + ImagePlaces::kBytes};
    rodata.readable = true;
    rodata.path = "/bin/program";
    rodata.file_offset = 0x200000;
    target::Mapping data = rodata;
    data.range = {ImagePlaces::kData, ImagePlaces::kData + ImagePlaces::kBytes};
    data.writable = true;
    data.file_offset = 0x400000;
    return {rodata, data};
  }

  SyntheticMemory memory_;
};

class SyntheticImage : public ImagePlaces {
 public:
  explicit SyntheticImage(int minor) {
    memory().map(kRodata, kBytes);
    memory().map(kData, kBytes);
    write_pclntab();
    write_build_information("go1." + std::to_string(minor) + ".3");
    write_moduledata(kModuledata, minor, true);
  }

  SyntheticMemory& memory() { return target.memory_; }
  Result<Modules> read() { return read_modules(target, ImageTarget::mappings()); }
  void write_pclntab(std::uint32_t magic = 0xfffffff1) {
    memory().write(kRodata, magic);
    memory().write(kRodata + 6, std::uint8_t{1});
    memory().write(kRodata + 7, std::uint8_t{8});
    memory().write(kRodata + 8, std::uint64_t{2});  // functions
    memory().write(kRodata + 16, std::uint64_t{1});
    for (std::uint64_t i = 0; i < 5; ++i) memory().write(kRodata + 32 + i * 8, kTables[i]);
  }

  void write_build_information(const std::string& version, Address at = kData) {
    const std::string modinfo =
        "0123456789abcdefpath\texample.com/program\nmod\tx\n0123456789abcdef";
    memory().write_text(at, "\xff Go buildinf:");
    memory().write(at + 14, std::uint8_t{8});
    memory().write(at + 15, std::uint8_t{2});
    memory().write(at + 32, static_cast<std::uint8_t>(version.size()));
    memory().write_text(at + 33, version);
    Address rest = at + 33 + version.size();
    memory().write(rest, static_cast<std::uint8_t>(modinfo.size()));
    memory().write_text(rest + 1, modinfo);
  }

  void write_range(Address at, Address start, std::uint64_t size_bytes) {
    memory().write_pointer(at, start);
    memory().write_pointer(at + 8, start + size_bytes);
  }
  void write_slice(Address at, Address start, std::uint64_t length) {
    memory().write_pointer(at, start);
    memory().write(at + 8, length);
    memory().write(at + 16, length);
  }

  ModuledataLayout layout_of(int minor) {
    GoVersion version;
    version.minor = minor;
    version.text = "go1." + std::to_string(minor);
    auto table = table_layout(version, "amd64");
    auto layout = ModuledataLayout::bind(**table);
    return *layout;
  }

  void write_moduledata(Address at, int minor, bool has_main) {
    namespace head = moduledata_head;
    ModuledataLayout layout = layout_of(minor);
    memory().write_pointer(at + head::kPcHeader, kRodata);
    write_slice(at + head::kFuncnametab, kRodata + kTables[0], 16);
    write_slice(at + head::kCutab, kRodata + kTables[1], 2);
    write_slice(at + head::kFiletab, kRodata + kTables[2], 8);
    write_slice(at + head::kPctab, kRodata + kTables[3], 8);
    write_slice(at + head::kPclntable, kRodata + kTables[4], 512);
    write_slice(at + head::kFtab, kRodata + kTables[4], 3);
    write_range(at + head::kText, Address(0x401000), 0x1000);
    write_range(at + head::kMinpc, Address(0x401000), 0xf00);
    write_range(at + head::kNoptrdata, kData, 0);
    write_range(at + head::kData, kGlobals, 0x100);
    write_range(at + head::kBss, kGlobals + 0x100, 0x80);
    write_range(at + head::kNoptrbss, kGlobals + 0x180, 0x10);
    memory().write(at + layout.gcdatamask, std::uint32_t{30});
    memory().write_pointer(at + layout.gcdatamask + 8, kMask);
    memory().write(at + layout.gcbssmask, std::uint32_t{16});
    memory().write_pointer(at + layout.gcbssmask + 8, kMask);
    memory().write_pointer(at + layout.types, kRodata + 0x800);
    memory().write_pointer(at + layout.etypes, kRodata + 0x900);
    memory().write_pointer(at + layout.rodata, kRodata);
    memory().write_pointer(at + layout.gofunc, kRodata + 0xa00);
    memory().write(at + layout.hasmain, static_cast<std::uint8_t>(has_main));
  }

  static constexpr std::uint64_t kTables[] = {72, 96, 112, 120, 128};
  ImageTarget target;
};

}  // namespace goshawk::goruntime
