// Which source says where the runtime's fields are.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "binary/elf_file.h"
#include "goruntime/layout.h"

namespace goshawk::goruntime {

// The debug information where the binary has it, completed by the table of its release for types
// that the program does not use itself; the table alone for a stripped binary. Missing when neither
// knows this build. `elf` must outlive the source; nullptr (the file is gone): the table alone.
Result<std::unique_ptr<LayoutSource>> choose_layout(const binary::ElfFile* elf,
                                                    const GoVersion& version,
                                                    std::string_view arch);

// `first` answers for every type and constant that it knows, `second` for the others.
std::unique_ptr<LayoutSource> combined_layout(std::unique_ptr<LayoutSource> first,
                                              std::unique_ptr<LayoutSource> second);

}  // namespace goshawk::goruntime
