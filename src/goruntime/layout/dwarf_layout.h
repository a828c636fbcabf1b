// Layouts as the binary's own debug information says them: the surest source, where there is any.
#pragma once

#include <memory>

#include "base/result.h"
#include "binary/elf_file.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

// Missing when the binary has no debug information of the runtime. `elf` must outlive the source.
Result<std::unique_ptr<LayoutSource>> dwarf_layout(const binary::ElfFile& elf);

}  // namespace goshawk::goruntime
