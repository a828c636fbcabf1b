// In words: "goroutine 18, which is proven leaked, has it locked in main.transfer, where it has
// waited at bank.go:40 for about 5m". A long chain is told by its beginning and its end.
#include "analyses/goroutines/lock_chains.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using findings::LockHolding;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

constexpr std::size_t kToldSteps = 4;  // the last one among them
constexpr std::size_t kMostSteps = 64;
constexpr std::int64_t kSecondNs = 1'000'000'000;

// "for about 5m"; "" when it is not known.
std::string since_text(std::int64_t wait_ns) {
  std::int64_t seconds = wait_ns / kSecondNs;
  if (seconds == 0) return "";
  return seconds < 120    ? fmt::format(" for about {}s", seconds)
         : seconds < 7200 ? fmt::format(" for about {}m", seconds / 60)
                          : fmt::format(" for about {}h", seconds / 3600);
}

// The first one, whom the waiter waits for.
std::string holder_text(const LockHolding& step) {
  std::string text = fmt::format("goroutine {}, which is {}, ", step.goid, step.fate);
  if (step.locked_in.function.empty()) return text + "comes first, as a writer";
  return text + fmt::format("has {} in {} ({}), where it is to unlock it again",
                            step.reads ? "read-locked it" : "locked it", step.locked_in.function,
                            line_text(step.locked_in));
}

// The others, shorter: the same is true of them.
std::string next_text(const LockHolding& step) {
  std::string text = fmt::format("goroutine {}, {}", step.goid, step.fate);
  if (step.locked_in.function.empty()) return text + ", a writer that comes first";
  return text + fmt::format(" ({} in {}, {})", step.reads ? "read-locked" : "locked",
                            step.locked_in.function, line_text(step.locked_in));
}

}  // namespace

std::vector<LockHolding> chain_of(const Snapshot& snapshot, const LockVerdicts& verdicts,
                                  const Fates& fates, GoroutineIndex waiter) {
  std::vector<LockHolding> chain;
  std::vector<GoroutineIndex> met;
  GoroutineIndex at = waiter;
  while (verdicts.waits_for_ever(at) && chain.size() < kMostSteps) {
    auto [next, held] = verdicts.waits_for(at);
    const Goroutine& holder = snapshot.goroutines[next];
    chain.push_back({.goid = holder.goid,
                     .fate = std::string(fates[next]),
                     .wait_reason = std::string(snapshot.strings[holder.wait_reason]),
                     .wait_ns = holder.wait_ns,
                     .reads = held != nullptr && held->hold == snapshot::LockHold::kRead});
    if (held != nullptr) chain.back().locked_in = place_of(snapshot, held->frame);
    if (held != nullptr && chain.back().locked_in.function.empty())
      chain.back().locked_in.function = "a function that cannot be told";
    if (std::ranges::find(met, next) != met.end() || next == waiter) break;
    met.push_back(next);
    at = next;
  }
  return chain;
}

bool is_ring(const std::vector<LockHolding>& chain) {
  return std::ranges::count(chain, chain.back().goid, &LockHolding::goid) > 1;
}

std::string describe_chain(const std::vector<LockHolding>& chain) {
  std::string text;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    bool is_last = i + 1 == chain.size();
    // One step is as short as its count.
    if (!is_last && i + 1 == kToldSteps && chain.size() > kToldSteps + 1) {
      text += fmt::format(", and so on, {} more steps", chain.size() - kToldSteps);
      i = chain.size() - 2;
      continue;
    }
    if (is_last && i > 0 && is_ring(chain))
      return text +
             (chain[i].goid == chain[i - 1].goid
                  ? std::string("; it waits for itself")
                  : fmt::format(", which waits for goroutine {} again: a ring", chain[i].goid));
    text += i == 0 ? holder_text(chain[i])
                   : (i == 1 ? "; it waits for the lock of " : ", which waits for the lock of ") +
                         next_text(chain[i]);
    if (is_last && !chain[i].wait_reason.empty())
      text += fmt::format("; {} waits{} ({})", i == 0 ? "it" : "that one",
                          since_text(chain[i].wait_ns), chain[i].wait_reason);
  }
  return text;
}

}  // namespace goshawk::analyses::goroutines
