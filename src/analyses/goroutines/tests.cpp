// Package testing calls each test, benchmark, fuzz test and example from a function of its own
// (testing.go tRunner, benchmark.go runN, fuzz.go fRunner, run_example.go runExample). The function
// below that one is the test; a subtest's is a closure of it, or anything that it was given. So the
// outermost such function on the way from the goroutine to the program's beginning names the test:
// the goroutine's own stack, its go statement, and then, for each creator, the stack on which it
// stood when it made the next one.
//
// Without these creators, which the runtime keeps only when asked to, the go statement's function
// is all there is, and the go statements of those creators that still live.
#include "analyses/goroutines/tests.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <string_view>

#include "findings/function_name.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;

namespace {

constexpr std::string_view kCallers[] = {"testing.tRunner", "testing.fRunner", "testing.runExample",
                                         "testing.(*B).runN"};
constexpr std::string_view kKinds[] = {"Test", "Benchmark", "Fuzz", "Example"};

// "TestFetch.func1.2" of "shop_test.TestFetch.func1.2": what follows the package.
std::string_view without_package(std::string_view function) {
  std::string_view package = findings::package_of(function);
  if (package.empty()) return function;
  return function.substr(std::min(package.size() + 1, function.size()));
}

// As `go test` tells tests from other functions (load/test.go isTest): what follows is no small
// letter. Empty: it is none, nor a closure of one.
std::string_view test_named_by(std::string_view function) {
  std::string_view name = without_package(function);
  name = name.substr(0, name.find('.'));
  name = name.substr(0, name.find('['));
  if (name == "TestMain") return {};
  for (std::string_view kind : kKinds)
    if (name.starts_with(kind) &&
        (name.size() == kind.size() ||
         std::islower(static_cast<unsigned char>(name[kind.size()])) == 0))
      return name;
  return {};
}

// "init" and "init.0", but no closure: "init.func1" may be one of a variable, called by anybody.
bool is_init(std::string_view name) {
  if (name == "init") return true;
  return name.starts_with("init.") &&
         std::ranges::all_of(name.substr(5), [](unsigned char c) { return std::isdigit(c) != 0; });
}

class Way {
 public:
  explicit Way(const Snapshot& snapshot) : snapshot_(snapshot) {}

  // Outwards: what is found later counts.
  void add_stack(std::span<const snapshot::FrameId> stack) {
    for (std::size_t i = 0; i < stack.size(); ++i) {
      std::string_view function = function_of(stack[i]);
      bool is_called_by_testing =
          i + 1 < stack.size() &&
          std::ranges::find(kCallers, function_of(stack[i + 1])) != std::end(kCallers);
      add_function(function, is_called_by_testing);
    }
  }
  void add_creation(snapshot::FrameId frame) {
    if (frame != kNone) add_function(function_of(frame), false);
  }

  std::string conclude() const {
    if (!called_.empty()) return std::string(called_);
    if (!named_.empty()) return std::string(named_);
    return std::string(other_);
  }

 private:
  std::string_view function_of(snapshot::FrameId frame) const {
    return snapshot_.strings[snapshot_.stacks.frame(frame).function];
  }

  void add_function(std::string_view function, bool is_called_by_testing) {
    std::string_view test = test_named_by(function);
    if (!test.empty()) (is_called_by_testing ? called_ : named_) = test;
    std::string_view name = without_package(function);
    if (name == "TestMain" || name.starts_with("TestMain.")) other_ = "TestMain";
    if (is_init(name)) other_ = "init";
  }

  const Snapshot& snapshot_;
  // By package testing; a function, or a closure of one, that is named like a test.
  std::string_view called_, named_, other_;
};

const Goroutine* find_goroutine(const Snapshot& snapshot, std::uint64_t goid) {
  auto found = std::ranges::lower_bound(snapshot.goroutines, goid, {}, &Goroutine::goid);
  return found != snapshot.goroutines.end() && found->goid == goid ? &*found : nullptr;
}

}  // namespace

// The file of its main function; package testing where that function has returned.
bool is_test_binary(const Snapshot& snapshot) {
  for (snapshot::FrameId id = 0; id < snapshot.stacks.frame_count(); ++id) {
    const snapshot::Frame& frame = snapshot.stacks.frame(id);
    if (snapshot.strings[frame.file].ends_with("_testmain.go") ||
        snapshot.strings[frame.function].starts_with("testing."))
      return true;
  }
  return false;
}

std::string find_test(const Snapshot& snapshot, const Goroutine& goroutine) {
  Way way(snapshot);
  if (goroutine.stack != kNone) way.add_stack(snapshot.stacks[goroutine.stack]);
  way.add_creation(goroutine.created_by);
  for (std::uint32_t i = 0; i < goroutine.ancestor_count; ++i) {
    const snapshot::Ancestor& ancestor = snapshot.ancestors[goroutine.first_ancestor + i];
    if (ancestor.stack != kNone) way.add_stack(snapshot.stacks[ancestor.stack]);
    way.add_creation(ancestor.created_by);
  }
  if (goroutine.ancestor_count > 0) return way.conclude();
  constexpr int kMostCreators = 100;  // a number may come back in what is torn
  std::uint64_t creator = goroutine.creator_goid;
  for (int i = 0; creator != 0 && i < kMostCreators; ++i) {
    const Goroutine* living = find_goroutine(snapshot, creator);
    if (living == nullptr) break;
    // That of the first goroutine has gone on to other tests.
    if (living->goid != 1 && living->stack != kNone) way.add_stack(snapshot.stacks[living->stack]);
    way.add_creation(living->created_by);
    creator = living->creator_goid;
  }
  return way.conclude();
}

}  // namespace goshawk::analyses::goroutines
