// os.Exit calls os.runtime_beforeExit, and that one the exit hooks (runtime/proc.go os_beforeExit);
// it and the end of main.main, and of a panic, call runtime.exit, which is the system call.
//
// In motion is, beside what makes an instant unquiet (quiet_instant.h), a goroutine that has not
// begun: it is runnable, and its saved context is still that of the go statement (proc.go
// newproc1). Of one that has begun it is not known whether it has anything left to do: in a program
// that keeps its processors busy there is always one.
#include "goruntime/exits.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "goruntime/bare_program.h"
#include "goruntime/goroutines/quiet_instant.h"
#include "goruntime/program.h"
#include "target/process.h"

namespace goshawk::goruntime {
namespace {

using target::Rest;

bool has_not_begun(const G& g) {
  return g.status == snapshot::Status::kRunnable && g.sched_pc == g.startpc;
}

class Settling {
 public:
  explicit Settling(std::unique_ptr<target::Target> target) : target_(std::move(target)) {}

  // What cannot be read is nothing to wait for.
  Rest look(std::span<const target::Thread> threads) {
    if (!bind()) return Rest::kFull;
    PageCache cache(target_->memory());
    if (!are_lists_whole(cache, *program_) || is_queueing_specials(threads, program_->functions))
      return Rest::kNone;
    std::uint64_t dead = 0;
    auto gs = read_gs(target_->memory(), program_->g, program_->globals, dead);
    if (gs && (!are_stacks_quiet(*gs) || std::ranges::any_of(*gs, has_not_begun)))
      return Rest::kNone;
    return is_quiet(cache, *program_) ? Rest::kFull : Rest::kCollecting;
  }

 private:
  // Only at the end is everything in place that it is found by.
  bool bind() {
    if (std::exchange(tried_, true)) return program_.has_value();
    auto program = bind_bare_program(*target_);
    if (program) program_.emplace(*std::move(program));
    return program_.has_value();
  }

  std::unique_ptr<target::Target> target_;
  std::optional<Program> program_;
  bool tried_ = false;
};

}  // namespace

Result<target::Exits> find_exits(std::int64_t pid) {
  std::unique_ptr<target::Target> target =
      TRY(target::open_process(pid, {.way = target::Way::kCopy}));
  auto mappings = TRY(target->read_mappings());
  Modules modules = TRY(read_modules(*target, mappings));
  Functions functions = TRY(Functions::read(*target, mappings, modules));
  target::Exits exits;
  auto add = [&](std::string_view name) {
    std::vector<FunctionId> found = functions.find_all_by_name(name);
    if (found.empty()) return false;
    exits.instructions.push_back(functions.entry(found.front()));
    return true;
  };
  add("os.runtime_beforeExit");
  if (add("runtime.exit")) exits.last = exits.instructions.back();
  auto settling = std::make_shared<Settling>(std::move(target));
  exits.look = [settling](std::span<const target::Thread> threads) {
    return settling->look(threads);
  };
  return exits;
}

}  // namespace goshawk::goruntime
