// A Go executable or library has its function tables in a section of its own, and mostly its build
// information in another; stripping leaves both. A file without section headers (a packed program,
// or one that somebody erased them from) tells nothing: it may be Go's. Only files with code in
// them are looked into, which leaves out fonts and locales.
#include "goruntime/go_files.h"

#include <algorithm>

#include "binary/elf_file.h"

namespace goshawk::goruntime {
namespace {

bool is_maybe_go(const target::Target& target, const target::Mapping& mapping) {
  auto file = target.open_mapped_file(mapping);
  if (!file) return true;
  auto elf = binary::ElfFile::open(*file, mapping.path);
  if (!elf) return false;  // code of another kind: no runtime of Go's is in there
  return elf->sections().empty() ||
         std::ranges::any_of(elf->sections(), [](const binary::Section& section) {
           return section.name == ".gopclntab" || section.name == ".data.rel.ro.gopclntab" ||
                  section.name == ".go.buildinfo";
         });
}

}  // namespace

bool GoFiles::is_maybe_go(const target::Target& target, const target::Mapping& mapping) {
  FileId id{mapping.device, mapping.inode};
  {
    std::lock_guard lock(mutex_);
    if (auto known = known_.find(id); known != known_.end()) return known->second;
  }
  bool maybe = goruntime::is_maybe_go(target, mapping);
  std::lock_guard lock(mutex_);
  return known_[id] = maybe;
}

bool GoFiles::may_be_among(const target::Target& target,
                           const std::vector<target::Mapping>& mappings) {
  const target::Mapping* before = nullptr;
  for (const target::Mapping& mapping : mappings) {
    if (!mapping.executable || mapping.inode == 0) continue;
    bool same =
        before != nullptr && before->inode == mapping.inode && before->device == mapping.device;
    before = &mapping;
    if (!same && is_maybe_go(target, mapping)) return true;
  }
  return false;
}

}  // namespace goshawk::goruntime
