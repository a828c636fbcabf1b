// What: the first word of runtime.pcHeader. Where: cmd/internal pclntab writer and
// debug/gosym/pclntab.go (go12magic ...), internal/abi CurrentPCLnTabMagic since 1.26.
//
//   release  what changed
//   1.2      0xfffffffb
//   1.16     0xfffffffa: names, files and pc tables apart from each other
//   1.18     0xfffffff0: entry pcs as offsets from textStart
//   1.20     0xfffffff1: startLine in _func
//   1.26     the same word; pcHeader.textStart is unused and 0
//
// Obfuscated programs carry a word of their own, so a reader goes by moduledata's shape; this table
// only says what an unreadable program is.
#include "goruntime/facts/pclntab_magic.h"

namespace goshawk::goruntime {

std::string_view pclntab_releases(std::uint32_t magic) {
  switch (magic) {
    case 0xfffffffb:
      return "Go 1.2 to 1.15";
    case 0xfffffffa:
      return "Go 1.16 or 1.17";
    case 0xfffffff0:
      return "Go 1.18 or 1.19";
    case 0xfffffff1:
      return "Go 1.20 or later";
    default:
      return "";
  }
}

bool is_readable_pclntab(std::uint32_t magic) { return magic == 0xfffffff0 || magic == 0xfffffff1; }

}  // namespace goshawk::goruntime
