// Puts the goroutines of one writer to a log together to dumps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dumps/dumps.h"
#include "dumps/goroutine_block.h"

namespace goshawk::dumps {

// What stands before a goroutine, since the one before it.
struct Before {
  std::uint64_t gap_bytes = 0;
  bool other_text = false;
  std::string opening = {};  // "SIGQUIT: quit", "panic: oops"; empty: none
  bool next_thread = false;  // "-----": GOTRACEBACK=crash has each thread tell of its goroutine
  Time time = {};            // of its first line
};

class DumpBuilder {
 public:
  // `writer`: whose dumps these are, as the log calls it; empty: it does not.
  DumpBuilder(Dumps& into, std::string writer) : into_(&into), writer_(std::move(writer)) {}

  void add(GoroutineBlock& block, const Before& before, End end);
  // No more comes; adds the dump to the others, if there is anything in it.
  void close();

 private:
  bool begins_another(const GoroutineBlock& block, const Before& before) const;
  void begin(const GoroutineBlock& block, const Before& before);
  void add_damaged(const GoroutineBlock& block);
  bool seems_cut(const GoroutineBlock& block, End end) const;
  void add_whole(GoroutineBlock& block);

  Dumps* into_;
  std::string writer_;
  Dump dump_;
  bool open_ = false;
  std::vector<Goroutine> goroutines_;
  std::unordered_map<std::uint64_t, std::size_t> seen_;  // by goid: of goroutines_
  std::size_t without_creator_ = 0;                      // of goroutines_, without main
  bool last_may_go_on_ = false;  // the last of goroutines_ is the one before, and may not be whole
};

}  // namespace goshawk::dumps
