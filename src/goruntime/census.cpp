// The release is known before the rest is bound: a process whose layout is not known is still
// listed.
#include "goruntime/census.h"

#include <map>

#include "goruntime/goroutines/scheduler.h"
#include "goruntime/goroutines/system_goroutine.h"
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

// By the functions that they begin with, of which there are few. One that runs finalizers counts as
// the runtime's own all the time: its stack is not looked at.
std::uint64_t count_of_runtime(const std::vector<G>& gs, const Functions& functions) {
  std::map<Address, std::uint64_t> entries;
  for (const G& g : gs) ++entries[g.startpc];
  std::uint64_t of_runtime = 0;
  for (auto [entry, count] : entries) {
    FunctionId function = functions.find(entry);
    if (function != kNoFunction && classify_entry(functions.name(function)) != Entry::kProgram)
      of_runtime += count;
  }
  return of_runtime;
}

template <typename T>
void add(std::optional<T>& sum, const std::optional<T>& more) {
  sum = sum && more ? std::optional(*sum + *more) : std::nullopt;
}

void count(const target::Target& target, const std::vector<target::Mapping>& mappings,
           Modules modules, Census& census) {
  std::optional<std::uint64_t> goroutines, of_runtime, heap_bytes;
  if (auto program = bind_program(target, mappings, std::move(modules))) {
    std::uint64_t dead = 0;
    if (auto gs = read_gs(target.memory(), program->g, program->globals, dead)) {
      goroutines = gs->size();
      of_runtime = count_of_runtime(*gs, program->functions);
    }
    heap_bytes = read_heap_bytes(target, *program);
  }
  add(census.goroutines, goroutines);
  add(census.of_runtime, of_runtime);
  add(census.heap_bytes, heap_bytes);
}

}  // namespace

Result<Census> take_census(const target::Target& target,
                           const std::vector<target::Mapping>& mappings) {
  std::vector<Runtime> runtimes = TRY(find_runtimes(target, mappings));
  Census census;
  census.goroutines = census.of_runtime = census.heap_bytes = 0;
  const std::string executable(target::without_deleted(target.executable_path()));
  std::optional<Error> unreadable;
  for (Runtime& runtime : runtimes) {
    if (!runtime.name.path.empty() && runtime.name.path != executable)
      census.libraries.push_back(runtime.name.path);
    if (!runtime.modules) {
      unreadable = runtime.modules.error();
      continue;
    }
    if (census.go_version.empty()) {
      census.go_version = runtime.modules->build.version.text;
      census.arch = runtime.modules->build.arch;
    }
    count(target, mappings, std::move(*runtime.modules), census);
  }
  if (census.go_version.empty()) return fail(std::move(*unreadable));
  if (unreadable) census.goroutines = census.of_runtime = census.heap_bytes = std::nullopt;
  return census;
}

std::optional<Census> read_go_executable(int executable) {
  auto elf = binary::ElfFile::open(executable, "executable");
  auto information = elf ? read_build_information(*elf) : std::nullopt;
  if (!information || information->version.empty()) return std::nullopt;
  return Census{.go_version = std::move(information->version),
                .arch = arch_of(elf->machine()),
                .goroutines = {},
                .of_runtime = {},
                .heap_bytes = {},
                .main_path = std::move(information->main_path)};
}

}  // namespace goshawk::goruntime
