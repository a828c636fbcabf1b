#include "findings/finding.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "findings/function_name.h"
#include "findings/rules.h"
#include "findings/test_fingerprint.h"

namespace goshawk::findings {
namespace {

TEST(FunctionName, TypeArgumentsAreShortenedAsTheRuntimeDoes) {
  EXPECT_EQ(shorten_type_arguments("main.f[go.shape.int,go.shape.map[string]int].func1"),
            "main.f[...].func1");
  EXPECT_EQ(shorten_type_arguments("main.f[...]"), "main.f[...]");
  EXPECT_EQ(shorten_type_arguments("main.f"), "main.f");
  EXPECT_EQ(shorten_type_arguments("main.]f["), "main.]f[");
}

TEST(FunctionName, CountersOfTheCompilerAreTakenOut) {
  EXPECT_EQ(normalize_function("main.handle.func2"), normalize_function("main.handle.func3"));
  EXPECT_EQ(normalize_function("main.handle.func2.1"), "main.handle.func.#");
  EXPECT_EQ(normalize_function("main.main.gowrap12"), "main.main.gowrap");
  EXPECT_EQ(normalize_function("main.main.func1.deferwrap1"), "main.main.func.deferwrap");
  EXPECT_EQ(normalize_function("main.walk-range1"), "main.walk-range");
  EXPECT_EQ(normalize_function("main.walk-range1.func2"), "main.walk-range.func");
  EXPECT_EQ(normalize_function("main.init.0"), "main.init.#");
  EXPECT_EQ(normalize_function("main.(*T[go.shape.int]).Get-fm"), "main.(*T[...]).Get-fm");
  EXPECT_EQ(normalize_function("main.glob..func1"), "main.glob..func");
}

TEST(FunctionName, NumbersThatPeopleWroteStay) {
  EXPECT_EQ(normalize_function("example.com/v2/sha256.Sum256"), "example.com/v2/sha256.Sum256");
  EXPECT_EQ(normalize_function("main.handler2"), "main.handler2");
  EXPECT_EQ(normalize_function("gopkg.in/yaml%2ev3.Parse3x"), "gopkg.in/yaml%2ev3.Parse3x");
}

TEST(FunctionName, AModuleHasAHostsName) {
  EXPECT_TRUE(is_of_a_module("main.work.func1"));
  EXPECT_TRUE(is_of_a_module("example.com/shop.(*Cart).Add"));
  EXPECT_FALSE(is_of_a_module("net/http.(*conn).serve"));
  EXPECT_FALSE(is_of_a_module("io.ReadAll"));
  EXPECT_FALSE(is_of_a_module(""));
}

TEST(FunctionName, PackageIsUpToTheFirstDotAfterTheLastSlash) {
  EXPECT_EQ(package_of("net/http.(*conn).serve"), "net/http");
  EXPECT_EQ(package_of("main.f[example.com/a.T]"), "main");
  EXPECT_EQ(package_of("crosscall2"), "");
}

TEST(FunctionName, WaitingMachinery) {
  EXPECT_TRUE(is_waiting_machinery("runtime.gopark"));
  EXPECT_TRUE(is_waiting_machinery("sync.(*Mutex).Lock"));
  EXPECT_TRUE(is_waiting_machinery("internal/sync.(*Mutex).lockSlow"));
  EXPECT_FALSE(is_waiting_machinery("synchro.Wait"));
  EXPECT_FALSE(is_waiting_machinery("runtime/pprof.Do"));
}

Finding example() {
  Finding finding;
  finding.rule = "goroutine/mutex";
  finding.created_at = {"main.main", "/a/main.go", 3, 0x1000};
  finding.stack = {{"runtime.gopark", "/go/proc.go", 1, 1},
                   {"sync.(*Mutex).lockSlow", "/go/mutex.go", 2, 2},
                   {"main.worker[go.shape.int].func1", "/a/main.go", 9, 3}};
  return finding;
}

TEST(Fingerprint, SurvivesARebuildWithAnotherRelease) {
  Finding a = example();
  Finding b = example();
  b.created_at.line = 77;
  b.stack = {{"runtime.gopark", "/go2/proc.go", 5, 7},
             {"runtime.semacquire1", "/go2/sema.go", 5, 7},
             {"internal/sync.(*Mutex).lockSlow", "/go2/mutex.go", 5, 7},
             {"main.worker[go.shape.string].func4", "/b/main.go", 19, 8}};
  EXPECT_EQ(compute_fingerprint(a), compute_fingerprint(b));
  EXPECT_EQ(compute_fingerprint(a).size(), 16u);
}

TEST(Fingerprint, DiffersByRuleCreatorAndStack) {
  Finding a = example();
  Finding b = example();
  b.rule = "goroutine/rwmutex";
  EXPECT_NE(compute_fingerprint(a), compute_fingerprint(b));
  b = example();
  b.created_at.function = "main.serve";
  EXPECT_NE(compute_fingerprint(a), compute_fingerprint(b));
  b = example();
  b.stack.push_back({"main.outer", "", 0, 0});
  EXPECT_NE(compute_fingerprint(a), compute_fingerprint(b));
}

TEST(Fingerprint, DiffersByTest) {
  Finding a = example();
  EXPECT_NE(compute_test_fingerprint(a, "shop.TestA"), compute_test_fingerprint(a, "shop.TestB"));
  EXPECT_NE(compute_test_fingerprint(a, "shop.TestA"), compute_test_fingerprint(a, "cart.TestA"));
  EXPECT_EQ(compute_test_fingerprint(a, ""), compute_fingerprint(a));
}

TEST(Rules, AreFoundByBothNames) {
  ASSERT_NE(find_rule("goroutine/mutex"), nullptr);
  EXPECT_EQ(find_rule("mutex"), find_rule("goroutine/mutex"));
  EXPECT_EQ(find_rule("mute"), nullptr);
  EXPECT_EQ(find_rule(""), nullptr);
  EXPECT_FALSE(rules().empty());
}

TEST(Rules, SayHowSureTheyCanBeSurestFirst) {
  for (const Rule& rule : rules()) {
    EXPECT_FALSE(rule.confidences.empty()) << rule.id;
    EXPECT_TRUE(std::ranges::is_sorted(rule.confidences)) << rule.id;
  }
}

TEST(Confidence, WordsAreFixed) {
  EXPECT_EQ(to_text(Confidence::kProven), "proven");
  EXPECT_EQ(to_text(Confidence::kLikely), "likely");
  EXPECT_EQ(to_text(Confidence::kSuspected), "suspected");
  EXPECT_EQ(to_text(Confidence::kUnknown), "unknown");
}

TEST(FunctionName, WrappersAreTheCompilers) {
  for (const char* name : {"main.start.gowrap1", "main.(*T).Run.deferwrap12", "main.(*T).Recv-fm",
                           "example.com/a.generic[...].gowrap2"})
    EXPECT_TRUE(is_wrapper(name)) << name;
  for (const char* name : {"main.start.func1", "main.mygowrap", "main.gowrapper1", "main.start"})
    EXPECT_FALSE(is_wrapper(name)) << name;
}

}  // namespace
}  // namespace goshawk::findings
