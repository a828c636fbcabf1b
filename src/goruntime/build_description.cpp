// The file that the runtime is in is asked; it is the executable, but for a Go library. A program
// that is not linked dynamically has no interpreter (PT_INTERP) and no dynamic section.
#include "goruntime/build_description.h"

#include <elf.h>

#include <algorithm>

#include "binary/elf_file.h"
#include "goruntime/symbols/modules.h"

namespace goshawk::goruntime {
namespace {

bool has_segment(const binary::ElfFile& elf, std::uint32_t type) {
  return std::ranges::any_of(elf.segments(),
                             [&](const binary::Segment& segment) { return segment.type == type; });
}

void describe_elf(const binary::ElfFile& elf, BuildDescription& into) {
  into.build_id = elf.gnu_build_id().empty() ? elf.go_build_id() : elf.gnu_build_id();
  into.arch = arch_of(elf.machine());
  into.position_independent = elf.is_position_independent();
  into.dynamically_linked = has_segment(elf, PT_INTERP) || has_segment(elf, PT_DYNAMIC);
  into.has_symbol_table = elf.find_section(".symtab") != nullptr;
  into.has_debug_information =
      elf.find_section(".debug_info") != nullptr || elf.find_section(".zdebug_info") != nullptr;
  auto information = read_build_information(elf);
  if (!information) return;
  into.has_build_information = true;
  into.go_version = std::move(information->version);
  into.main_path = std::move(information->main_path);
  into.settings = std::move(information->settings);
}

}  // namespace

std::optional<BuildDescription> describe_executable(int descriptor, const std::string& path) {
  auto elf = binary::ElfFile::open(descriptor, path);
  if (!elf) return std::nullopt;
  BuildDescription description;
  description.path = path;
  describe_elf(*elf, description);
  return description;
}

BuildDescription describe_build(const target::Target& target) {
  BuildDescription description;
  description.path = target.executable_path();
  std::optional<Modules> modules;
  if (auto mappings = target.read_mappings())
    if (auto read = read_modules(target, *mappings)) modules = std::move(*read);
  auto descriptor = modules ? open_image(target, *modules) : target.open_executable();
  if (!descriptor) {
    description.why_not = describe(descriptor.error());
  } else {
    if (modules && !modules->image.path.empty()) description.path = modules->image.path;
    if (auto described = describe_executable(*descriptor, description.path))
      description = std::move(*described);
    else
      description.why_not = description.path + " is no executable of 64 bits that can be read";
  }
  if (!modules) return description;
  description.go_version = modules->build.version.text;
  description.arch = modules->build.arch;
  for (const Moduledata& module : modules->all) description.modules.push_back(module.name);
  return description;
}

}  // namespace goshawk::goruntime
