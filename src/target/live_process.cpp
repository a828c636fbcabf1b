// What is held open belongs to the process that had the number when it was opened: its directory
// of /proc and its address space. If it exits, or executes another program, stop() says so.
//
// A stop that may end in a twin, or in which a call is injected, is made by a keeper, a process of
// ours that puts everything back whatever becomes of us; without either it is made by a thread of
// our own.
#include "target/live_process.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <thread>
#include <utility>

#include "target/failure_reason.h"
#include "target/live_stop.h"
#include "target/process_access.h"
#include "target/process_clock.h"
#include "target/process_files.h"
#include "target/process_memory_use.h"
#include "target/twin.h"
#include "target/write_tracking.h"

namespace goshawk::target {
namespace {

#if defined(__aarch64__)
constexpr auto kMachine = binary::Machine::kArm64;
#else
constexpr auto kMachine = binary::Machine::kX86_64;
#endif

std::int64_t round_up_to_ms(std::int64_t ns) { return (ns + 999'999) / 1'000'000; }

std::string tell_ms(std::int64_t ns) {
  return fmt::format("{:.1f} ms", static_cast<double>(ns) / 1e6);
}

// A child between vfork and exec: its parent's threads, which nobody holds, go on writing what is
// read. Where the kernel does not tell (no CONFIG_KCMP, a parent of another user), the runtime's
// threads that are missing do.
std::optional<Error> find_memory_shared_with_parent(const ProcessDirectory& directory) {
  constexpr int kVm = 1;  // linux/kcmp.h KCMP_VM
  auto stat = parse_stat(directory.read_file("stat").value_or(""));
  if (!stat || stat->parent_pid == 0 ||
      ::syscall(SYS_kcmp, directory.pid(), stat->parent_pid, kVm, 0, 0) != 0)
    return std::nullopt;
  return Missing{
      fmt::format("{} shares its memory with its parent {}: it was just started and is about to "
                  "execute another program",
                  name_process(directory), stat->parent_pid),
      fmt::format("examine process {}, or this one a moment later", stat->parent_pid)};
}

}  // namespace

LiveProcess::LiveProcess(ProcessDirectory directory, MemoryFiles files,
                         const ReadingOptions& options)
    : directory_(std::move(directory)),
      memory_(directory_.pid(), std::move(files)),
      tracking_(memory_),
      way_(options.way),
      limit_(options.limit),
      counts_pages_(options.counts_pages),
      checked_(options.checked) {}

binary::Machine LiveProcess::machine() const { return kMachine; }

Result<int> LiveProcess::open_executable() const { return target::open_executable(directory_); }

Result<int> LiveProcess::open_mapped_file(const Mapping& mapping) const {
  return target::open_mapped_file(directory_, mapping);
}

Result<int> LiveProcess::open_in_root(const std::string& path) const {
  return target::open_in_root(directory_, path);
}

Result<MemoryUse> LiveProcess::read_memory_use() const {
  return twin_ ? read_memory_use_of_twin(directory_, *twin_) : target::read_memory_use(directory_);
}

Result<std::int64_t> LiveProcess::read_monotonic_ns() const {
  return target::read_monotonic_ns(directory_);
}

std::vector<OpenFile> LiveProcess::read_open_files(
    std::span<const std::uint32_t> descriptors) const {
  return target::read_open_files(directory_, descriptors);
}

void LiveProcess::find_addresses(std::vector<OpenFile>& files) const {
  find_socket_addresses(directory_, files);
}

Result<std::vector<Mapping>> LiveProcess::read_mappings() const {
  if (tracking_.is_frozen()) return tracking_.tracked()->mappings();
  return read_mappings_of(twin_ ? *twin_ : directory_);
}

Result<std::vector<Mapping>> LiveProcess::read_mappings_of(
    const ProcessDirectory& directory) const {
  auto text = directory.read_file("maps");
  if (text && !text->empty()) return parse_mappings(*text);
  if (!text && (errno == EACCES || errno == EPERM))
    return fail(explain_denied_access(directory_, "read the mappings of"));
  return fail(explain_gone(directory_));
}

std::optional<Error> LiveProcess::why_unreadable() const {
  if (memory_.own().is_alive()) return given_up_;
  return explain_gone(directory_);
}

std::optional<Error> LiveProcess::shares_memory() const {
  return find_memory_shared_with_parent(directory_);
}

// ---- the stop ----

Result<std::unique_ptr<Stop>> LiveProcess::stop() {
  tracking_.end_if_given_up();
  std::optional<std::string> no_twin;
  given_up_.reset();
  auto stopped = TRY(stop_threads(no_twin));
  was_stopped_ = true;
  if (tracking_.tracked() != nullptr) tracking_.tracked()->begin_stop();
  auto shared = shares_memory();
  if (memory_.own().is_alive() && !shared)
    return std::make_unique<LiveStop>(*this, std::move(stopped), std::move(no_twin));
  stopped.reset();
  return fail(shared ? *std::move(shared) : explain_gone(directory_));
}

// A keeper whose goshawk was killed a moment ago, or another goshawk, will soon be done; and may
// have been done when it was looked for, once or a few times.
template <typename Stop>
auto LiveProcess::stop_when_free(Stop&& stop) const {
  auto stopped = stop();
  constexpr int kMostTimesFree = 8;
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  for (int free = 0; !stopped && std::holds_alternative<Denied>(stopped.error());) {
    free = is_held_by_goshawk(directory_) ? 0 : free + 1;
    if (free > kMostTimesFree || std::chrono::steady_clock::now() > end) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stopped = stop();
  }
  return stopped;
}

// By a keeper where a twin may be made; `no_twin` says why none will be.
Result<std::unique_ptr<ProcessStop>> LiveProcess::stop_threads(
    std::optional<std::string>& no_twin) {
  keeper_.reset();
  no_twin = no_more_twins_;
  // A twin's mem file is its owner's alone too, and there is no other way to read it.
  if (!no_twin && !memory_.own().has_mem_file()) no_twin = "its mem file may not be opened by us";
  if (way_ != Way::kCopy && !no_twin) no_twin = find_reason_against_twin(directory_);
  if (limit_) TRY_VOID(choose_by_pause(no_twin));
  bool injects = tracking_.tracked() != nullptr ? checked_ : !no_twin || tracking_.is_wanted();
  if (way_ == Way::kCopy || !injects)
    return stop_when_free([&] { return stop_process(directory_, stop_limits()); });
  return stop_by_a_keeper(no_twin);
}

Result<std::unique_ptr<ProcessStop>> LiveProcess::stop_by_a_keeper(
    std::optional<std::string>& no_twin) {
  auto kept = stop_when_free([&] { return stop_by_keeper(directory_, stop_limits()); });
  if (kept) {
    keeper_ = std::move(kept->keeper);
    return std::move(kept->stop);
  }
  // Yama may let us trace our own children, and not a keeper of ours.
  if (!std::holds_alternative<Denied>(kept.error())) return fail(std::move(kept).error());
  no_twin = "a process of its own may not hold it: " + name_reason(kept.error());
  return stop_process(directory_, stop_limits());
}

bool LiveProcess::give_up_way() {
  if (given_up_ && !std::exchange(is_second_attempt_, true)) return true;
  bool twin_was_lost = std::exchange(twin_was_lost_, false) && way_ != Way::kTwin;
  bool track_was_lost = tracking_.may_try_again();
  return (twin_was_lost || track_was_lost) && memory_.own().is_alive();
}

// ---- how long it may last ----

// Of what is read ahead, in the stop. Some 3 GB/s are; a twin takes 20 ms for each GB of the
// process, a copy of all 500 and more.
std::uint64_t LiveProcess::most_copied_bytes(bool no_twin) const {
  constexpr std::uint64_t kAlways = std::uint64_t{8} << 20;
  constexpr std::int64_t kBytesPerNs = 3;
  std::uint64_t most = std::max(kAlways, find_own_bytes(directory_) / (no_twin ? 4 : 16));
  if (!predicted_) return most;
  std::int64_t left_ns = std::max<std::int64_t>(limit_->most.count() - predicted_->track_ns, 0);
  return std::min(most, static_cast<std::uint64_t>(left_ns * kBytesPerNs) + kAlways);
}

StopLimits LiveProcess::stop_limits() const {
  StopLimits limits;
  if (limit_) limits.pause = limit_->most;
  return limits;
}

const PredictedPause& LiveProcess::predict() {
  if (!speed_) speed_ = recent_stop_speed();
  predicted_ = predict_pause(read_stop_load(directory_), *speed_, limit_->reads_heap);
  return *predicted_;
}

// What is read ahead, or a twin, where that is likely to be quick enough, else a copy where that
// is.
Result<void> LiveProcess::choose_by_pause(std::optional<std::string>& no_twin) {
  const PredictedPause& predicted = predict();
  if (way_ == Way::kTrack && !tracking_.is_wanted()) return fail(explain_no_track());
  bool may_track = tracking_.is_wanted() && predicted.track_ns <= limit_->most.count();
  bool may_twin = (way_ == Way::kBest || way_ == Way::kTwin) && !no_twin;
  if (may_twin && predicted.twin_ns <= limit_->most.count()) return {};
  bool may_copy = way_ == Way::kBest || way_ == Way::kCopy;
  if (!may_track && (!may_copy || predicted.copy_ns > limit_->most.count()))
    return fail(explain_refusal(predicted, may_twin));
  if (may_twin)
    no_twin = fmt::format("the stop to make one is predicted to take {} ms, more than --max-pause",
                          round_up_to_ms(predicted.twin_ns));
  return {};
}

Error LiveProcess::explain_no_track() const {
  return Missing{fmt::format("a track of what {} writes: {}", name_process(directory_),
                             tracking_.reason_against().value_or("this is not read ahead")),
                 "--way track; without it another way is taken"};
}

Error LiveProcess::explain_refusal(const PredictedPause& predicted, bool may_twin) const {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::string ways;
  auto add = [&](std::int64_t ns, std::string_view how) {
    least = std::min(least, ns);
    ways += fmt::format("{}{} ms {}", ways.empty() ? "" : ", ", round_up_to_ms(ns), how);
  };
  bool may_track = may_read_ahead_ && !find_reason_against_tracking();
  const std::optional<std::string>& against = tracking_.reason_against();
  if (may_track && !against) add(predicted.track_ns, "read ahead");
  if (may_twin) add(predicted.twin_ns, "beside a twin");
  if (way_ == Way::kBest || way_ == Way::kCopy) add(predicted.copy_ns, "as a copy");
  if (may_track && against) ways += ", and not read ahead: " + *against;
  return Missing{fmt::format("{} would stand still for longer than --max-pause {}: predicted {}",
                             name_process(directory_), tell_ms(limit_->most.count()), ways),
                 fmt::format("{}allow --max-pause {}, or list its goroutines without a stop: "
                             "goshawk goroutines {} --no-stop",
                             was_stopped_ ? "" : "it was not stopped; ",
                             round_up_to_ms(least + least / 2), directory_.pid())};
}

void LiveProcess::note_given_up(std::int64_t pause_ns) {
  given_up_ = Missing{
      fmt::format("reading {} takes longer than --max-pause {}: it was let go after {}{}",
                  name_process(directory_), tell_ms(limit_->most.count()), tell_ms(pause_ns),
                  is_second_attempt_ ? ", the second time" : ""),
      fmt::format("allow more, or list its goroutines without a stop: goshawk goroutines {} "
                  "--no-stop",
                  directory_.pid())};
}

// ---- beside a twin ----

// By its mem file only: process_vm_readv pins pages, which copies each one that is shared.
std::unique_ptr<ProcessMemory> LiveProcess::open_twin(
    std::int64_t pid, std::optional<ProcessDirectory>& directory) const {
  directory = ProcessDirectory::open(pid);
  auto files = directory ? open_memory(*directory) : std::nullopt;
  if (!files || !files->mem.is_open()) return nullptr;
  return std::make_unique<ProcessMemory>(pid, *std::move(files), ProcessMemory::Way::kMemFile,
                                         "the twin of " + name_process(directory_));
}

Result<void> LiveProcess::read_twin(std::int64_t pid) {
  std::optional<ProcessDirectory> directory;
  auto memory = open_twin(pid, directory);
  if (memory == nullptr)
    return fail(
        Missing{"the twin of " + name_process(directory_), "its memory is gone; try again"});
  memory_.turn_to(std::move(memory));
  twin_ = std::move(directory);
  return {};
}

bool LiveProcess::has_lost_twin() {
  twin_was_lost_ = twin_ && !memory_.is_twin_alive();
  if (twin_was_lost_) no_more_twins_ = "a twin of it had to be given up, for memory ran short";
  return twin_was_lost_;
}

Error LiveProcess::explain_lost_twin() const {
  return Missing{fmt::format("the twin of {}, which has ended", name_process(directory_)),
                 "try again; --way copy reads the process while it is stopped"};
}

void LiveProcess::forget_twin() {
  memory_.turn_to(nullptr);
  twin_.reset();
}

// ---- ahead of the stop ----

bool LiveProcess::wants_reading_ahead() {
  tracking_.end_if_given_up();
  may_read_ahead_ = way_ == Way::kTrack || way_ == Way::kBest;
  if (limit_) predict();
  return prefers_reading_ahead();
}

// It costs more work and memory of ours than a twin does, which pays where its stop, or that of a
// copy where there can be no twin, is felt or is not allowed to be so long.
bool LiveProcess::prefers_reading_ahead() {
  constexpr std::uint64_t kLittle = std::uint64_t{64} << 20;  // a twin of it takes 2 to 4 ms
  if (way_ == Way::kTrack) return tracking_.ask(true);
  if (way_ != Way::kBest) return false;
  bool no_twin = no_more_twins_ || !memory_.own().has_mem_file() ||
                 find_reason_against_twin(directory_).has_value();
  // Of a twin they are counted once the process goes on.
  if (counts_pages_ && !no_twin) return false;
  if (limit_ && predicted_->track_ns > limit_->most.count()) return false;
  bool others_take_too_long =
      limit_ && (no_twin ? predicted_->copy_ns : predicted_->twin_ns) > limit_->most.count();
  if (others_take_too_long) return tracking_.ask(true);
  return find_own_bytes(directory_) >= kLittle && tracking_.ask(false);
}

// What only the attempt has shown.
bool LiveProcess::may_read_ahead_instead(const std::string& reason_against_twin) {
  if (!may_read_ahead_ || way_ != Way::kBest || no_more_twins_) return false;
  no_more_twins_ = reason_against_twin;
  refusals_ = 0;
  tracking_.reconsider();
  return prefers_reading_ahead();
}

ReadingAhead* LiveProcess::reading_ahead() {
  TrackedMemory* tracked = tracking_.tracked();
  return tracked != nullptr && !tracked->given_up() ? tracked : nullptr;
}

}  // namespace goshawk::target
