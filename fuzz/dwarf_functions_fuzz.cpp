// Functions' variables in debug information: location lists and expressions. The input is the
// sections' lengths and their bytes; a sound ELF file is written around them.
#include "binary/dwarf_functions.h"
#include "binary/dwarf_types.h"
#include "binary/dwarf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/input.h"

namespace goshawk::fuzz {
namespace {

using binary::DwarfSections;

DwarfSections take_sections(Input& input) {
  std::uint16_t lengths[4];
  for (std::uint16_t& length : lengths) length = input.take<std::uint16_t>();
  DwarfSections sections;
  sections.abbrev = input.take_text(lengths[0]);
  sections.addr = input.take_text(lengths[1]);
  sections.loc = input.take_text(lengths[2]);
  sections.ranges = input.take_text(lengths[3]);
  sections.info = as_text(input.take_rest());
  return sections;
}

std::string to_seed(const DwarfSections& sections) {
  binary::Bytes seed;
  for (const std::string* one : {&sections.abbrev, &sections.addr, &sections.loc, &sections.ranges})
    seed.u16(static_cast<unsigned>(one->size()));
  return seed.raw(sections.abbrev)
      .raw(sections.addr)
      .raw(sections.loc)
      .raw(sections.ranges)
      .raw(sections.info)
      .str();
}

}  // namespace

void run(ByteView bytes) {
  Input input(bytes);
  std::string file = take_sections(input).elf();
  auto elf = binary::ElfFile::parse(binary::view(file), "fuzzed");
  if (!elf) return;
  auto opened = binary::DwarfEntries::open(*elf);
  if (!opened) return;
  auto entries = std::make_shared<binary::DwarfEntries>(std::move(*opened));
  binary::DwarfFunctions functions(entries);
  auto types = binary::DwarfTypes::open(entries, *elf, "runtime");
  for (std::uint64_t pc : {0x400000, 0x401020, 0x401040, 0x401100, 0x401200}) {
    for (const binary::FramePart& part : functions.find_frame_parts(Address(pc))) {
      use(static_cast<std::uint64_t>(part.place));
      if (!types) continue;
      use(types->find_size_of_type(part.type).value_or(0));
      if (auto place = types->find_place_in_type(part.type, part.offset)) use(place->path);
    }
    for (const binary::CapturedVariable& one : functions.find_captured(Address(pc)))
      use(one.offset);
  }
}

std::vector<std::string> seeds() {
  return {to_seed(binary::write_dwarf_functions(4).sections()),
          to_seed(binary::write_dwarf_functions(5).sections())};
}

}  // namespace goshawk::fuzz
