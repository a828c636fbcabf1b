// The release is known before the rest is bound: a process whose layout is not known is still
// listed.
#include "goruntime/census.h"

#include "goruntime/goroutines/scheduler.h"
#include "goruntime/page_cache.h"
#include "goruntime/program.h"
#include "goruntime/symbols/build_facts.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kPageBytes = 8192;  // runtime.pageSize

std::optional<std::uint64_t> read_heap_bytes(const target::Target& target, const Program& program) {
  auto pages = program.layout->field("runtime.mheap", "pagesInUse");
  if (!pages) return std::nullopt;
  auto count =
      target.memory().read_value<std::uint64_t>(program.globals.mheap.address + pages->offset);
  if (!count) return std::nullopt;
  return *count * kPageBytes;
}

}  // namespace

Result<Census> take_census(target::Target& target) {
  std::vector<target::Mapping> mappings = TRY(target.read_mappings());
  BuildFacts build = TRY(read_modules(target, mappings)).build;
  Census census{build.version.text, build.arch, {}, {}};
  std::vector<snapshot::Binding> bindings;
  auto program = bind_program(target, bindings);
  if (!program) return census;
  std::uint64_t dead = 0;
  if (auto gs = read_gs(target.memory(), program->g, program->globals, dead))
    census.goroutines = gs->size();
  census.heap_bytes = read_heap_bytes(target, *program);
  return census;
}

std::optional<Census> read_go_executable(int executable) {
  auto elf = binary::ElfFile::open(executable, "executable");
  auto information = elf ? read_build_information(*elf) : std::nullopt;
  if (!information || information->version.empty()) return std::nullopt;
  return Census{std::move(information->version), arch_of(elf->machine()), {}, {}};
}

}  // namespace goshawk::goruntime
