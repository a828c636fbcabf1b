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

// A variable, and what its check asks of the place that may be it.
struct Variable {
  std::string_view symbol;
  bool (GlobalShapes::*check)(Address) const;
  std::string_view looks;
  bool telling = true;  // false: much looks like that, only its name or the code speaks for it
};

constexpr Variable kAllgs{"runtime.allgs", &GlobalShapes::is_allgs,
                          "a list with goroutine 1, or the runtime's first helper, at its head"};
constexpr Variable kMheap{"runtime.mheap_", &GlobalShapes::is_mheap,
                          "its 136 central lists are numbered 0 to 135"};
constexpr Variable kSemtable{"runtime.semtable", &GlobalShapes::is_semtable,
                             "251 roots, each with waiters of its own number"};
constexpr Variable kAllm{"runtime.allm", &GlobalShapes::is_allm,
                         "a chain of ms, each its g0's own, that ends with number 0"};
constexpr Variable kAllp{"runtime.allp", &GlobalShapes::is_allp,
                         "a list of ps with their numbers, each with a whole mcache"};
constexpr Variable kSched{"runtime.sched", &GlobalShapes::is_sched,
                          "counts of threads and goroutines that agree with the ms"};
constexpr Variable kGcphase{"runtime.gcphase", &GlobalShapes::is_gcphase, "0, 1 or 2", false};
constexpr Variable kAllglock{"runtime.allglock", &GlobalShapes::is_mutex, "readable", false};
constexpr Variable kIscgo{"runtime.iscgo", &GlobalShapes::is_bool, "0 or 1", false};
constexpr Variable kInProgress{"runtime.inProgress", &GlobalShapes::is_readable, "readable", false};
constexpr Variable kAllfin{"runtime.allfin", &GlobalShapes::is_finalizer_blocks,
                           "nothing, or a chain of blocks with counts that they can hold"};
constexpr Variable kFinq{"runtime.finq", &GlobalShapes::is_finalizer_blocks, kAllfin.looks};
constexpr Variable kGcCleanups{"runtime.gcCleanups", &GlobalShapes::is_cleanup_queue,
                               kAllfin.looks};

std::string_view describe(BoundBy by) {
  switch (by) {
    case BoundBy::kSymbol:
      return "symbol";
    case BoundBy::kCode:
      return "the code that uses it";
    case BoundBy::kShape:
      return "its shape in memory";
  }
  return "";
}

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
         const Functions& functions, const GlobalShapes& shapes,
         std::vector<snapshot::Binding>& bindings)
      : memory_(memory),
        modules_(modules),
        functions_(functions),
        shapes_(shapes),
        symbols_(symbols, modules),
        scan_(memory_, modules.all.front(), shapes),
        bindings_(bindings) {}

  // By its symbol or by code, whichever is quicker first. `candidates` disassembles when it is
  // called.
  template <typename Candidates>
  std::optional<GlobalVariable> find(const Variable& variable, Candidates candidates) {
    if (symbols_.are_few() && symbols_.are_there()) {
      auto found = by_symbol(variable);
      // One that has no symbol does not exist in a program that has symbols.
      if (found || !symbols_.find(variable.symbol)) return found;
    }
    auto found = first_good(as_list(candidates(code())), variable, BoundBy::kCode);
    return found ? found : by_symbol(variable);
  }

  // The same, written down: for those that no scan could find.
  template <typename Candidates>
  std::optional<GlobalVariable> bind(const Variable& variable, Candidates candidates) {
    return record(variable, find(variable, candidates));
  }

  std::optional<GlobalVariable> record(const Variable& variable,
                                       std::optional<GlobalVariable> found) {
    std::string name(variable.symbol), looks(variable.looks);
    std::uint64_t checks = variable.telling ? 1 : 0;
    if (found)
      bindings_.push_back(snapshot::tried(std::move(name), std::string(describe(found->by)),
                                          std::move(looks), checks, checks));
    else
      bindings_.push_back(snapshot::missing(std::move(name), std::move(looks)));
    return found;
  }

  std::optional<GlobalVariable> by_symbol(const Variable& variable) {
    auto symbol = symbols_.find(variable.symbol);
    if (!symbol) return std::nullopt;
    return first_good({*symbol}, variable, BoundBy::kSymbol);
  }

  GlobalsScan& scan() { return scan_; }
  GlobalsCode& code() {
    if (!code_) code_.emplace(memory_, modules_, functions_);
    return *code_;
  }
  const target::Memory& memory() const { return memory_; }
  const GlobalShapes& shapes() const { return shapes_; }
  Symbols& symbols() { return symbols_; }
  std::vector<snapshot::Binding>& bindings() { return bindings_; }

 private:
  static std::vector<Address> as_list(std::vector<Address> candidates) { return candidates; }
  static std::vector<Address> as_list(std::optional<Address> candidate) {
    return candidate ? std::vector{*candidate} : std::vector<Address>();
  }

  std::optional<GlobalVariable> first_good(const std::vector<Address>& candidates,
                                           const Variable& variable, BoundBy by) const {
    for (int round = 0; round < kRounds && !candidates.empty(); ++round) {
      if (round > 0) std::this_thread::sleep_for(kBetweenRounds);
      for (Address candidate : candidates)
        if ((shapes_.*variable.check)(candidate)) return GlobalVariable{candidate, by};
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
  std::vector<snapshot::Binding>& bindings_;
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
  auto found = finder.find(kAllgs, [](GlobalsCode& code) { return code.find_allgs(); });
  if (!found) found = by_shape(finder.scan().find_allgs());
  if (!finder.record(kAllgs, found)) return fail(missing("runtime.allgs, the list of goroutines,"));
  return *found;
}

Result<GlobalVariable> find_mheap(Finder& finder) {
  auto found = finder.find(kMheap, [](GlobalsCode& code) { return code.find_mheap(); });
  if (found) return *finder.record(kMheap, found);
  // The scan goes by where `central` stands in it. Code that takes the heap's address elsewhere
  // says that the fields before that have moved.
  found = by_shape(finder.scan().find_mheap());
  if (!found) {
    finder.record(kMheap, found);
    return fail(missing("runtime.mheap_, the heap,"));
  }
  auto by_code = finder.code().find_mheap();
  if (by_code.empty()) return *finder.record(kMheap, found);
  finder.bindings().push_back(
      snapshot::tried("runtime.mheap.central", finder.shapes().mheap_origin(),
                      "uses in code that agree with where this puts the heap", 0, by_code.size()));
  return fail(Missing{"runtime.mheap.central where the layout of this Go release has it",
                      "reading the heap of a runtime that was changed; build the program "
                      "without -ldflags=-w, or use a newer goshawk"});
}

// An empty table is all zeros, which many addresses are: the code must leave no choice.
std::optional<GlobalVariable> find_semtable(Finder& finder, Address mheap) {
  auto found = finder.find(kSemtable, [](GlobalsCode& code) {
    std::vector<Address> candidates = code.find_semtable();
    return candidates.size() == 1 ? std::optional(candidates.front()) : std::nullopt;
  });
  if (!found) found = by_shape(finder.scan().find_semtable(mheap));
  if (!found) return finder.record(kSemtable, found);
  std::uint64_t used = finder.shapes().count_semaphores(found->address).value_or(0);
  finder.bindings().push_back(snapshot::tried("runtime.semtable", std::string(describe(found->by)),
                                              std::string(kSemtable.looks), used, used));
  return found;
}

void find_scheduler(Finder& finder, Globals& globals) {
  globals.allm = finder.bind(kAllm, [](GlobalsCode& code) { return code.find_allm(); });
  globals.allp = finder.bind(kAllp, [](GlobalsCode& code) { return code.find_allp(); });
  std::uint32_t lock = finder.shapes().sched_lock();
  globals.sched = finder.bind(kSched, [=](GlobalsCode& code) { return code.find_sched(lock); });
}

void find_collector(Finder& finder, Globals& globals) {
  globals.gcphase = finder.bind(kGcphase, [](GlobalsCode& code) { return code.find_gcphase(); });
  globals.allglock = finder.bind(kAllglock, [](GlobalsCode& code) { return code.find_allglock(); });
  globals.iscgo = finder.bind(kIscgo, [](GlobalsCode& code) { return code.find_iscgo(); });
  if (!finder.symbols().are_few() && !finder.code().has("runtime.getGCMaskOnDemand")) return;
  globals.in_progress =
      finder.find(kInProgress, [](GlobalsCode& code) { return code.find_in_progress(); });
  if (globals.in_progress)
    finder.record(kInProgress, globals.in_progress);  // else the release has none
}

void find_queues(Finder& finder, Globals& globals) {
  auto queue = [](GlobalsCode& code, Address GlobalsCode::FinalizerQueue::* member) {
    auto found = code.find_finalizer_queue();
    return found ? std::optional((*found).*member) : std::nullopt;
  };
  globals.allfin = finder.bind(kAllfin, [&](GlobalsCode& code) {
    return queue(code, &GlobalsCode::FinalizerQueue::allfin);
  });
  globals.finq = finder.bind(
      kFinq, [&](GlobalsCode& code) { return queue(code, &GlobalsCode::FinalizerQueue::finq); });
  if (auto all = finder.shapes().cleanup_queue_all())
    globals.gc_cleanups =
        finder.bind(kGcCleanups, [=](GlobalsCode& code) { return code.find_cleanup_queue(*all); });
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
                             const LayoutSource& layout, std::vector<snapshot::Binding>& bindings) {
  if (modules.all.empty()) return fail(missing("runtime.moduledata"));
  GlobalShapes shapes = TRY(
      GlobalShapes::bind(layout, modules.build, target.memory(), find_first_goroutines(functions)));
  Finder finder(target.memory(), symbols, modules, functions, shapes, bindings);
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
