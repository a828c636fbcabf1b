// Binding order: what the binary says of itself (release, modules), then where its fields are, then
// where its variables are: each step needs the one before.
#include "goruntime/program.h"

#include "goruntime/facts/layout_choice.h"

namespace goshawk::goruntime {
namespace {

std::unique_ptr<binary::ElfFile> open_elf(const target::Target& target, const Modules& modules) {
  auto descriptor = open_image(target, modules);
  if (!descriptor) return nullptr;
  auto elf = binary::ElfFile::open(*descriptor, modules.image.path);
  return elf ? std::make_unique<binary::ElfFile>(std::move(*elf)) : nullptr;
}

void record_modules(const Modules& modules, std::vector<snapshot::Binding>& bindings) {
  bindings.push_back(snapshot::tried(
      "Go release", modules.build.by_build_information ? "build information" : "a string in data",
      modules.build.version.text, 0, 0));
  bindings.push_back(snapshot::tried("runtime.moduledata", "its shape in memory",
                                     "modules whose fields agree with their function table",
                                     modules.all.size(), modules.all.size()));
}

}  // namespace

std::string Program::build_id() const {
  if (elf == nullptr) return {};
  std::string gnu = elf->gnu_build_id();
  return gnu.empty() ? elf->go_build_id() : gnu;
}

Result<Program> bind_program(const target::Target& target,
                             std::vector<snapshot::Binding>& bindings) {
  std::vector<target::Mapping> mappings = TRY(target.read_mappings());
  Modules modules = TRY(read_modules(target, mappings));
  record_modules(modules, bindings);
  std::unique_ptr<binary::ElfFile> elf = open_elf(target, modules);
  LayoutChoice choice = TRY(choose_layout({elf.get(), &target.memory(), modules.all.front().types,
                                           modules.build.version, modules.build.arch}));
  std::unique_ptr<LayoutSource> layout = std::move(choice.source);
  Functions functions = TRY(Functions::read(target, mappings, modules));
  Globals globals = TRY(find_globals(target, mappings, modules, functions, *layout, bindings));
  facts::GFact g = TRY(facts::GFact::bind(*layout));
  facts::MFact m = TRY(facts::MFact::bind(*layout));
  facts::DeferFact defer = TRY(facts::DeferFact::bind(*layout));
  facts::TimerFact timer = TRY(facts::TimerFact::bind(*layout));
  WaitFacts waits = TRY(WaitFacts::bind(*layout, modules.build.version, modules.build.arch));
  return Program{std::move(mappings),
                 std::move(modules),
                 std::move(elf),
                 std::move(layout),
                 std::move(choice.remark),
                 std::move(functions),
                 globals,
                 g,
                 m,
                 defer,
                 timer,
                 waits};
}

}  // namespace goshawk::goruntime
