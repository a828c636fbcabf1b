// .gnu_debuglink: a name that ends with a zero, zeros up to a multiple of four, a CRC-32 of four
// bytes. objcopy writes the last part of a path there; whoever writes folders into it ("../../x")
// wants a file to be read that is not beside the executable, so that such a link counts as none.
// .gnu_debugaltlink: a path that ends with a zero, then a build id. Follows binutils, bfd/opncls.c.
#include "binary/debug_link.h"

#include <zlib.h>

#include <algorithm>

namespace goshawk::binary {
namespace {

constexpr std::size_t kMostNameBytes = 255;

std::string_view text_at_start(ByteView bytes) {
  std::string_view text = as_text(bytes);
  std::size_t end = text.find('\0');
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= kMostNameBytes && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos;
}

ByteView bytes_of(const ElfFile& elf, std::string_view section_name) {
  const Section* section = elf.find_section(section_name);
  return section == nullptr ? ByteView() : elf.section_bytes(*section);
}

}  // namespace

std::optional<DebugLink> find_debug_link(const ElfFile& elf) {
  ByteView bytes = bytes_of(elf, ".gnu_debuglink");
  std::string_view name = text_at_start(bytes);
  if (!is_file_name(name)) return std::nullopt;
  auto crc = load<std::uint32_t>(bytes, (name.size() + 4) / 4 * 4);
  if (!crc) return std::nullopt;
  return DebugLink{std::string(name), *crc};
}

std::uint32_t compute_debug_link_crc(ByteView file) {
  auto start = reinterpret_cast<const Bytef*>(file.data());
  return static_cast<std::uint32_t>(::crc32_z(0, start, file.size()));
}

std::string find_debug_alt_link(const ElfFile& elf) {
  return std::string(text_at_start(bytes_of(elf, ".gnu_debugaltlink")));
}

}  // namespace goshawk::binary
