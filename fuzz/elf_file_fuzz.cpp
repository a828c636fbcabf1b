// An executable file: headers, sections, symbols, notes, compressed sections, build information,
// links to debug files. The input is the file.
#include <zlib.h>
#include <zstd.h>

#include "binary/debug_link.h"
#include "binary/elf_file.h"
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "goruntime/symbols/build_facts.h"

namespace goshawk::fuzz {
namespace {

using binary::Bytes;
using binary::ElfFile;
using binary::ElfWriter;

// Each one may be decompressed to a thousand times its size, and may be all of the file.
constexpr std::size_t kMostSections = 8;

void read_sections(const ElfFile& elf) {
  for (const binary::Section& section : elf.sections()) {
    use(section.name);
    use(elf.section_bytes(section));
  }
  for (std::size_t i = 0; i < std::min(elf.sections().size(), kMostSections); ++i)
    if (auto contents = elf.read_section(elf.sections()[i].name)) use(ByteView(*contents));
  if (auto contents = elf.read_section(".debug_info")) use(ByteView(*contents));
}

void read_segments(const ElfFile& elf) {
  use(elf.find_loaded_bytes(elf.entry(), 1));
  for (const binary::Segment& segment : elf.segments()) {
    use(elf.find_loaded_bytes(segment.address, segment.file_size_bytes));
    use(elf.find_loaded_bytes(segment.address + segment.file_size_bytes / 2,
                              segment.memory_size_bytes));
  }
}

std::string compressed(std::uint32_t method, std::string_view text) {
  std::string stream(1024, '\0');
  if (method == 1) {
    uLongf size = stream.size();
    ::compress(reinterpret_cast<Bytef*>(stream.data()), &size,
               reinterpret_cast<const Bytef*>(text.data()), text.size());
    stream.resize(size);
  } else {
    stream.resize(::ZSTD_compress(stream.data(), stream.size(), text.data(), text.size(), 1));
  }
  return Bytes().u32(method).u32(0).u64(text.size()).u64(1).raw(stream).str();
}

std::string write_file() {
  ElfWriter writer;
  writer.segment(PT_LOAD, writer.section(".text", SHT_PROGBITS, "text"), 0x401000);
  Bytes build;
  build.raw("\xff Go buildinf:").u8(8).u8(2).u64(0).u64(0);
  build.u8(8).raw("go1.27.1").u8(20).raw("path\tmain\nbuild\tA=0\n");
  writer.segment(PT_LOAD, writer.section(".go.buildinfo", SHT_PROGBITS, build.str()), 0x500000);
  std::string notes = Bytes().u32(4).u32(4).u32(3).text("GNU").u32(0x12345678).str() +
                      Bytes().u32(4).u32(6).u32(4).text("Go\0").raw("a/b/c\0\0\0").str();
  writer.segment(PT_NOTE, writer.section(".note", SHT_NOTE, notes), 0x402000);
  std::string text(300, 'x');
  writer.section(".debug_info", SHT_PROGBITS, compressed(1, text), SHF_COMPRESSED);
  writer.section(".debug_line", SHT_PROGBITS, compressed(2, text), SHF_COMPRESSED);
  writer.section(".gnu_debuglink", SHT_PROGBITS,
                 Bytes().text("server.debug").raw(std::string(3, '\0')).u32(0x12345678).str());
  writer.section(".gnu_debugaltlink", SHT_PROGBITS, Bytes().text("/dwz/shared").u64(1).str());
  writer.symbols(SHT_SYMTAB, {{"runtime.allgs", 0x500000, 24}, {"main.main", 0x401000, 4}});
  std::string file = writer.write();
  // PT_LOAD alone is not enough for build information: the segment is to be writable.
  file[64 + 56 + 4] = static_cast<char>(PF_R | PF_W);
  return file;
}

}  // namespace

void run(ByteView input) {
  auto elf = ElfFile::parse(input, "fuzzed");
  if (!elf) return use(describe(elf.error()));
  read_sections(*elf);
  read_segments(*elf);
  const std::string_view names[] = {"runtime.allgs", "main.main", ""};
  for (const auto& symbol : elf->find_symbols(names))
    if (symbol) use(symbol->address.value());
  use(elf->gnu_build_id());
  use(elf->go_build_id());
  if (auto link = binary::find_debug_link(*elf)) use(link->name + std::to_string(link->crc));
  use(binary::find_debug_alt_link(*elf));
  use(binary::compute_debug_link_crc(elf->bytes()) + elf->is_debug_file());
  if (auto build = goruntime::read_build_information(*elf)) {
    use(build->version + build->main_path);
    for (const goruntime::BuildSetting& setting : build->settings)
      use(setting.name + setting.value);
  }
}

std::vector<std::string> seeds() { return {write_file(), ElfWriter().write()}; }

}  // namespace goshawk::fuzz
