// What a Go binary says of itself: its release and main package, from the build information that
// the linker puts at the start of the data segment, or from runtime.buildVersion where it is gone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "binary/elf_file.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct BuildSetting {
  std::string name, value;  // "-ldflags", "CGO_ENABLED", "vcs.revision"
};

struct BuildInformation {
  std::string version;    // "go1.26.1 X:greenteagc"
  std::string main_path;  // "example.com/cmd/server", "" when the modinfo has none
  std::vector<BuildSetting> settings = {};
  bool from_data = false;  // only runtime.buildVersion was found, among the program's data
};

// The offset of something that looks like the header of .go.buildinfo, which stands at a 16-byte
// boundary; start: the address of the first byte.
std::optional<std::uint64_t> find_build_information(Address start, ByteView bytes);

// `header` is its address in the target.
std::optional<BuildInformation> read_build_information(const target::Memory& memory,
                                                       Address header);

// The same from an executable file, for a process whose memory may not be read.
std::optional<BuildInformation> read_build_information(const binary::ElfFile& executable);

// Go's name of the architecture, of the ELF header: "amd64".
std::string arch_of(binary::Machine machine);

// runtime.buildVersion by its looks: a string in [data] whose text begins like a version.
std::optional<std::string> find_build_version(const target::Memory& memory, AddressRange data);

// The lines "build\tNAME=VALUE" of a modinfo text; a value that was quoted stays so.
std::vector<BuildSetting> parse_build_settings(std::string_view modinfo);

// The package path of a modinfo text (debug/buildinfo), "" when it has none.
std::string parse_main_path(std::string_view modinfo);

}  // namespace goshawk::goruntime
