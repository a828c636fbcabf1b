// A core file: its notes, its segments, the addresses that they claim. The input is the file; all
// that a picture needs is asked of it, and a picture too.
#include "fuzz/fuzz.h"
#include "goruntime/capture.h"
#include "target/core_file.h"
#include "target/core_writer_for_tests.h"

namespace goshawk::fuzz {
namespace {

void read(target::Target& core) {
  use(core.executable_path());
  for (const std::string& shortcoming : core.shortcomings()) use(shortcoming);
  if (auto stop = core.stop())
    for (const target::Thread& thread : (*stop)->threads())
      use(thread.pc.value() + thread.registers.size() + thread.vector_words.size());
  auto mappings = core.read_mappings();
  if (!mappings) return;
  Address end;
  for (const target::Mapping& mapping : *mappings) {
    if (mapping.range.start < end || mapping.range.start >= mapping.range.end) std::abort();
    end = mapping.range.end;
    if (auto bytes = core.memory().read_bytes(mapping.range.start, 64)) use(ByteView(*bytes));
    if (auto bytes = core.memory().read_bytes(mapping.range.end - 8, 16)) use(ByteView(*bytes));
  }
}

}  // namespace

void run(ByteView input) {
  target::MemoryFile file(as_text(input));
  auto core = target::open_core(file.path(), {.executable = {}, .debug_directories = {"/nowhere"}});
  if (!core) return use(describe(core.error()));
  read(**core);
  std::vector<snapshot::Binding> bindings;
  auto program = goruntime::bind_program(**core, {}, bindings);
  if (!program) return use(describe(program.error()));
  auto picture = goruntime::capture(**core, *program, {}, bindings);
  if (!picture) use(describe(picture.error()));
}

std::vector<std::string> seeds() {
  target::CoreWriter core;
  core.thread(7);
  core.thread(8, false);
  core.program_headers = 0x400040;
  core.segments = {{.address = 0x400000, .flags = 5, .contents = binary::ElfWriter().write()},
                   {.address = 0x500000, .contents = std::string(512, 'D'), .memory_size = 8192}};
  core.files = {{0x400000, 0x401000, 0, "/nowhere/service"},
                {0x500000, 0x501000, 1, "/nowhere/lib"}};
  return {core.write()};
}

}  // namespace goshawk::fuzz
