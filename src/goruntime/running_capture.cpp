// Some gs, their stacks, these gs again. What is the same g in both was not scheduled in between:
// to run and to park anew it would have had to come back to the very same place with the same
// caller, whose frames are then the same. What has changed, and what is new by then, is looked at
// again in the next round, a little later each time, by what it is now. What runs is not waited
// for.
#include "goruntime/running_capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>

#include "goruntime/goroutines/goroutine_checks.h"
#include "goruntime/goroutines/goroutine_reader.h"
#include "goruntime/goroutines/poll_waits.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/read_ahead.h"
#include "goruntime/target_facts.h"

namespace goshawk::goruntime {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Status;

namespace {

constexpr int kRounds = 7;
constexpr int kTries = 20;  // of a structure that is being changed
constexpr std::size_t kBatchGoroutines = 4096;

// Its own stack is in nobody's hands but its thread's, or the collector's.
bool may_move(const G& g) {
  return g.status == Status::kRunning || g.status == Status::kCopystack || g.scanning;
}

bool stood_still(const G& before, const G& after) {
  return before.goid == after.goid && before.status == after.status && !may_move(after) &&
         before.stack.start == after.stack.start && before.stack.end == after.stack.end &&
         before.sched_sp == after.sched_sp && before.sched_pc == after.sched_pc &&
         before.syscall_sp == after.syscall_sp && before.syscall_pc == after.syscall_pc &&
         before.waitreason == after.waitreason && before.waiting == after.waiting &&
         before.m == after.m;
}

// The runtime may be about to make a longer one, or a g of it.
template <typename Read>
auto read_in_the_end(Read&& read) {
  for (int attempt = 1;; ++attempt) {
    auto result = read();
    if (result || attempt == kTries) return result;
  }
}

Result<void> read_some_running_gs(const target::Memory& memory, const facts::GFact& fact,
                                  std::span<const Address> addresses, std::vector<G>& gs) {
  return read_in_the_end([&] { return read_some_gs(memory, fact, addresses, gs); });
}

// Goroutines at some instant between the reading of their gs before and after their stacks.
struct Look {
  std::vector<G> all;
  std::vector<G> before, after;  // those of all that live and may not move
  StackBatch stacks;             // of these
  std::size_t count = 0;         // of all: large stacks may be more than a batch
  Result<void> outcome;

  void take(const target::Memory& memory, const facts::GFact& fact, const StackStarts& starts,
            std::span<const Address> addresses);
};

void Look::take(const target::Memory& memory, const facts::GFact& fact, const StackStarts& starts,
                std::span<const Address> addresses) {
  outcome = read_some_running_gs(memory, fact, addresses, all);
  if (!outcome) return;
  before.clear();
  std::ranges::copy_if(all, std::back_inserter(before),
                       [](const G& g) { return !g.is_dead() && !may_move(g); });
  std::size_t read = stacks.read(memory, starts, before);
  count = all.size();
  if (read < before.size())
    count = static_cast<std::size_t>(std::ranges::find(addresses, before[read].address) -
                                     addresses.begin());
  std::vector<Address> again;
  for (const G& g : std::span(before).first(read)) again.push_back(g.address);
  outcome = read_some_running_gs(memory, fact, again, after);
}

class RunningCapture {
 public:
  RunningCapture(const target::Target& target, const Program& program, bool waits,
                 std::vector<snapshot::Binding>& bindings)
      : target_(target), program_(program), waits_(waits), bindings_(bindings) {}

  Result<Snapshot> take() {
    GoroutineFacts facts{program_.g, program_.defer,
                         TRY(facts::WaitReasons::bind(target_.memory(), program_.globals,
                                                      program_.modules.build.version)),
                         program_.modules.build.version, program_.poll_desc};
    TRY_VOID(look_at_all(facts));
    auto wait = std::chrono::microseconds(250);
    for (int round = 1; round < kRounds && changing_ > 0; ++round, wait *= 2) {
      std::this_thread::sleep_for(wait);  // the collector may be scanning a stack, or moving it
      TRY_VOID(look_at_all(facts));
    }
    TRY_VOID(list_the_rest(facts));
    record_goroutines(into_, facts.wait_reasons, bindings_);
    if (waits_) record_waits(into_, *program_.layout, bindings_);
    finish();
    return std::move(into_);
  }

 private:
  // At what is left and what is new.
  Result<void> look_at_all(const GoroutineFacts& facts) {
    auto allgs =
        TRY(read_in_the_end([&] { return read_allgs(target_.memory(), program_.globals); }));
    std::vector<Address> wanted = std::exchange(left_, {});
    changing_ = 0;
    if (allgs.size() > known_) wanted.insert(wanted.end(), allgs.begin() + known_, allgs.end());
    known_ = std::max(known_, allgs.size());

    PageCache cache(target_.memory());
    WaitQueues queues(cache, program_.waits, program_.globals, wanted.size());
    std::size_t doubts = into_.doubts.size();
    GoroutineReader reader(target_, facts, program_.modules, program_.functions, cache, queues,
                           nullptr, into_);
    std::optional<std::int64_t> now_ns;
    if (auto read = target_.read_monotonic_ns()) now_ns = *read;
    if (!waits_) reader.leave_out_waits();
    reader.begin({}, {}, now_ns);
    into_.goroutines.reserve(into_.goroutines.size() + wanted.size());
    Result<void> outcome;
    std::span<const Address> next(wanted);
    read_ahead<Look>([&] { return !next.empty(); },
                     [&](Look& look) {
                       look.take(target_.memory(), facts.g, reader.starts(),
                                 next.first(std::min(next.size(), kBatchGoroutines)));
                       next = next.subspan(look.outcome ? look.count : next.size());
                     },
                     [&](const Look& look) {
                       if (!look.outcome) outcome = look.outcome;
                       if (outcome) keep(look, reader);
                     });
    TRY_VOID(outcome);
    std::ranges::copy(reader.release_poll_identities(), std::back_inserter(polled_));
    into_.doubts.resize(doubts);  // of what may not stand
    return {};
  }

  // Those that stood still, with their stacks.
  void keep(const Look& look, GoroutineReader& reader) {
    for (const G& g : std::span(look.all).first(look.count)) {
      if (g.is_dead())
        ++dead_;
      else if (may_move(g))
        leave(g);
    }
    for (std::size_t i = 0; i < look.after.size(); ++i) {
      if (look.stacks.is_whole(i) && stood_still(look.before[i], look.after[i]))
        reader.add(look.stacks, i);
      else
        leave(look.before[i]);
    }
  }

  void leave(const G& g) {
    left_.push_back(g.address);
    if (g.status != Status::kRunning) ++changing_;
  }

  // What runs has no stack that could be read; what never stood still, none that could be believed.
  Result<void> list_the_rest(const GoroutineFacts& facts) {
    Scheduler rest;
    TRY_VOID(read_some_running_gs(target_.memory(), program_.g, left_, rest.gs));
    dead_ += std::erase_if(rest.gs, [](const G& g) { return g.is_dead(); });
    rest.dead = dead_;
    std::uint64_t running = 0;
    for (G& g : rest.gs) {
      if (may_move(g)) ++running;
      g.stack = {};
      g.sched_pc = g.sched_sp = g.sched_lr = g.syscall_pc = g.syscall_sp = g.waiting = Address();
    }
    PageCache cache(target_.memory());
    WaitQueues queues(cache, program_.waits, program_.globals, rest.gs.size());
    std::size_t first = into_.goroutines.size(), doubts = into_.doubts.size();
    GoroutineReader reader(target_, facts, program_.modules, program_.functions, cache, queues,
                           nullptr, into_);
    reader.read(rest, {}, std::nullopt);
    into_.doubts.resize(doubts);
    for (std::size_t i = first; i < into_.goroutines.size(); ++i) {
      Goroutine& goroutine = into_.goroutines[i];
      goroutine.doubt = into_.strings.intern("it ran while it was looked at");
      if (goroutine.started_at != snapshot::kNone)
        goroutine.stack = into_.stacks.intern(std::vector{goroutine.started_at});
    }
    std::uint64_t changed = rest.gs.size() - running;
    if (changed > 0)
      into_.doubts.push_back(
          {fmt::format("{} of {} goroutines changed whenever they were looked "
                       "at: of these only the function is told that they began in",
                       changed, into_.goroutines.size())});
    bool has_main =
        std::ranges::find(into_.goroutines, 1U, &Goroutine::goid) != into_.goroutines.end();
    return check_gs(into_.goroutines.size(), has_main, dead_);
  }

  void finish() {
    std::ranges::sort(into_.goroutines, {}, &Goroutine::goid);
    into_.goroutine_roots.clear();
    into_.goroutine_root_rows.assign(into_.goroutines.size() + 1, 0);
    if (program_.poll_desc) name_descriptors(target_, *program_.poll_desc, polled_, into_);
    std::ranges::sort(into_.io_waits, {}, &snapshot::IoWait::goid);
    write_target_facts(target_, program_, into_);
    into_.picture.way = "no-stop";
    into_.picture.quiet = false;
    into_.bindings = bindings_;
  }

  const target::Target& target_;
  const Program& program_;
  const bool waits_;
  std::vector<snapshot::Binding>& bindings_;
  Snapshot into_;
  std::size_t known_ = 0;       // of allgs
  std::vector<Address> left_;   // not listed yet
  std::uint64_t changing_ = 0;  // of these, those that do not just run
  std::uint64_t dead_ = 0;
  std::vector<PollIdentity> polled_;  // of the picture's io_waits
};

}  // namespace

Result<Snapshot> capture_running(const target::Target& target, const Program& program, bool waits,
                                 std::vector<snapshot::Binding>& bindings) {
  return RunningCapture(target, program, waits, bindings).take();
}

}  // namespace goshawk::goruntime
