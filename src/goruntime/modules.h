// The modules of a Go program (one, and one for each plugin): runtime.moduledata, found by its
// shape in stripped binaries, and what it says of text, data, types and stack maps.
// Follows runtime/symtab.go (moduledata, moduledataverify1).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/layout.h"
#include "target/target.h"

namespace goshawk::goruntime {

// n bits at an address, one for each word; runtime/stack.go bitvector.
struct Bitvector {
  std::uint32_t bits = 0;
  Address bytes;
};

struct Moduledata {
  Address address;             // of the moduledata itself
  Address pc_header;           // the pclntab
  AddressRange text;           // [text, etext): what code offsets are relative to
  AddressRange noptrdata, data, bss, noptrbss;
  Bitvector gcdata_mask, gcbss_mask;
  AddressRange types;          // [types, etypes)
  Address rodata;              // stack object masks are relative to it
  Address gofunc;              // funcdata is relative to it
  bool has_main = false;
  std::string name;
};

// Build information as far as the binary has any.
struct BuildFacts {
  GoVersion version;
  std::string arch;            // "amd64", "arm64", of the ELF header
  std::string main_path;       // "example.com/cmd/server", "" when unknown
};

struct Modules {
  BuildFacts build;
  std::vector<Moduledata> all; // the main module first
};

// Reads a running process or a core. Missing says that this is no Go program, or which one it is
// that cannot be read (gccgo, TinyGo, before 1.19).
Result<Modules> read_modules(const target::Target& target, const std::vector<target::Mapping>& mappings);

}  // namespace goshawk::goruntime
