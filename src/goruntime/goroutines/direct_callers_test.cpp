// A program of three packages, whose functions call each other.
#include "goruntime/goroutines/direct_callers.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::goruntime {
namespace {

class DirectCallersTest : public testing::Test {
 protected:
  DirectCallersTest() {
    for (const char* name : {"lib.first", "net/http.serve", "lib2.start", "lib2.other", "main.one",
                             "main.two", "main.last"})
      entries_[name] = program_.add({.name = name, .size_bytes = 32});
    memory_.map(SyntheticProgram::kText, 0x1000);
  }
  void call(const std::string& caller, const std::string& callee, std::uint32_t at = 4) {
    Address from = entries_.at(caller) + at;
    memory_.write(from, std::uint8_t{0xe8});
    memory_.write(from + 1, static_cast<std::uint32_t>(entries_.at(callee) - from - 5));
  }
  std::vector<std::string> callers_of(const std::string& callee) {
    Functions functions = program_.build();
    std::vector<FunctionId> callees = {functions.find(entries_.at(callee))};
    std::vector<std::string> names;
    for (const DirectCall& call :
         find_direct_callers(memory_, functions, callees, false, left_bytes_))
      names.emplace_back(functions.name(call.caller));
    return names;
  }
  using Names = std::vector<std::string>;

  SyntheticProgram program_{27, false};
  SyntheticMemory memory_;
  std::map<std::string, Address> entries_;
  std::uint64_t left_bytes_ = 1 << 20;
};

TEST_F(DirectCallersTest, OfItsPackageAndOfThoseBehindIt) {
  call("lib2.other", "lib2.start");
  call("main.two", "lib2.start");
  call("main.two", "lib2.start", 12);
  call("main.one", "lib2.other");
  EXPECT_EQ(callers_of("lib2.start"), Names({"lib2.other", "main.two"}));
}

TEST_F(DirectCallersTest, NotWhatCannotImportIt) {
  call("lib.first", "lib2.start");
  EXPECT_EQ(callers_of("lib2.start"), Names());
}

TEST_F(DirectCallersTest, NotTheStandardLibraryNorItself) {
  call("net/http.serve", "lib.first");
  call("lib.first", "lib.first");
  EXPECT_EQ(callers_of("lib.first"), Names());
}

TEST_F(DirectCallersTest, NotBehindTheLimit) {
  call("main.two", "lib2.start");
  left_bytes_ = 64;
  EXPECT_EQ(callers_of("lib2.start"), Names());
}

TEST_F(DirectCallersTest, CodeThatCannotBeReadHasNone) {
  memory_ = SyntheticMemory();
  EXPECT_EQ(callers_of("lib2.start"), Names());
}

}  // namespace
}  // namespace goshawk::goruntime
