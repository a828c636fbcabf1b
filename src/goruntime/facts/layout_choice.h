// Which source says where the runtime's fields are.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "binary/elf_file.h"
#include "goruntime/layout/layout.h"
#include "goruntime/layout/table_layout.h"

namespace goshawk::goruntime {

// The debug information where the binary has it, completed by the table of its release for what not
// every program describes; the table alone for a stripped binary; the debug information alone for a
// release that the table does not know. Missing when neither knows this build. `elf` must outlive
// the source; nullptr (the file is gone): the table alone.
Result<std::unique_ptr<LayoutSource>> choose_layout(const binary::ElfFile* elf,
                                                    const GoVersion& version,
                                                    std::string_view arch);

// `own` answers for what every program describes, and for what the table does not track.
std::unique_ptr<LayoutSource> combined_layout(std::unique_ptr<LayoutSource> own,
                                              std::unique_ptr<TableLayout> table);

}  // namespace goshawk::goruntime
