// Three ways lead to a variable: the symbol table, the code that uses it, and its shape alone. The
// first that gives an address with the right shape wins. Symbols are asked first, unless there are
// so many that one pass over them costs more than everything else (half a second in a program of
// 300 MB): then the disassembly of a dozen functions, at most two milliseconds, goes first. Data
// and bss are walked over only when both fail.
//
// The target may be running: an address that fails its check is checked again a few times, some
// hundred microseconds apart, before it is given up.
//
// All of them are looked for in the data of one runtime's first module: of two runtimes in one
// process each has its own.
#include "goruntime/symbols/globals.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string_view>
#include <thread>

#include "binary/elf_file.h"
#include "goruntime/facts/wait_reason.h"
#include "goruntime/symbols/globals_code.h"
#include "goruntime/symbols/globals_scan.h"
#include "goruntime/symbols/globals_shape.h"

namespace goshawk::goruntime {
namespace {

constexpr int kRounds = 4;
constexpr std::chrono::microseconds kBetweenRounds{300};
constexpr std::uint64_t kQuickTableBytes = 3 << 19;  // 64 Ki symbols

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

// The symbol table of the executable, if there is one and it is of the program that runs.
class Symbols {
 public:
  Symbols(const binary::ElfFile* elf, const Modules& modules) : modules_(modules), elf_(elf) {}

  bool are_few() const {
    if (elf_ == nullptr) return true;
    return std::ranges::none_of(elf_->sections(), [](const binary::Section& section) {
      return section.type == SHT_SYMTAB && section.size_bytes > kQuickTableBytes;
    });
  }
  bool are_there() { return !by_name().empty(); }

  std::optional<Address> find(std::string_view name) {
    auto found = by_name().find(name);
    return found == by_name().end() ? std::nullopt : std::optional(found->second);
  }

 private:
  const std::map<std::string_view, Address>& by_name() {
    if (!by_name_) by_name_ = read();
    return *by_name_;
  }

  std::map<std::string_view, Address> read() const {
    std::map<std::string_view, Address> symbols;
    if (elf_ == nullptr) return symbols;
    auto found = elf_->find_symbols(kSymbols);
    // The main module's own address in the target says where the file was loaded.
    if (!found[0]) return symbols;
    std::uint64_t bias = modules_.all.front().address - found[0]->address;
    if (bias % 4096 != 0 || (bias != 0 && !elf_->is_position_independent())) return symbols;
    for (std::size_t i = 0; i < kSymbols.size(); ++i)
      if (found[i]) symbols.emplace(kSymbols[i], found[i]->address + bias);
    return symbols;
  }

  const Modules& modules_;
  const binary::ElfFile* elf_;
  std::optional<std::map<std::string_view, Address>> by_name_;
};

FirstGoroutines find_first_goroutines(const Functions& functions) {
  constexpr std::array<std::string_view, 2> kNames = {"runtime.main", "runtime.forcegchelper"};
  auto found = find_runtime_functions(functions, kNames);
  auto entry = [&](std::optional<FunctionId> id) { return id ? functions.entry(*id) : Address(); };
  return {entry(found[0]), entry(found[1])};
}

// One search, over all variables.
class Finder {
 public:
  Finder(const target::Memory& memory, const binary::ElfFile* symbols, const Modules& modules,
         const Functions& functions, const GlobalShapes& shapes)
      : memory_(memory),
        modules_(modules),
        functions_(functions),
        shapes_(shapes),
        symbols_(symbols, modules),
        scan_(memory_, modules.all.front(), shapes) {}

  using Check = bool (GlobalShapes::*)(Address) const;

  // By its symbol or by code, whichever is quicker first. `candidates` disassembles when it is
  // called.
  template <typename Candidates>
  std::optional<GlobalVariable> find(std::string_view symbol, Check check, Candidates candidates) {
    if (symbols_.are_few() && symbols_.are_there()) {
      auto found = by_symbol(symbol, check);
      // One that has no symbol does not exist in a program that has symbols.
      if (found || !symbols_.find(symbol)) return found;
    }
    auto found = first_good(as_list(candidates(code())), check, BoundBy::kCode);
    return found ? found : by_symbol(symbol, check);
  }

  std::optional<GlobalVariable> by_symbol(std::string_view name, Check check) {
    auto symbol = symbols_.find(name);
    if (!symbol) return std::nullopt;
    return first_good({*symbol}, check, BoundBy::kSymbol);
  }

  GlobalsScan& scan() { return scan_; }
  GlobalsCode& code() {
    if (!code_) code_.emplace(memory_, modules_, functions_);
    return *code_;
  }
  const target::Memory& memory() const { return memory_; }
  const GlobalShapes& shapes() const { return shapes_; }
  Symbols& symbols() { return symbols_; }

 private:
  static std::vector<Address> as_list(std::vector<Address> candidates) { return candidates; }
  static std::vector<Address> as_list(std::optional<Address> candidate) {
    return candidate ? std::vector{*candidate} : std::vector<Address>();
  }

  std::optional<GlobalVariable> first_good(const std::vector<Address>& candidates, Check check,
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
  auto found = finder.find("runtime.allgs", &GlobalShapes::is_allgs,
                           [](GlobalsCode& code) { return code.find_allgs(); });
  if (!found) found = by_shape(finder.scan().find_allgs());
  if (!found) return fail(missing("runtime.allgs, the list of goroutines,"));
  return *found;
}

Result<GlobalVariable> find_mheap(Finder& finder) {
  auto found = finder.find("runtime.mheap_", &GlobalShapes::is_mheap,
                           [](GlobalsCode& code) { return code.find_mheap(); });
  if (found) return *found;
  // The scan goes by where `central` stands in it. Code that takes the heap's address elsewhere
  // says that the fields before that have moved.
  found = by_shape(finder.scan().find_mheap());
  if (!found) return fail(missing("runtime.mheap_, the heap,"));
  if (!finder.code().find_mheap().empty())
    return fail(Missing{"runtime.mheap.central where the layout of this Go release has it",
                        "reading the heap of a runtime that was changed; build the program "
                        "without -ldflags=-w, or use a newer goshawk"});
  return *found;
}

// An empty table is all zeros, which many addresses are: the code must leave no choice.
std::optional<GlobalVariable> find_semtable(Finder& finder, Address mheap) {
  auto found = finder.find("runtime.semtable", &GlobalShapes::is_semtable, [](GlobalsCode& code) {
    std::vector<Address> candidates = code.find_semtable();
    return candidates.size() == 1 ? std::optional(candidates.front()) : std::nullopt;
  });
  return found ? found : by_shape(finder.scan().find_semtable(mheap));
}

void find_scheduler(Finder& finder, Globals& globals) {
  globals.allm = finder.find("runtime.allm", &GlobalShapes::is_allm,
                             [](GlobalsCode& code) { return code.find_allm(); });
  globals.allp = finder.find("runtime.allp", &GlobalShapes::is_allp,
                             [](GlobalsCode& code) { return code.find_allp(); });
  std::uint32_t lock = finder.shapes().sched_lock();
  globals.sched = finder.find("runtime.sched", &GlobalShapes::is_sched,
                              [=](GlobalsCode& code) { return code.find_sched(lock); });
}

void find_collector(Finder& finder, Globals& globals) {
  globals.gcphase = finder.find("runtime.gcphase", &GlobalShapes::is_gcphase,
                                [](GlobalsCode& code) { return code.find_gcphase(); });
  globals.allglock = finder.find("runtime.allglock", &GlobalShapes::is_mutex,
                                 [](GlobalsCode& code) { return code.find_allglock(); });
  globals.iscgo = finder.find("runtime.iscgo", &GlobalShapes::is_bool,
                              [](GlobalsCode& code) { return code.find_iscgo(); });
  if (finder.symbols().are_few() || finder.code().has("runtime.getGCMaskOnDemand"))
    globals.in_progress = finder.find("runtime.inProgress", &GlobalShapes::is_readable,
                                      [](GlobalsCode& code) { return code.find_in_progress(); });
}

void find_queues(Finder& finder, Globals& globals) {
  auto queue = [](GlobalsCode& code, Address GlobalsCode::FinalizerQueue::* member) {
    auto found = code.find_finalizer_queue();
    return found ? std::optional((*found).*member) : std::nullopt;
  };
  globals.allfin = finder.find(
      "runtime.allfin", &GlobalShapes::is_finalizer_blocks,
      [&](GlobalsCode& code) { return queue(code, &GlobalsCode::FinalizerQueue::allfin); });
  globals.finq = finder.find(
      "runtime.finq", &GlobalShapes::is_finalizer_blocks,
      [&](GlobalsCode& code) { return queue(code, &GlobalsCode::FinalizerQueue::finq); });
  if (auto all = finder.shapes().cleanup_queue_all())
    globals.gc_cleanups =
        finder.find("runtime.gcCleanups", &GlobalShapes::is_cleanup_queue,
                    [=](GlobalsCode& code) { return code.find_cleanup_queue(*all); });
}

std::optional<GlobalVariable> find_wait_reason_strings(Finder& finder) {
  auto are_texts = [&](Address address) {
    return !facts::read_wait_reason_texts(finder.memory(), address).empty();
  };
  if (finder.symbols().are_few())
    if (auto symbol = finder.symbols().find("runtime.waitReasonStrings");
        symbol && are_texts(*symbol))
      return GlobalVariable{*symbol, BoundBy::kSymbol};
  for (Address candidate : finder.code().find_wait_reason_strings())
    if (are_texts(candidate)) return GlobalVariable{candidate, BoundBy::kCode};
  return by_shape(finder.scan().find_wait_reason_strings());
}

}  // namespace

Result<Globals> find_globals(const target::Target& target, const binary::ElfFile* symbols,
                             const Modules& modules, const Functions& functions,
                             const LayoutSource& layout) {
  if (modules.all.empty()) return fail(missing("runtime.moduledata"));
  GlobalShapes shapes = TRY(
      GlobalShapes::bind(layout, modules.build, target.memory(), find_first_goroutines(functions)));
  Finder finder(target.memory(), symbols, modules, functions, shapes);
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
