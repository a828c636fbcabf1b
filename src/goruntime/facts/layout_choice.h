// Which source says where the runtime's fields are.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "binary/elf_file.h"
#include "goruntime/layout/layout.h"
#include "goruntime/layout/table_layout.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// What one binary can be asked with.
struct LayoutClues {
  const binary::ElfFile* elf = nullptr;    // nullptr: the file is gone
  const target::Memory* memory = nullptr;  // of the running program, or of its core
  AddressRange types;                      // its main module's type descriptors
  GoVersion version;
  std::string arch;
};

struct LayoutChoice {
  std::unique_ptr<LayoutSource> source;
  // Something that whoever reads the result must know: the release is newer than the tables, or the
  // runtime is not the release's own. Empty: an ordinary program.
  std::string remark;
};

// What the binary says of itself, by its debug information or else by its type descriptors,
// completed by the table of its release for what that leaves out. A release that no table knows is
// completed by the nearest one, and a remark says so: everything that comes from a table is checked
// on the target before it is believed. Missing when nothing knows this build. The file and the
// memory must outlive the source.
Result<LayoutChoice> choose_layout(const LayoutClues& clues);

// `own` is the debug information: it answers for what every program describes, and for what the
// table does not track.
std::unique_ptr<LayoutSource> combined_layout(std::unique_ptr<LayoutSource> own,
                                              std::unique_ptr<TableLayout> table);

// `own` answers for each structure that it has; the table for others, unless one of those lies in
// them and is of another size here.
std::unique_ptr<LayoutSource> completed_layout(std::unique_ptr<LayoutSource> own,
                                               std::unique_ptr<TableLayout> table);

}  // namespace goshawk::goruntime
