// PCDATA_InlTreeIndex at a pc names the innermost inlined call's row in the function's tree; the
// row's parentPc is an instruction of the same function whose source position is the call site, and
// whose own index names the next row outwards; -1 is the function itself. Go 1.19's rows also hold
// parent, file and line: they say the same and are not needed.
// A broken tree can lead in a circle, so the depth is limited; what was found until then is kept.
// Follows runtime/symtabinl.go (gentraceback before 1.21).
#include "goruntime/symbols/inline_tree.h"

namespace goshawk::goruntime {

std::vector<LogicalFrame> expand_inlining(const Pclntab& pclntab, const FunctionRecord& function,
                                          ByteView tree, Address pc) {
  constexpr std::size_t kMaxDepth = 1000;
  const FuncLayout& layout = pclntab.layout();
  std::vector<LogicalFrame> frames;
  while (!tree.empty() && frames.size() < kMaxDepth) {
    std::int32_t index = pclntab.pcdata(function, kPcdataInlTreeIndex, pc);
    if (index < 0) break;
    std::uint64_t row = static_cast<std::uint64_t>(index) * layout.inlined_size_bytes;
    if (!fits(tree, row, layout.inlined_size_bytes)) break;
    const std::byte* at = tree.data() + row;
    frames.push_back({.name_offset = load_unchecked<std::uint32_t>(at + layout.inlined_name),
                      .func_id = load_unchecked<std::uint8_t>(at + layout.inlined_func_id),
                      .inlined = true,
                      .pc = pc});
    pc = function.entry + load_unchecked<std::uint32_t>(at + layout.inlined_parent_pc);
  }
  frames.push_back({.name_offset = function.name_offset,
                    .func_id = function.func_id,
                    .inlined = false,
                    .pc = pc});
  return frames;
}

}  // namespace goshawk::goruntime
