// A separate file is believed when it is of the same build (target/debug_file.h) and, as that may
// rest on a checksum of 32 bits, when what it says of the runtime's structures is what the
// program's own type descriptors say, which stripping leaves. It serves for structures and symbols
// only: it has no code and no data.
#include "goruntime/layout/debug_information.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "binary/debug_link.h"
#include "goruntime/layout/descriptor_layout.h"
#include "goruntime/layout/dwarf_layout.h"
#include "goruntime/layout/table_layout.h"
#include "target/debug_file.h"

namespace goshawk::goruntime {
namespace {

using binary::ElfFile;

bool has_symbols(const ElfFile& elf) {
  return std::ranges::find(elf.sections(), SHT_SYMTAB, &binary::Section::type) !=
         elf.sections().end();
}

// Why the file's structures are not to be believed; empty: they are, or there are none.
std::string find_objection(const target::Memory& memory, const Modules& modules,
                           const ElfFile& file) {
  auto structures = dwarf_layout(file);
  auto own = descriptor_layout(memory, modules.all.front().types);
  auto names = TableLayout::find_nearest(modules.build.version, modules.build.arch);
  if (!structures || !own || !names) return "";
  auto different = (*names)->find_contradictions(**own, **structures);
  if (different.empty()) return "";
  return fmt::format(
      "it is damaged, or of another build (what it says of {} is not so in the program)",
      fmt::join(different, ", "));
}

void judge_separate_file(const target::Memory& memory, const Modules& modules,
                         DebugInformation& debug) {
  std::string objection = find_objection(memory, modules, *debug.separate);
  if (!objection.empty()) {
    debug.remarks.push_back(
        fmt::format("the debug file {} was not used: {}", debug.separate->name(), objection));
    debug.separate.reset();
  } else if (auto structures = dwarf_layout(*debug.separate); !structures) {
    debug.remarks.push_back(fmt::format("of the debug file {} only the symbols were used: {}",
                                        debug.separate->name(), describe(structures.error())));
  }
}

}  // namespace

const ElfFile* DebugInformation::for_layout() const {
  return separate != nullptr ? separate.get() : image.get();
}

const ElfFile* DebugInformation::for_symbols() const {
  bool of_image = image != nullptr && has_symbols(*image);
  return of_image || separate == nullptr ? image.get() : separate.get();
}

DebugInformation open_image_alone(const target::Target& target, const Modules& modules) {
  DebugInformation debug;
  auto descriptor = open_image(target, modules);
  if (!descriptor) return debug;
  auto elf = ElfFile::open(*descriptor, modules.image.path);
  if (elf) debug.image = std::make_unique<ElfFile>(std::move(*elf));
  return debug;
}

DebugInformation find_debug_information(const target::Target& target, const Modules& modules,
                                        std::span<const std::string> directories) {
  DebugInformation debug = open_image_alone(target, modules);
  if (debug.image == nullptr || !modules.image.path.starts_with('/')) return debug;
  auto own = dwarf_layout(*debug.image);
  if (own) return debug;
  if (!binary::find_debug_alt_link(*debug.image).empty())
    debug.remarks.push_back(describe(own.error()));
  target::DebugFileSearch search = target::find_debug_file(
      target, *debug.image, target.path_of_file(modules.image), directories);
  debug.separate = std::move(search.found);
  std::ranges::move(search.rejected, std::back_inserter(debug.remarks));
  if (debug.separate != nullptr) judge_separate_file(target.memory(), modules, debug);
  return debug;
}

}  // namespace goshawk::goruntime
