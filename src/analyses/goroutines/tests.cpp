// Package testing calls each test, benchmark, fuzz test and example from a function of its own
// (testing.go tRunner, benchmark.go runN, fuzz.go fRunner, run_example.go runExample). The function
// below that one is the test; a subtest's is a closure of it, or anything that it was given. So the
// outermost such function on the way from the goroutine to the program's beginning names the test:
// the goroutine's own stack, its go statement, and then, for each creator, the stack on which it
// stood when it made the next one.
//
// Without these creators, which the runtime keeps only when asked to, the go statement's function
// is all there is, and the go statements of those creators that still live.
//
// The name of a subtest is not on that way: it lies in the testing.T that its function was given,
// which is gone by the end. Its function, and the line in it, are.
#include "analyses/goroutines/tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <span>
#include <string_view>

#include "findings/function_name.h"

namespace goshawk::analyses::goroutines {

using snapshot::FrameId;
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
  void add_stack(std::span<const FrameId> stack) {
    for (std::size_t i = 0; i < stack.size(); ++i) {
      bool is_called_by_testing =
          i + 1 < stack.size() &&
          std::ranges::find(kCallers, function_of(stack[i + 1])) != std::end(kCallers);
      if (is_called_by_testing && innermost_ == kNone &&
          findings::package_of(function_of(stack[i])) != "testing")  // as runTests is
        innermost_ = stack[i];
      add_function(function_of(stack[i]), is_called_by_testing);
    }
  }
  void add_creation(FrameId frame) {
    if (frame != kNone) add_function(function_of(frame), false);
  }
  bool has_come_to_a_test() const { return innermost_ != kNone; }

  TestOrigin conclude(FrameId created_by) const {
    const Found& found = !called_.name.empty() ? called_ : !named_.name.empty() ? named_ : other_;
    TestOrigin origin;
    origin.test = found.name;
    origin.package = found.package;
    bool shows_already = created_by != kNone && innermost_ != kNone &&
                         function_of(created_by) == function_of(innermost_);
    if (!shows_already) origin.at = innermost_;
    return origin;
  }

  std::string_view function_of(FrameId frame) const {
    return snapshot_.strings[snapshot_.stacks.frame(frame).function];
  }

 private:
  struct Found {
    std::string_view name, package;
  };

  void add_function(std::string_view function, bool is_called_by_testing) {
    std::string_view package = findings::package_of(function);
    std::string_view test = test_named_by(function);
    if (!test.empty()) (is_called_by_testing ? called_ : named_) = {test, package};
    std::string_view name = without_package(function);
    if (name == "TestMain" || name.starts_with("TestMain.")) other_ = {"TestMain", package};
    if (is_init(name)) other_ = {"init", package};
  }

  const Snapshot& snapshot_;
  // By package testing; a function, or a closure of one, that is named like a test.
  Found called_, named_, other_;
  FrameId innermost_ = kNone;  // that package testing called
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

namespace {

// Go keeps so many calls of a creator's stack from the innermost one on, in older releases twice as
// many (runtime/proc.go saveAncestors).
constexpr std::size_t kKeptCalls = 50;

std::string tell_why_unknown(const Snapshot& snapshot, const Goroutine& goroutine, const Way& way) {
  std::span<const snapshot::Ancestor> ancestors =
      std::span(snapshot.ancestors).subspan(goroutine.first_ancestor, goroutine.ancestor_count);
  FrameId outermost = ancestors.empty() ? goroutine.created_by : ancestors.back().created_by;
  if (outermost != kNone && way.function_of(outermost) == "time.goFunc")
    return "a timer started it (time.AfterFunc), of which Go does not keep who set it";
  if (ancestors.empty())
    return "Go was not told to keep by whom goroutines are started (--ancestors)";
  for (const snapshot::Ancestor& ancestor : ancestors)
    if (ancestor.stack != kNone && snapshot.stacks[ancestor.stack].size() >= kKeptCalls)
      return fmt::format("goroutine {}, on the way, was deeper in calls than the {} that Go keeps",
                         ancestor.goid, kKeptCalls);
  if (ancestors.back().goid != 1)
    return fmt::format(
        "it was started over more than the {} goroutines that Go kept; --ancestors "
        "sets how many",
        ancestors.size());
  return "no function on the way from main to it is a test";
}

// Those that still live are asked, where the runtime has kept none.
void add_living_creators(const Snapshot& snapshot, const Goroutine& goroutine, Way& way) {
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
}

}  // namespace

TestOrigin find_test_origin(const Snapshot& snapshot, const Goroutine& goroutine) {
  Way way(snapshot);
  if (goroutine.stack != kNone) way.add_stack(snapshot.stacks[goroutine.stack]);
  way.add_creation(goroutine.created_by);
  std::uint64_t living_creator = 0;
  for (std::uint32_t i = 0; i < goroutine.ancestor_count; ++i) {
    const snapshot::Ancestor& ancestor = snapshot.ancestors[goroutine.first_ancestor + i];
    if (ancestor.stack != kNone) way.add_stack(snapshot.stacks[ancestor.stack]);
    way.add_creation(ancestor.created_by);
    bool is_between = !way.has_come_to_a_test() && ancestor.goid != 1;
    if (is_between && find_goroutine(snapshot, ancestor.goid) != nullptr)
      living_creator = ancestor.goid;
  }
  if (goroutine.ancestor_count == 0) add_living_creators(snapshot, goroutine, way);
  TestOrigin origin = way.conclude(goroutine.created_by);
  if (origin.test.empty())
    origin.why_unknown = tell_why_unknown(snapshot, goroutine, way);
  else if (way.has_come_to_a_test())
    origin.living_creator = living_creator;
  return origin;
}

}  // namespace goshawk::analyses::goroutines
