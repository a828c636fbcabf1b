// Only asked on the way to an error. Marks, strongest first: a .go_export section or libgo.so
// (gccgo), a pclntab whose magic is of an old release, symbols of gccgo's or TinyGo's runtime.
// A stripped TinyGo or statically linked gccgo program has none of them and is called no Go
// program.
#include "goruntime/symbols/program_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "binary/elf_file.h"
#include "goruntime/facts/pclntab_magic.h"
#include "goruntime/symbols/build_facts.h"

namespace goshawk::goruntime {
namespace {

constexpr const char* kOnlyGc =
    "goshawk reads programs built with the standard Go toolchain, 1.19 or later";

Error unreadable(std::string what) { return Missing{std::move(what), kOnlyGc}; }

bool maps_libgo(const std::vector<target::Mapping>& mappings) {
  return std::ranges::any_of(mappings, [](const target::Mapping& mapping) {
    return mapping.path.find("/libgo.so") != std::string::npos;
  });
}

std::string_view old_releases(const binary::ElfFile& elf) {
  for (const char* name : {".gopclntab", ".data.rel.ro.gopclntab"}) {
    const binary::Section* section = elf.find_section(name);
    if (section == nullptr) continue;
    auto magic = load<std::uint32_t>(elf.section_bytes(*section), 0);
    if (magic && !is_readable_pclntab(*magic)) return pclntab_releases(*magic);
  }
  return "";
}

bool has_text_in(const binary::ElfFile& elf, const char* section_name, std::string_view text) {
  const binary::Section* section = elf.find_section(section_name);
  return section != nullptr &&
         as_text(elf.section_bytes(*section)).find(text) != std::string_view::npos;
}

}  // namespace

Error explain_unreadable_program(const target::Target& target,
                                 const std::vector<target::Mapping>& mappings) {
  const std::string path = target.executable_path();
  if (maps_libgo(mappings)) return unreadable(path + " was built with gccgo");
  auto fd = target.open_executable();
  if (!fd) return unreadable(path + " is not a Go program that can be read");
  auto elf = binary::ElfFile::open(*fd, path);
  if (!elf) return elf.error();

  if (elf->find_section(".go_export") != nullptr || has_text_in(*elf, ".strtab", "__go_"))
    return unreadable(path + " was built with gccgo");
  if (has_text_in(*elf, ".strtab", "tinygo_") || has_text_in(*elf, ".debug_str", "TinyGo"))
    return unreadable(path + " was built with TinyGo");
  if (std::string_view old = old_releases(*elf); !old.empty())
    return unreadable(fmt::format("{} was built with {}", path, old));
  if (auto build = read_build_information(*elf))
    return Missing{
        fmt::format("{} was built with {}, but runtime.moduledata is nowhere in its memory", path,
                    build->version),
        target.kind() == "core"
            ? "its writer left that part out, or damaged it: ask the process, or write another core"
            : "the program overwrote it, or has not started yet"};
  return unreadable(path + " is not a Go program");
}

}  // namespace goshawk::goruntime
