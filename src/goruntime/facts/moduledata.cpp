// What: where the fields of runtime.moduledata are. Where: runtime/symtab.go moduledata, written by
// cmd/link/internal/ld/symtab.go.
//
//   release  what changed
//   1.18     funcdata relative to gofunc; the head as it is now
//   1.20     covctrs, ecovctrs inserted before end: what follows moved by 16
//   1.21     inittasks inserted after pkghashes
//   1.23     `bad` moved beside hasmain
//   1.26     epclntab inserted after gofunc; a section of its own, .go.module
//   1.27     typedesclen, itaboffset, itabsize inserted; typelinks, itablinks gone
//
// The head, up to the end of noptrbss, is the same in all of them. It is what the structure is
// found by, so it is a constant here and checked field by field against the pclntab's own header;
// the rest is bound by name and checked by whoever reads it.
#include "goruntime/facts/moduledata.h"

namespace goshawk::goruntime {

Result<ModuledataLayout> ModuledataLayout::bind(const LayoutSource& layout) {
  constexpr const char* kType = "runtime.moduledata";
  ModuledataLayout found;
  found.size_bytes = TRY(layout.need_size(kType));
  found.types = TRY(layout.need_offset(kType, "types"));
  found.etypes = TRY(layout.need_offset(kType, "etypes"));
  found.rodata = TRY(layout.need_offset(kType, "rodata"));
  found.gofunc = TRY(layout.need_offset(kType, "gofunc"));
  found.textsectmap = TRY(layout.need_offset(kType, "textsectmap"));
  found.modulename = TRY(layout.need_offset(kType, "modulename"));
  found.hasmain = TRY(layout.need_offset(kType, "hasmain"));
  found.gcdatamask = TRY(layout.need_offset(kType, "gcdatamask"));
  found.gcbssmask = TRY(layout.need_offset(kType, "gcbssmask"));
  found.next = TRY(layout.need_offset(kType, "next"));
  return found;
}

}  // namespace goshawk::goruntime
