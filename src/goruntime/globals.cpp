// Three ways lead to a variable, tried in this order: the symbol table, the code that uses it, its
// shape alone. The first that gives an address with the right shape wins. Unstripped programs cost
// one pass over their symbols, stripped ones the disassembly of a dozen functions; data and bss are
// walked over only when both fail.
//
// The target may be running: an address that fails its check is checked again a few times, some
// hundred microseconds apart, before it is given up.
//
// Not handled: a runtime that lives in a plugin or a shared library other than the first module.
#include "goruntime/globals.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>
#include <string_view>
#include <thread>

#include "binary/elf_file.h"
#include "goruntime/facts/wait_reason.h"
#include "goruntime/globals_code.h"
#include "goruntime/globals_scan.h"
#include "goruntime/globals_shape.h"

namespace goshawk::goruntime {
namespace {

constexpr int kRounds = 4;
constexpr std::chrono::microseconds kBetweenRounds{300};

constexpr std::array<std::string_view, 15> kSymbols = {"runtime.firstmoduledata",
                                                       "runtime.allgs",
                                                       "runtime.mheap_",
                                                       "runtime.semtable",
                                                       "runtime.allm",
                                                       "runtime.allp",
                                                       "runtime.sched",
                                                       "runtime.allglock",
                                                       "runtime.gcphase",
                                                       "runtime.allfin",
                                                       "runtime.finq",
                                                       "runtime.gcCleanups",
                                                       "runtime.waitReasonStrings",
                                                       "runtime.inProgress",
                                                       "runtime.iscgo"};

// name -> address in the target; empty for a stripped program.
using Symbols = std::map<std::string_view, Address>;

Symbols read_symbols(const target::Target& target, const Modules& modules) {
  auto fd = target.open_executable();
  if (!fd) return {};
  auto elf = binary::ElfFile::open(*fd, target.executable_path());
  if (!elf || modules.all.empty()) return {};
  auto found = elf->find_symbols(kSymbols);
  // The main module's own address in the target says where the file was loaded.
  if (!found[0]) return {};
  std::uint64_t bias = modules.all.front().address - found[0]->address;
  if (bias % 4096 != 0) return {};
  Symbols symbols;
  for (std::size_t i = 0; i < kSymbols.size(); ++i)
    if (found[i]) symbols.emplace(kSymbols[i], found[i]->address + bias);
  return symbols;
}

Address find_main_entry(const Functions& functions) {
  auto main = functions.find_by_name("runtime.main");
  return main ? functions.entry(*main) : Address();
}

// One search, over all variables.
class Finder {
 public:
  Finder(const target::Target& target, const Modules& modules, const Functions& functions,
         const GlobalShapes& shapes)
      : memory_(target.memory()),
        modules_(modules),
        functions_(functions),
        shapes_(shapes),
        symbols_(read_symbols(target, modules)),
        scan_(memory_, modules.all.front(), shapes) {}

  using Check = bool (GlobalShapes::*)(Address) const;

  std::optional<GlobalVariable> by_symbol(std::string_view name, Check check) {
    auto symbol = symbols_.find(name);
    if (symbol == symbols_.end()) return std::nullopt;
    return first_good(std::span(&symbol->second, 1), check, BoundBy::kSymbol);
  }

  std::optional<GlobalVariable> by_code(const std::vector<Address>& candidates, Check check) {
    return first_good(candidates, check, BoundBy::kCode);
  }

  std::optional<GlobalVariable> by_code(std::optional<Address> candidate, Check check) {
    if (!candidate) return std::nullopt;
    return first_good(std::span(&*candidate, 1), check, BoundBy::kCode);
  }

  // Optional variables of a program with symbols are looked up there and nowhere else: one that has
  // no symbol does not exist in it.
  bool has_symbols() const { return !symbols_.empty(); }
  GlobalsScan& scan() { return scan_; }
  GlobalsCode& code() {
    if (!code_) code_.emplace(memory_, modules_, functions_);
    return *code_;
  }
  const target::Memory& memory() const { return memory_; }
  const GlobalShapes& shapes() const { return shapes_; }
  std::optional<Address> symbol(std::string_view name) const {
    auto found = symbols_.find(name);
    return found == symbols_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::optional<GlobalVariable> first_good(std::span<const Address> candidates, Check check,
                                           BoundBy by) const {
    for (int round = 0; round < kRounds && !candidates.empty(); ++round) {
      if (round > 0) std::this_thread::sleep_for(kBetweenRounds);
      for (Address candidate : candidates)
        if ((shapes_.*check)(candidate)) return GlobalVariable{candidate, by};
    }
    return std::nullopt;
  }

  const target::Memory& memory_;
  const Modules& modules_;
  const Functions& functions_;
  const GlobalShapes& shapes_;
  Symbols symbols_;
  std::optional<GlobalsCode> code_;
  GlobalsScan scan_;
};

std::optional<GlobalVariable> by_shape(std::optional<Address> address) {
  if (!address) return std::nullopt;
  return GlobalVariable{*address, BoundBy::kShape};
}

Error missing(std::string_view name) {
  return Missing{fmt::format("{} in this process", name),
                 "without it nothing of its goroutines and heap can be read; if the program has "
                 "only just started, try again"};
}

Result<GlobalVariable> find_allgs(Finder& finder) {
  auto found = finder.by_symbol("runtime.allgs", &GlobalShapes::is_allgs);
  if (!found) found = finder.by_code(finder.code().find_allgs(), &GlobalShapes::is_allgs);
  if (!found) found = by_shape(finder.scan().find_allgs());
  if (!found) return fail(missing("runtime.allgs, the list of goroutines,"));
  return *found;
}

Result<GlobalVariable> find_mheap(Finder& finder) {
  auto found = finder.by_symbol("runtime.mheap_", &GlobalShapes::is_mheap);
  if (!found) found = finder.by_code(finder.code().find_mheap(), &GlobalShapes::is_mheap);
  if (!found) found = by_shape(finder.scan().find_mheap());
  if (!found) return fail(missing("runtime.mheap_, the heap,"));
  return *found;
}

// An empty table is all zeros, which many addresses are: of the code's candidates only one may be
// left.
std::optional<GlobalVariable> find_semtable(Finder& finder, Address mheap) {
  auto found = finder.by_symbol("runtime.semtable", &GlobalShapes::is_semtable);
  if (found || finder.has_symbols()) return found;
  std::vector<Address> candidates = finder.code().find_semtable();
  if (candidates.size() == 1) found = finder.by_code(candidates, &GlobalShapes::is_semtable);
  return found ? found : by_shape(finder.scan().find_semtable(mheap));
}

void find_scheduler(Finder& finder, Globals& globals) {
  globals.allm = finder.by_symbol("runtime.allm", &GlobalShapes::is_allm);
  globals.allp = finder.by_symbol("runtime.allp", &GlobalShapes::is_allp);
  globals.sched = finder.by_symbol("runtime.sched", &GlobalShapes::is_sched);
  if (finder.has_symbols()) return;
  globals.allm = finder.by_code(finder.code().find_allm(), &GlobalShapes::is_allm);
  globals.allp = finder.by_code(finder.code().find_allp(), &GlobalShapes::is_allp);
  globals.sched = finder.by_code(finder.code().find_sched(finder.shapes().sched_lock()),
                                 &GlobalShapes::is_sched);
}

void find_collector(Finder& finder, Globals& globals) {
  globals.gcphase = finder.by_symbol("runtime.gcphase", &GlobalShapes::is_gcphase);
  globals.allglock = finder.by_symbol("runtime.allglock", &GlobalShapes::is_mutex);
  globals.in_progress = finder.by_symbol("runtime.inProgress", &GlobalShapes::is_readable);
  globals.iscgo = finder.by_symbol("runtime.iscgo", &GlobalShapes::is_bool);
  if (finder.has_symbols()) return;
  globals.gcphase = finder.by_code(finder.code().find_gcphase(), &GlobalShapes::is_gcphase);
  globals.allglock = finder.by_code(finder.code().find_allglock(), &GlobalShapes::is_mutex);
  globals.in_progress =
      finder.by_code(finder.code().find_in_progress(), &GlobalShapes::is_readable);
  globals.iscgo = finder.by_code(finder.code().find_iscgo(), &GlobalShapes::is_bool);
}

void find_queues(Finder& finder, Globals& globals) {
  globals.allfin = finder.by_symbol("runtime.allfin", &GlobalShapes::is_finalizer_blocks);
  globals.finq = finder.by_symbol("runtime.finq", &GlobalShapes::is_finalizer_blocks);
  globals.gc_cleanups = finder.by_symbol("runtime.gcCleanups", &GlobalShapes::is_cleanup_queue);
  if (finder.has_symbols()) return;
  if (auto queue = finder.code().find_finalizer_queue()) {
    globals.allfin = finder.by_code(queue->allfin, &GlobalShapes::is_finalizer_blocks);
    globals.finq = finder.by_code(queue->finq, &GlobalShapes::is_finalizer_blocks);
  }
  if (auto all = finder.shapes().cleanup_queue_all())
    globals.gc_cleanups =
        finder.by_code(finder.code().find_cleanup_queue(*all), &GlobalShapes::is_cleanup_queue);
}

std::optional<GlobalVariable> find_wait_reason_strings(Finder& finder) {
  auto are_texts = [&](Address address) {
    return !facts::read_wait_reason_texts(finder.memory(), address).empty();
  };
  if (auto symbol = finder.symbol("runtime.waitReasonStrings"); symbol && are_texts(*symbol))
    return GlobalVariable{*symbol, BoundBy::kSymbol};
  for (Address candidate : finder.code().find_wait_reason_strings())
    if (are_texts(candidate)) return GlobalVariable{candidate, BoundBy::kCode};
  return by_shape(finder.scan().find_wait_reason_strings());
}

}  // namespace

Result<Globals> find_globals(const target::Target& target,
                             const std::vector<target::Mapping>& /*mappings*/,
                             const Modules& modules, const Functions& functions,
                             const LayoutSource& layout) {
  if (modules.all.empty()) return fail(missing("runtime.moduledata"));
  GlobalShapes shapes =
      TRY(GlobalShapes::bind(layout, modules.build, target.memory(), find_main_entry(functions)));
  Finder finder(target, modules, functions, shapes);
  Globals globals;
  globals.allgs = TRY(find_allgs(finder));
  globals.mheap = TRY(find_mheap(finder));
  globals.semtable = find_semtable(finder, globals.mheap.address);
  find_scheduler(finder, globals);
  find_collector(finder, globals);
  find_queues(finder, globals);
  globals.wait_reason_strings = find_wait_reason_strings(finder);
  return globals;
}

}  // namespace goshawk::goruntime
