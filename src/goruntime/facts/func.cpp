// What: the sizes and tails of runtime._func and runtime.inlinedCall. Where: runtime/runtime2.go
// _func, runtime/symtab.go inlinedCall (symtabinl.go since 1.21), written by cmd/link pcln.go.
//
//   release  what changed
//   1.18     entry pc became an offset; funcdata became offsets from moduledata.gofunc
//   1.20     _func.startLine inserted before funcID (40 -> 44 bytes); inlinedCall lost parent,
//   file,
//            line, gained startLine (20 -> 16 bytes): parents are found through parentPc alone,
//            which 1.19 can do as well
//
// These tables are read for each frame of each stack, so the two shapes are constants. Which one it
// is follows from the release and is checked when a module's tables are opened: see
// Pclntab::has_shape.
#include "goruntime/facts/func.h"

namespace goshawk::goruntime {

FuncLayout FuncLayout::bind(const GoVersion& version) {
  if (version.minor == 0 || version.minor >= 20) return {};
  return {.func_id = 36,
          .flag = 37,
          .funcdata_count = 39,
          .size_bytes = 40,
          .inlined_func_id = 2,
          .inlined_name = 12,
          .inlined_parent_pc = 16,
          .inlined_size_bytes = 20};
}

}  // namespace goshawk::goruntime
