// The compiler leaves no return where none can be reached: of `for { time.Sleep(d); work() }` the
// code goes round and round. So its instructions are walked, from where the function goes on, both
// ways at each branch. It never returns if no return is met. Each doubt is a way out: a jump
// through a table or out of the function (a tail call), bytes that are no instruction, a function
// that is too large.
//
// Calls come back, but those that panic or throw, and none goes on from there: a panic ends the
// program. Unless a defer catches it; then the function returns where it defers (its call of
// runtime.deferreturn, which nothing in the code leads to). So no function that defers anything may
// be on the stack, where it stands or farther out.
//
// One branch is decided: of `for range ticker.C` the one that asks whether the channel was closed.
// Nobody can close that of a time.Timer or time.Ticker, which package time itself never does; and
// `range` takes its channel once.
//
// A goroutine may end without a return, by runtime.Goexit. Whatever is called by name is searched
// for calls of it, as far as it is not the standard library's. There package testing has them:
//   - Fail and what calls it (Fatal, FailNow) panic once their test has ended, which is what is
//     asked about (testing.go, "Fail in goroutine after ... has completed");
//   - SkipNow ends the goroutine without a word.
// What is called through interfaces and function values is not followed: a loop of an ended test
// that ends only by a Goexit behind one would be told wrongly.
#include "goruntime/goroutines/endless_code.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "goruntime/goroutines/direct_calls.h"
#include "goruntime/symbols/function_package.h"

namespace goshawk::goruntime {

using binary::Effect;
using binary::Flow;
using binary::Step;

namespace {

constexpr std::uint64_t kMostDecodedBytes = 1 << 20;
constexpr std::uint64_t kMostSearchedBytes = 4 << 20;
constexpr std::uint8_t kResult = 0;  // the register of a call's first result

bool ends_the_program(std::string_view callee) {
  for (std::string_view one : {"runtime.panic", "runtime.gopanic", "runtime.goPanic",
                               "runtime.throw", "runtime.fatal", "runtime.block"})
    if (callee.starts_with(one)) return true;
  return false;
}

bool ends_the_goroutine(std::string_view function) {
  return function == "runtime.Goexit" || function == "testing.(*common).SkipNow" ||
         function == "testing.(*common).Skip" || function == "testing.(*common).Skipf";
}

bool writes_result(const Step& step) {
  bool sets = step.effect == Effect::kConstant || step.effect == Effect::kAdd ||
              step.effect == Effect::kLoad;
  return (step.written & 1U << kResult) != 0 || (sets && step.to == kResult);
}

}  // namespace

EndlessCode::EndlessCode(const target::Memory& memory, const Functions& functions, bool is_arm64)
    : memory_(memory),
      functions_(functions),
      is_arm64_(is_arm64),
      reader_(memory, functions, is_arm64, kMostDecodedBytes),
      left_bytes_(kMostSearchedBytes) {}

const std::vector<Step>& EndlessCode::steps_of(FunctionId function) {
  auto [found, is_new] = steps_.try_emplace(function);
  if (is_new)
    if (auto steps = reader_.read(function)) found->second = std::move(*steps);
  return found->second;
}

bool EndlessCode::never_returns(FunctionId function, Address pc, bool is_never_closed) {
  auto [found, is_new] = known_.try_emplace({function, pc, is_never_closed}, false);
  if (is_new) found->second = walk(steps_of(function), pc, is_never_closed);
  return found->second;
}

bool EndlessCode::is_end(const Step& call) const {
  FunctionId called = call.target.is_null() ? kNoFunction : functions_.find(call.target);
  return called != kNoFunction && ends_the_program(functions_.name(called));
}

// At each step it may be known that the last call's result is true, or not: two bits.
bool EndlessCode::walk(const std::vector<Step>& steps, Address pc, bool is_never_closed) const {
  auto place_of = [&](Address at) {
    auto found = std::ranges::lower_bound(steps, at, {}, &Step::at);
    bool is_there = found != steps.end() && found->at == at;
    return is_there ? static_cast<std::size_t>(found - steps.begin()) : steps.size();
  };
  std::size_t start = place_of(pc), receive = is_never_closed ? start - 1 : steps.size();
  if (start == 0 || start >= steps.size()) return false;
  std::vector<std::uint8_t> seen(steps.size());
  std::vector<std::pair<std::size_t, bool>> open{{start, is_never_closed}};
  auto go_to = [&](std::size_t place, bool is_true) {
    open.emplace_back(place, is_true);
    return place < steps.size();
  };
  while (!open.empty()) {
    auto [place, is_true] = open.back();
    open.pop_back();
    if ((seen[place] & 1 << is_true) != 0) continue;
    seen[place] |= static_cast<std::uint8_t>(1 << is_true);
    const Step& step = steps[place];
    bool stays_true = is_true && !writes_result(step);
    bool is_decided = is_true && step.flow == Flow::kBranch && step.tested == kResult;
    switch (step.flow) {
      case Flow::kNext:
        if (!go_to(place + 1, stays_true)) return false;
        break;
      case Flow::kCall:
        if (!is_end(step) && !go_to(place + 1, place == receive)) return false;
        break;
      case Flow::kJump:
        if (!go_to(place_of(step.target), stays_true)) return false;
        break;
      case Flow::kBranch:
        if (!(is_decided && step.when_zero) && !go_to(place_of(step.target), stays_true))
          return false;
        if (!(is_decided && !step.when_zero) && !go_to(place + 1, stays_true)) return false;
        break;
      case Flow::kEnd:
      case Flow::kLost:
        return false;
    }
  }
  return true;
}

bool EndlessCode::may_recover(FunctionId function) {
  const std::vector<Step>& steps = steps_of(function);
  return steps.empty() || std::ranges::any_of(steps, [&](const Step& step) {
           if (step.flow != Flow::kCall && step.flow != Flow::kJump) return false;
           FunctionId called = step.target.is_null() ? kNoFunction : functions_.find(step.target);
           return called != kNoFunction && functions_.name(called) == "runtime.deferreturn";
         });
}

std::vector<FunctionId> EndlessCode::callees_of(FunctionId function) {
  std::set<FunctionId> callees;
  Address start = functions_.entry(function), end = functions_.entry(function + 1);
  std::uint64_t bytes = end <= start ? left_bytes_ + 1 : end - start;
  auto code = bytes > left_bytes_ ? Result<std::vector<std::byte>>(std::vector<std::byte>())
                                  : memory_.read_bytes(start, bytes);
  if (bytes > left_bytes_ || !code) {
    is_unread_ = true;
    return {};
  }
  left_bytes_ -= bytes;
  find_direct_calls(*code, start, is_arm64_, [&](Address, Address to) {
    FunctionId called = functions_.find(to);
    if (called != kNoFunction && functions_.entry(called) == to) callees.insert(called);
  });
  return {callees.begin(), callees.end()};
}

bool EndlessCode::may_exit(const std::vector<FunctionId>& functions) {
  std::vector<FunctionId> open = functions;
  std::unordered_set<FunctionId> seen;
  while (!open.empty()) {
    FunctionId function = open.back();
    open.pop_back();
    if (harmless_.contains(function) || !seen.insert(function).second) continue;
    std::string_view name = functions_.name(function);
    if (ends_the_goroutine(name)) return true;
    if (is_of_standard_library(name) || function + 1 >= functions_.count()) continue;
    std::vector<FunctionId> callees = callees_of(function);
    if (is_unread_) return true;
    open.insert(open.end(), callees.begin(), callees.end());
  }
  harmless_.insert(seen.begin(), seen.end());
  return false;
}

}  // namespace goshawk::goruntime
