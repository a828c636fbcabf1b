// A program's function tables: pclntab, pc values, inline trees. The input says what is changed in
// tables that were sound (broken_tables.h).
#include "binary/elf_writer_for_tests.h"
#include "fuzz/broken_tables.h"
#include "fuzz/fuzz.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/traceback_filter.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;

SyntheticProgram make_program(int minor, bool arm64, std::uint32_t entry_key = 0) {
  SyntheticProgram program(minor, arm64);
  program.entry_key = entry_key;
  program.add({.name = "main.outer",
               .lines = {{0x10, 10}, {0x20, 20}, {0x30, 30}, {0x40, 11}},
               .files = {{0x20, 0}, {0x40, 1}},
               .inline_index = {{0x10, -1}, {0x20, 0}, {0x30, 1}, {0x40, -1}},
               .inlined = {{.name = "main.middle", .parent_pc = 8},
                           {.name = "main.inner", .parent_pc = 0x18}}});
  program.add({.name = "runtime.goexit[...]", .func_id = 8, .flag = kFlagTopFrame});
  program.add({.name = "main.second",
               .args_bytes = 16,
               .spdelta = {{4, 0}, {0x40, 32}},
               .lines = {{0x40, 100}},
               .files = {{0x40, 1}},
               .stack_map_index = {{0x40, 0}},
               .locals = SyntheticProgram::Bits{"101"},
               .args = SyntheticProgram::Bits{"01"}});
  program.build();
  return program;
}

void read_tables(const Pclntab& pclntab) {
  use(pclntab.has_shape());
  use(pclntab.find_entry_key().value_or(0));
  for (std::uint32_t index = 0; index < std::min(pclntab.function_count(), 8U); ++index) {
    auto record = pclntab.record(index);
    if (!record) continue;
    for (std::uint32_t table = 0; table < 4; ++table) {
      use(static_cast<std::uint64_t>(pclntab.pcdata(*record, table, record->entry + 5)));
      use(pclntab.funcdata(*record, table).value_or(Address()).value());
    }
    use(static_cast<std::uint64_t>(pclntab.spdelta(*record, record->entry + 5)));
  }
}

void ask(const Functions& functions, const GoVersion& version) {
  TracebackFilter filter(version);
  for (std::uint64_t offset = 0; offset <= 0xc0; offset += 3) {
    Address pc = SyntheticProgram::kText + offset;
    FunctionId function = functions.find(pc);
    auto frames = functions.source_frames(function, pc);
    for (const SourceFrame& frame : frames)
      use(frame.file), use(filter.printed_name(frame.function));
    use(filter.compute_shown(frames).size() + filter.compute_called(frames).size());
    if (auto creator = functions.creation_frame(pc)) use(filter.shows_creator(*creator));
    use(functions.name(function));
    use(static_cast<std::uint64_t>(functions.kind(function)));
  }
  const std::string_view names[] = {"main.second", "main.none", "main.outer"};
  for (auto found : functions.find_by_names(names)) use(found.value_or(0));
}

}  // namespace

void run(ByteView bytes) {
  static const SyntheticProgram sound[] = {make_program(19, false), make_program(20, false),
                                           make_program(27, false), make_program(27, true),
                                           make_program(27, false, 0x9e3779b9)};
  Input input(bytes);
  auto choice = input.take();
  SyntheticProgram program = sound[choice % std::size(sound)];
  Moduledata& module = program.module();
  if ((choice & 0x40) != 0) {
    module.pclntab.function_count = input.take<std::uint32_t>();
    module.pclntab.pc_quantum = input.take<std::uint32_t>();
  }
  if ((choice & 0x80) != 0) {
    std::uint64_t split = input.take();
    module.text_sections = {{0, split, module.text.start},
                            {split, input.take<std::uint64_t>(), module.text.start + split}};
  }
  auto tables = program.build_tables();
  break_tables(input, program.image());
  read_tables(tables->modules[0].pclntab);
  ask(Functions(std::move(tables)), program.version());
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  std::vector<std::string> all;
  for (unsigned choice = 0; choice < 5; ++choice) all.push_back(Bytes().u8(choice).str());
  all.push_back(Bytes().u8(0x42).u32(3).u32(1).u8(1).u16(0x40).u8(3).u32(7).str());
  all.push_back(Bytes().u8(0x82).u8(0x40).u64(0x100).u8(1).u16(0x100).u8(7).u64(7).str());
  return all;
}

}  // namespace goshawk::fuzz
