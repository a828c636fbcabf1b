// The modules of a Go program (one, and one for each plugin): runtime.moduledata, found by its
// shape in stripped binaries, and what it says of text, data, types and stack maps.
// Follows runtime/symtab.go (moduledata, moduledataverify1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"
#include "target/target.h"

namespace goshawk::goruntime {

// n bits at an address, one for each word; runtime/stack.go bitvector.
struct Bitvector {
  std::uint32_t bits = 0;
  Address bytes;
};

// Only where the linker had to split the text (arm64 over 128 MB); runtime/symtab.go textsect.
struct TextSection {
  std::uint64_t first_offset = 0;  // code offsets [first, last) ...
  std::uint64_t last_offset = 0;
  Address start;  // ... begin at this address
};

// Where the parts of the pclntab are in the target's memory, as ranges of bytes.
struct PclntabRanges {
  AddressRange header;  // pcHeader
  AddressRange funcnametab;
  AddressRange cutab;
  AddressRange filetab;
  AddressRange pctab;
  AddressRange pclntable;  // begins with the functab: {entryoff u32, funcoff u32} and a sentinel
  std::uint32_t function_count = 0;
  std::uint32_t pc_quantum = 1;
};

struct Moduledata {
  Address address;     // of the moduledata itself
  Address next_field;  // in it: the next module, null in the last one's
  Address pc_header;   // the pclntab
  PclntabRanges pclntab;
  AddressRange text;                       // [text, etext): what code offsets are relative to
  AddressRange functions;                  // [minpc, maxpc): where a pc has a function
  std::vector<TextSection> text_sections;  // empty: one section, at text.start
  AddressRange noptrdata, data, bss, noptrbss;
  Bitvector gcdata_mask, gcbss_mask;
  AddressRange types;  // [types, etypes)
  Address rodata;      // stack object masks are relative to it
  Address gofunc;      // funcdata is relative to it
  bool has_main = false;
  std::string name;
};

// Build information as far as the binary has any.
struct BuildFacts {
  GoVersion version;
  bool by_build_information = false;  // else by a string among its data
  std::string arch;                   // "amd64", "arm64", of the ELF header
  std::string main_path;              // "example.com/cmd/server", "" when unknown
  // No table knows this release: its structures have the shape of the newest known one, or of an
  // older one, and were checked to have it.
  bool newer_than_tables = false;
  // The binary does not say which release it is: version is what its runtime's structures are of.
  bool unnamed = false;
};

// A Go runtime, as it is told from others in the same process.
struct RuntimeName {
  std::string path;     // of the file that it is in; empty: in none (a packed program)
  std::string version;  // empty: not known

  std::string text() const;  // "/lib/libgo.so (go1.27.4)"
};

struct Modules {
  BuildFacts build;
  std::vector<Moduledata> all;  // the main module first
  target::Mapping image;        // of what the runtime is in: the executable, or a library
  std::vector<RuntimeName> other_runtimes;  // in the same process, with modules of their own
};

// A process has one, or several when it has loaded several Go libraries. An error where its modules
// could not be read.
struct Runtime {
  RuntimeName name;
  Result<Modules> modules;
};

// The file that the runtime is in; a readable descriptor that the caller closes. A packed program
// has its runtime in no file: then the executable.
Result<int> open_image(const target::Target& target, const Modules& modules);

// Every runtime of a running process or a core, the executable's first, then by path; one at least.
// Missing says that this is no Go program, or which one it is that cannot be read (gccgo, TinyGo,
// before 1.19).
Result<std::vector<Runtime>> find_runtimes(const target::Target& target,
                                           const std::vector<target::Mapping>& mappings);

// One of them: `wanted` is its number, its path or its file's name; empty: the first that can be
// read. Usage when it names none.
Result<Modules> read_modules(const target::Target& target,
                             const std::vector<target::Mapping>& mappings,
                             std::string_view wanted = {});

}  // namespace goshawk::goruntime
