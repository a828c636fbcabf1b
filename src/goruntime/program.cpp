// Binding order: what the binary says of itself (release, modules), then where its fields are, then
// where its variables are: each step needs the one before.
#include "goruntime/program.h"

#include <fmt/format.h>

#include "goruntime/bare_program.h"
#include "goruntime/facts/layout_choice.h"

namespace goshawk::goruntime {
std::string Program::build_id() const {
  if (debug.image == nullptr) return {};
  std::string gnu = debug.image->gnu_build_id();
  return gnu.empty() ? debug.image->go_build_id() : gnu;
}

std::string Program::debug_file() const {
  return debug.separate == nullptr ? std::string() : debug.separate->name();
}

namespace {

std::vector<std::string> make_remarks(const LayoutChoice& choice, const BuildFacts& build,
                                      const Functions& functions) {
  std::vector<std::string> remarks;
  if (!choice.remark.empty()) remarks.push_back(choice.remark);
  if (build.unnamed)
    remarks.push_back(
        fmt::format("the program does not name its Go release: all that it tells of its runtime "
                    "is as in {}, and in no other release",
                    build.version.text));
  if (functions.are_obfuscated())
    remarks.emplace_back(
        "the program was obfuscated (garble): names, files and lines are those that were left in "
        "it; to have the source's names, pipe this text through `garble reverse` in the source "
        "tree, with the flags of the build");
  return remarks;
}

void record_modules(const Modules& modules, std::vector<snapshot::Binding>& bindings) {
  bindings.push_back(snapshot::tried("Go release",
                                     modules.build.by_build_information ? "build information"
                                     : modules.build.unnamed            ? "its structures"
                                                                        : "a string in data",
                                     modules.build.version.text, 0, 0));
  bindings.push_back(snapshot::tried("runtime.moduledata", "its shape in memory",
                                     "modules whose fields agree with their function table",
                                     modules.all.size(), modules.all.size()));
}

std::optional<facts::PollDescFact> bind_poll_desc(const LayoutSource& layout,
                                                  std::vector<snapshot::Binding>& bindings) {
  if (auto bound = facts::PollDescFact::bind(layout)) return *bound;
  bindings.push_back(snapshot::missing("runtime.pollDesc", "its fields by name"));
  return std::nullopt;
}

Result<Program> bind(const target::Target& target, std::vector<target::Mapping> mappings,
                     Modules modules, DebugInformation debug,
                     std::vector<snapshot::Binding>& bindings) {
  record_modules(modules, bindings);
  LayoutChoice choice =
      TRY(choose_layout({debug.for_layout(), &target.memory(), modules.all.front().types,
                         modules.build.version, modules.build.arch}));
  std::unique_ptr<LayoutSource> layout = std::move(choice.source);
  Functions functions = TRY(Functions::read(target, mappings, modules));
  std::vector<std::string> remarks = make_remarks(choice, modules.build, functions);
  Globals globals =
      TRY(find_globals(target, debug.for_symbols(), modules, functions, *layout, bindings));
  facts::GFact g = TRY(facts::GFact::bind(*layout));
  facts::MFact m = TRY(facts::MFact::bind(*layout));
  facts::DeferFact defer = TRY(facts::DeferFact::bind(*layout));
  facts::TimerFact timer = TRY(facts::TimerFact::bind(*layout));
  WaitFacts waits = TRY(WaitFacts::bind(*layout, modules.build.version, modules.build.arch));
  auto poll_desc = bind_poll_desc(*layout, bindings);
  return Program{std::move(mappings),
                 std::move(modules),
                 std::move(debug),
                 std::move(layout),
                 std::move(remarks),
                 std::move(functions),
                 globals,
                 g,
                 m,
                 defer,
                 timer,
                 waits,
                 poll_desc};
}

}  // namespace

Result<Program> bind_program(const target::Target& target, const BindRequest& request,
                             std::vector<snapshot::Binding>& bindings) {
  std::vector<target::Mapping> mappings = TRY(target.read_mappings());
  Modules modules = TRY(read_modules(target, mappings, request.runtime));
  DebugInformation debug = find_debug_information(target, modules, request.debug_directories);
  return bind(target, std::move(mappings), std::move(modules), std::move(debug), bindings);
}

Result<Program> bind_program(const target::Target& target, std::vector<target::Mapping> mappings,
                             Modules modules) {
  DebugInformation debug = open_image_alone(target, modules);
  std::vector<snapshot::Binding> unread;
  return bind(target, std::move(mappings), std::move(modules), std::move(debug), unread);
}

Result<Program> bind_bare_program(const target::Target& target) {
  std::vector<target::Mapping> mappings = TRY(target.read_mappings());
  Modules modules = TRY(read_modules(target, mappings));
  std::vector<snapshot::Binding> unread;
  return bind(target, std::move(mappings), std::move(modules), DebugInformation(), unread);
}

}  // namespace goshawk::goruntime
