// A live process behind the Target interface: opens it with every check that can tell beforehand
// why it cannot be examined, and puts memory, mappings and stop together.
//
// A stop that may end in a twin is made by a keeper, a process of ours that puts everything back
// whatever becomes of us; without a twin it is made by a thread of our own.
//
// What is held open belongs to the process that had the number when it was opened: its directory
// of /proc and its address space. If it exits, or executes another program, stop() says so.
#include "target/process.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <limits>
#include <thread>

#include "target/keeper.h"
#include "target/memory_use.h"
#include "target/namespaces.h"
#include "target/pause_prediction.h"
#include "target/process_access.h"
#include "target/process_directory.h"
#include "target/process_memory.h"
#include "target/process_stop.h"
#include "target/shown_memory.h"
#include "target/tracked_memory.h"
#include "target/twin.h"
#include "target/write_tracking.h"

namespace goshawk::target {
namespace {

#if defined(__aarch64__)
constexpr auto kMachine = binary::Machine::kArm64;
#else
constexpr auto kMachine = binary::Machine::kX86_64;
#endif

const char* const kListHint = "goshawk ps lists the processes that can be examined";

// "monotonic           -5         250000000" of /proc/PID/timens_offsets.
std::int64_t parse_monotonic_offset_ns(std::string_view offsets) {
  std::size_t at = offsets.find("monotonic");
  if (at == std::string_view::npos) return 0;
  offsets.remove_prefix(at + std::strlen("monotonic"));
  std::int64_t values[2] = {};
  for (std::int64_t& value : values) {
    offsets.remove_prefix(std::min(offsets.find_first_not_of(" \t"), offsets.size()));
    value = parse_decimal(offsets).value_or(0);
    offsets.remove_prefix(std::min(offsets.find_first_of(" \t\n"), offsets.size()));
  }
  constexpr std::int64_t kSecondsLimit = 1'000'000'000;
  if (values[0] > kSecondsLimit || values[0] < -kSecondsLimit) return 0;
  return values[0] * 1'000'000'000 + values[1] % 1'000'000'000;
}

class LiveProcess : public Target {
 public:
  LiveProcess(ProcessDirectory directory, MemoryFiles files, const ReadingOptions& options)
      : directory_(std::move(directory)),
        memory_(directory_.pid(), std::move(files)),
        way_(options.way),
        limit_(options.limit),
        checked_(options.checked) {}

  std::string kind() const override { return "process"; }
  binary::Machine machine() const override { return kMachine; }
  std::int64_t pid() const override { return directory_.pid(); }
  std::string executable_path() const override { return directory_.read_link("exe").value_or(""); }
  const Memory& memory() const override { return memory_; }
  Result<int> open_executable() const override;
  Result<int> open_mapped_file(const Mapping& mapping) const override;
  Result<int> open_in_root(const std::string& path) const override;
  Result<std::vector<Mapping>> read_mappings() const override;
  Result<MemoryUse> read_memory_use() const override;
  Result<std::unique_ptr<Stop>> stop() override;
  Result<std::int64_t> read_monotonic_ns() const override;
  std::vector<OpenFile> read_open_files(std::span<const std::uint32_t> descriptors) const override;
  void find_addresses(std::vector<OpenFile>& files) const override;
  std::optional<Error> why_unreadable() const override;
  bool wants_reading_ahead() override;
  ReadingAhead* reading_ahead() override {
    return tracked_ && !tracked_->given_up() ? tracked_.get() : nullptr;
  }
  bool give_up_way() override;

 protected:
  std::optional<Error> shares_memory() const;

 private:
  friend class LiveStop;
  Result<std::vector<Mapping>> read_mappings_of(const ProcessDirectory& directory) const;
  Result<void> begin_tracking(FileDescriptor descriptor);
  void end_tracking(std::string reason = {});
  bool has_lost_track();
  bool reads_ahead() const;
  std::uint64_t most_copied_bytes(bool no_twin) const;
  Result<std::unique_ptr<ProcessStop>> stop_threads(std::optional<std::string>& no_twin);
  Result<void> read_twin(std::int64_t pid);
  std::unique_ptr<ProcessMemory> open_twin(std::int64_t pid,
                                           std::optional<ProcessDirectory>& directory) const;
  void forget_twin();
  bool has_lost_twin();
  Error explain_lost_twin() const;
  StopLimits stop_limits() const;
  Result<void> choose_by_pause(std::optional<std::string>& no_twin);
  Error explain_refusal(const PredictedPause& predicted, bool may_twin) const;
  void note_given_up(std::int64_t pause_ns);

  ProcessDirectory directory_;
  ShownMemory memory_;
  std::optional<ProcessDirectory> twin_;      // while memory_ is its
  std::shared_ptr<Keeper> keeper_;            // of the last stop
  bool twin_was_lost_ = false;                // at the last stop
  std::optional<std::string> no_more_twins_;  // why
  int refusals_ = 0;  // of a twin, one after the other, that would have passed
  std::unique_ptr<TrackedMemory> tracked_;
  std::optional<std::string> no_tracking_;  // why
  bool asked_to_read_ahead_ = false;
  int too_much_written_ = 0;               // stops, one after the other
  bool track_was_lost_ = false;            // at the last stop
  std::vector<std::uint64_t> lost_pages_;  // for which pictures were lost
  int tracks_lost_ = 0;
  Way way_;
  std::optional<PauseLimit> limit_;
  std::optional<StopSpeed> speed_;  // measured once
  std::optional<Error> given_up_;   // the last stop, at the limit
  bool is_second_attempt_ = false;  // after such a one
  bool checked_;
};

class LiveStop : public Stop {
 public:
  LiveStop(LiveProcess& process, std::unique_ptr<ProcessStop> stop,
           std::optional<std::string> no_twin)
      : process_(process), stop_(std::move(stop)), no_twin_(std::move(no_twin)) {
    if (process_.limit_) process_.memory_.expect_end(stop_->stopped_at() + process_.limit_->most);
  }
  ~LiveStop() override { [[maybe_unused]] auto nobody_to_tell = let_go(); }

  const std::vector<Thread>& threads() const override { return stop_->threads(); }
  // What was read beside a twin that has ended meanwhile is not all that was asked for; nor what
  // was written before it was read.
  Result<void> let_go() override {
    if (std::exchange(is_over_, true)) return {};
    bool lost = process_.has_lost_twin(), lost_track = process_.has_lost_track();
    auto contradiction = process_.tracked_ ? process_.tracked_->find_contradiction() : std::nullopt;
    process_.forget_twin();
    stop_->let_go();
    leave_tracking();
    if (contradiction) return fail(Malformed{"the picture that was read ahead", 0, *contradiction});
    if (lost_track)
      return fail(Missing{fmt::format("a picture of {}: it writes faster than it can be read",
                                      name_process(process_.directory_)),
                          "try again; --way twin or --way copy"});
    if (lost) return fail(process_.explain_lost_twin());
    if (!stop_->was_given_up()) return {};
    process_.note_given_up(pause_ns());
    return fail(*process_.given_up_);
  }
  std::int64_t pause_ns() const override {
    auto end = stop_->went_on_at().value_or(std::chrono::steady_clock::now());
    return std::chrono::nanoseconds(end - stop_->stopped_at()).count();
  }
  Result<GoneOn> go_on(std::span<const AddressRange> resting) override;
  bool begin_reading_ahead(std::span<const AddressRange> resting) override;

 private:
  Result<GoneOn> do_without_twin(std::string reason, bool passing);
  Result<GoneOn> complete(std::span<const AddressRange> resting);
  void leave_tracking();

  LiveProcess& process_;
  std::unique_ptr<ProcessStop> stop_;
  std::optional<std::string> no_twin_;
  bool is_over_ = false;
};

// Of an error that has nobody to turn to: another way is taken.
std::string name_reason(const Error& error) {
  if (const auto* missing = std::get_if<Missing>(&error)) return missing->name;
  if (const auto* denied = std::get_if<Denied>(&error)) return denied->action;
  return describe(error);
}

std::int64_t round_up_to_ms(std::int64_t ns) { return (ns + 999'999) / 1'000'000; }

std::string tell_ms(std::int64_t ns) {
  return fmt::format("{:.1f} ms", static_cast<double>(ns) / 1e6);
}

Result<GoneOn> LiveStop::do_without_twin(std::string reason, bool passing) {
  constexpr int kPatience = 5;  // what passes has passed by then, or never will
  passing = passing && ++process_.refusals_ < kPatience;
  if (process_.way_ != Way::kTwin || passing)
    return GoneOn{.reason = std::move(reason), .passing = passing};
  return fail(Missing{fmt::format("a twin of {}: {}", name_process(process_.directory_), reason),
                      "--way twin; --way copy reads it while it is stopped"});
}

Result<GoneOn> LiveStop::go_on(std::span<const AddressRange> resting) {
  if (process_.tracked_) return complete(resting);
  if (process_.way_ == Way::kTrack)
    return fail(
        Missing{fmt::format("a track of what {} writes: {}", name_process(process_.directory_),
                            process_.no_tracking_.value_or("this is not read ahead")),
                "--way track; without it another way is taken"});
  if (process_.way_ == Way::kCopy) return GoneOn{};
  if (no_twin_) return do_without_twin(*no_twin_, false);
  auto twin = stop_->go_on_beside_twin(resting);
  if (!twin)
    return do_without_twin(name_reason(twin.error()),
                           !std::holds_alternative<Denied>(twin.error()));
  process_.refusals_ = 0;
  TRY_VOID(process_.read_twin(twin->pid));
  return GoneOn{.way = Way::kTwin};
}

// Of what was read ahead. Where that would take longer than another way, it is read ahead once
// more, or the other way is taken at another stop.
Result<GoneOn> LiveStop::complete(std::span<const AddressRange> resting) {
  constexpr int kPatience = 5;
  auto frozen = process_.tracked_->freeze(process_.most_copied_bytes(no_twin_.has_value()));
  if (!frozen) {
    std::string reason = name_reason(frozen.error());
    if (++process_.too_much_written_ >= kPatience) process_.tracked_->give_up(reason);
    return GoneOn{.reason = reason, .passing = true};
  }
  process_.too_much_written_ = 0;
  if (process_.checked_) {
    auto twin = TRY(stop_->go_on_beside_twin(resting));
    std::optional<ProcessDirectory> directory;
    process_.tracked_->set_witness(process_.open_twin(twin.pid, directory));
  } else {
    stop_->let_go();
  }
  return GoneOn{.way = Way::kTrack};
}

bool LiveStop::begin_reading_ahead(std::span<const AddressRange> resting) {
  constexpr int kPatience = 5;
  auto descriptor = stop_->borrow_userfaultfd(resting);
  if (!descriptor) {
    bool passing =
        !std::holds_alternative<Denied>(descriptor.error()) && ++process_.refusals_ < kPatience;
    if (!passing) process_.no_tracking_ = name_reason(descriptor.error());
    return false;
  }
  process_.refusals_ = 0;
  if (auto begun = process_.begin_tracking(*std::move(descriptor)); !begun) {
    process_.no_tracking_ = name_reason(begun.error());
    return false;
  }
  process_.tracked_->begin_stop();
  return true;
}

void LiveStop::leave_tracking() {
  if (!process_.tracked_) return;
  if (process_.tracked_->is_frozen())
    process_.end_tracking();
  else
    process_.tracked_->end_stop();
}

// The kernel's link leads to the very file that runs, deleted, replaced or out of our sight.
Result<int> open_executable_in(const ProcessDirectory& directory) {
  FileDescriptor file = directory.open_file("exe", O_RDONLY);
  if (file.is_open()) return file.release();
  if (errno != EACCES && errno != EPERM) return fail(explain_gone(directory));
  if (directory.read_link("exe"))  // what the kernel lets nobody follow who may not look into it
    return fail(Denied{"the executable of " + name_process(directory) +
                           " may not be read: its file's mode or its folder forbids it",
                       "run goshawk as root (sudo goshawk ...), or let its user read the file"});
  return fail(explain_denied_access(directory, "open the executable of"));
}

Result<int> LiveProcess::open_executable() const { return open_executable_in(directory_); }

// The file of the mapping's inode is meant, not what has its path by now. Its path is that of the
// process' own mounts, below its own root; of a process in a jail (chroot) it may be ours instead.
// What was deleted or replaced is opened by the kernel's own link, where that is allowed (root).
Result<int> LiveProcess::open_mapped_file(const Mapping& mapping) const {
  if (mapping.path == executable_path()) return open_executable();
  std::string by_range =
      fmt::format("map_files/{:x}-{:x}", mapping.range.start.value(), mapping.range.end.value());
  for (const std::string& path : {"root" + mapping.path, mapping.path, by_range}) {
    FileDescriptor file = directory_.open_file(path.c_str(), O_RDONLY | O_NONBLOCK);
    struct stat status{};
    if (file.is_open() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_ino == mapping.inode)
      return file.release();
  }
  return fail(Missing{"the file " + mapping.path + " as the process has it", "its symbols"});
}

// Links are followed inside of that root, and to nowhere else.
Result<int> LiveProcess::open_in_root(const std::string& path) const {
  FileDescriptor root = directory_.open_file("root", O_PATH | O_DIRECTORY);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_IN_ROOT;
  FileDescriptor file(
      static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  if (!file.is_open()) return fail(Missing{"the file " + path + " in the process' root", ""});
  return file.release();
}

Result<std::vector<Mapping>> LiveProcess::read_mappings() const {
  if (tracked_ && tracked_->is_frozen()) return tracked_->mappings();
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

std::uint64_t read_kilobytes(std::string_view status, std::string_view field) {
  std::int64_t kilobytes = parse_decimal(find_status_field(status, field)).value_or(0);
  return kilobytes > 0 ? static_cast<std::uint64_t>(kilobytes) * 1024 : 0;
}

// Where all of a mapping is resident, or nothing, the pages need not be looked at.
void find_resident_pages(const FileDescriptor& pagemap, MappingUse& use) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;  // what a sanitizer only reserves
  constexpr std::size_t kEntriesAStep = 1 << 16;
  AddressRange range = use.mapping.range;
  if (use.resident_bytes == range.size_bytes()) use.resident = {range};
  if (use.resident_bytes == 0 || !use.resident.empty() || range.size_bytes() > kMostBytes) return;
  auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  ResidentPages pages(range.start, page_bytes);
  std::vector<std::uint64_t> entries;
  for (Address at = range.start; at < range.end; at = at + entries.size() * page_bytes) {
    entries.resize(std::min<std::uint64_t>(kEntriesAStep, (range.end - at) / page_bytes));
    std::size_t wanted = entries.size() * sizeof(std::uint64_t);
    if (wanted == 0 ||
        ::pread(pagemap.get(), entries.data(), wanted,
                static_cast<off_t>(at.value() / page_bytes * sizeof(std::uint64_t))) !=
            static_cast<ssize_t>(wanted))
      return;
    pages.add(entries);
  }
  use.resident = std::move(pages).find(use.resident_bytes);
}

Result<MemoryUse> LiveProcess::read_memory_use() const {
  auto smaps = directory_.read_file("smaps");
  FileDescriptor pagemap = directory_.open_file("pagemap", O_RDONLY);
  if (!smaps || smaps->empty() || !pagemap.is_open()) {
    if (errno == EACCES || errno == EPERM)
      return fail(explain_denied_access(directory_, "read which pages are in memory of"));
    return fail(explain_gone(directory_));
  }
  std::string status = directory_.read_file("status").value_or("");
  MemoryUse use{.mappings = parse_smaps(*smaps),
                .page_table_bytes = read_kilobytes(status, "VmPTE"),
                .kernel_rss_bytes = read_kilobytes(status, "VmRSS")};
  for (MappingUse& one : use.mappings)
    if (one.mapping.inode == 0) find_resident_pages(pagemap, one);
  return use;
}

// A child between vfork and exec: its parent's threads, which nobody holds, go on writing what is
// read. Where the kernel does not tell (no CONFIG_KCMP, a parent of another user), the runtime's
// threads that are missing do.
std::optional<Error> find_shared_memory(const ProcessDirectory& directory) {
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

std::optional<Error> LiveProcess::shares_memory() const { return find_shared_memory(directory_); }

Result<std::unique_ptr<Stop>> LiveProcess::stop() {
  if (tracked_ && tracked_->given_up()) end_tracking(*tracked_->given_up());
  std::optional<std::string> no_twin;
  given_up_.reset();
  auto stopped = TRY(stop_threads(no_twin));
  if (tracked_) tracked_->begin_stop();
  auto shared = find_shared_memory(directory_);
  if (memory_.own().is_alive() && !shared)
    return std::make_unique<LiveStop>(*this, std::move(stopped), std::move(no_twin));
  stopped.reset();
  return fail(shared ? *std::move(shared) : explain_gone(directory_));
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
  bool injects = tracked_ ? checked_ : !no_twin || reads_ahead();
  if (way_ == Way::kCopy || !injects) return stop_process(directory_, stop_limits());
  auto kept = stop_by_keeper(directory_, stop_limits());
  // A keeper whose goshawk was killed a moment ago, or another goshawk, will soon be done; and may
  // have been done when it was looked for, once or a few times.
  constexpr int kMostTimesFree = 8;
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  for (int free = 0; !kept && std::holds_alternative<Denied>(kept.error());) {
    free = is_held_by_goshawk(directory_) ? 0 : free + 1;
    if (free > kMostTimesFree || std::chrono::steady_clock::now() > end) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    kept = stop_by_keeper(directory_, stop_limits());
  }
  if (kept) {
    keeper_ = std::move(kept->keeper);
    return std::move(kept->stop);
  }
  // Yama may let us trace our own children, and not a keeper of ours.
  if (!std::holds_alternative<Denied>(kept.error())) return fail(std::move(kept).error());
  no_twin = "a process of its own may not hold it: " + name_reason(kept.error());
  return stop_process(directory_, stop_limits());
}

// Of what is read ahead, in the stop. Some 3 GB/s are; a twin takes 20 ms for each GB of the
// process, a copy of all 500 and more.
std::uint64_t LiveProcess::most_copied_bytes(bool no_twin) const {
  constexpr std::uint64_t kAlways = std::uint64_t{8} << 20;
  constexpr std::int64_t kBytesPerNs = 3;
  std::uint64_t most = std::max(kAlways, find_own_bytes(directory_) / (no_twin ? 4 : 16));
  if (!limit_ || !speed_) return most;
  std::int64_t walk_ns =
      predict_pause(read_stop_load(directory_), *speed_, limit_->reads_heap).track_ns;
  std::int64_t left_ns = std::max<std::int64_t>(limit_->most.count() - walk_ns, 0);
  return std::min(most, static_cast<std::uint64_t>(left_ns * kBytesPerNs) + kAlways);
}

StopLimits LiveProcess::stop_limits() const {
  StopLimits limits;
  if (limit_) limits.pause = limit_->most;
  return limits;
}

// What is read ahead, or a twin, where that is likely to be quick enough, else a copy where that
// is.
Result<void> LiveProcess::choose_by_pause(std::optional<std::string>& no_twin) {
  if (!speed_) speed_ = recent_stop_speed();
  PredictedPause predicted = predict_pause(read_stop_load(directory_), *speed_, limit_->reads_heap);
  if (reads_ahead() && predicted.track_ns <= limit_->most.count()) return {};
  bool may_twin = (way_ == Way::kBest || way_ == Way::kTwin) && !no_twin;
  if (may_twin && predicted.twin_ns <= limit_->most.count()) return {};
  bool may_copy = way_ == Way::kBest || way_ == Way::kCopy;
  if (!may_copy || predicted.copy_ns > limit_->most.count())
    return fail(explain_refusal(predicted, may_twin));
  if (may_twin)
    no_twin = fmt::format("the stop to make one is predicted to take {} ms, more than --max-pause",
                          round_up_to_ms(predicted.twin_ns));
  return {};
}

Error LiveProcess::explain_refusal(const PredictedPause& predicted, bool may_twin) const {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::string ways;
  auto add = [&](std::int64_t ns, std::string_view how) {
    least = std::min(least, ns);
    ways += fmt::format("{}{} ms {}", ways.empty() ? "" : ", ", round_up_to_ms(ns), how);
  };
  if (way_ == Way::kTrack) add(predicted.track_ns, "read ahead");
  if (may_twin) add(predicted.twin_ns, "beside a twin");
  if (way_ == Way::kBest || way_ == Way::kCopy) add(predicted.copy_ns, "as a copy");
  return Missing{fmt::format("{} would stand still for longer than --max-pause {}: predicted {}",
                             name_process(directory_), tell_ms(limit_->most.count()), ways),
                 fmt::format("it was not stopped; allow --max-pause {}, or list its goroutines "
                             "without a stop: goshawk goroutines {} --no-stop",
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

// ---- reading ahead ----

// A small one is copied, or has a twin, in the same time. Where there is no room for a twin, less
// than that pays.
// From when that is asked for until it is known not to be had.
bool LiveProcess::reads_ahead() const {
  return tracked_ != nullptr || (asked_to_read_ahead_ && !no_tracking_);
}

bool LiveProcess::wants_reading_ahead() {
  if (way_ != Way::kTrack) return false;
  asked_to_read_ahead_ = true;
  if (!no_tracking_) no_tracking_ = find_reason_against_tracking();
  return !no_tracking_;
}

Result<void> LiveProcess::begin_tracking(FileDescriptor descriptor) {
  auto tracking = TRY(WriteTracking::begin(directory_, std::move(descriptor)));
  tracked_ = std::make_unique<TrackedMemory>(
      memory_.own(), std::move(tracking), [this] { return read_mappings_of(directory_); },
      lost_pages_);
  memory_.turn_to_tracked(tracked_.get());
  return {};
}

void LiveProcess::end_tracking(std::string reason) {
  memory_.turn_to_tracked(nullptr);
  tracked_.reset();
  too_much_written_ = 0;
  if (!reason.empty()) no_tracking_ = std::move(reason);
}

bool LiveProcess::has_lost_track() {
  if (!tracked_ || !tracked_->is_frozen()) return false;
  track_was_lost_ = !tracked_->validate();
  if (!track_was_lost_) return false;
  constexpr int kPatience = 3;
  constexpr std::size_t kMostPages = 1 << 16;
  const std::vector<std::uint64_t>& lost = tracked_->lost_pages();
  lost_pages_.insert(lost_pages_.end(), lost.begin(), lost.end());
  if (++tracks_lost_ >= kPatience || lost_pages_.size() > kMostPages)
    no_tracking_ = "it writes faster than it can be read";
  return true;
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

bool LiveProcess::give_up_way() {
  if (given_up_ && !std::exchange(is_second_attempt_, true)) return true;
  bool twin_was_lost = std::exchange(twin_was_lost_, false) && way_ != Way::kTwin;
  bool track_was_lost =
      std::exchange(track_was_lost_, false) && (way_ != Way::kTrack || !no_tracking_);
  return (twin_was_lost || track_was_lost) && memory_.own().is_alive();
}

void LiveProcess::forget_twin() {
  memory_.turn_to(nullptr);
  twin_.reset();
}

std::optional<Error> LiveProcess::why_unreadable() const {
  if (memory_.own().is_alive()) return given_up_;
  return explain_gone(directory_);
}

Result<std::int64_t> LiveProcess::read_monotonic_ns() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  std::int64_t ns = now.tv_sec * 1'000'000'000 + now.tv_nsec;
  auto self = ProcessDirectory::open(::getpid());
  if (!self || self->read_link("ns/time") == directory_.read_link("ns/time")) return ns;
  return ns - parse_monotonic_offset_ns(self->read_file("timens_offsets").value_or("")) +
         parse_monotonic_offset_ns(directory_.read_file("timens_offsets").value_or(""));
}

std::vector<OpenFile> LiveProcess::read_open_files(
    std::span<const std::uint32_t> descriptors) const {
  std::vector<OpenFile> files;
  files.reserve(descriptors.size());
  for (std::uint32_t descriptor : descriptors)
    files.push_back(parse_descriptor_link(
        directory_.read_link(fmt::format("fd/{}", descriptor).c_str()).value_or("")));
  return files;
}

// The tables are those of the process' own network namespace. They have every socket of it: what is
// beyond a limit stays without an address.
void read_socket_tables(const ProcessDirectory& directory, SocketsByInode& sockets) {
  constexpr std::uint64_t kMostTableBytes = 64 << 20;
  for (const char* table : {"net/tcp", "net/tcp6", "net/udp", "net/udp6"})
    if (auto text = directory.read_file(table, kMostTableBytes))
      parse_internet_sockets(*text, std::string_view(table).substr(4, 3), sockets);
  if (auto text = directory.read_file("net/unix", kMostTableBytes))
    parse_unix_sockets(*text, sockets);
}

// The kernel lists a table piece by piece: a socket that opens or closes between two of them, of
// any process, can hide another one. What is in no table is looked for again.
void LiveProcess::find_addresses(std::vector<OpenFile>& files) const {
  constexpr int kLooks = 4;
  SocketsByInode missing, found;
  for (const OpenFile& file : files)
    if (file.kind == "socket") missing[file.inode] = file;
  for (int look = 0; look < kLooks && !missing.empty(); ++look) {
    read_socket_tables(directory_, missing);
    std::erase_if(missing, [&](const auto& socket) {
      if (socket.second.kind == "socket") return false;
      found.insert(socket);
      return true;
    });
  }
  for (OpenFile& file : files)
    if (auto socket = found.find(file.inode); file.kind == "socket" && socket != found.end())
      file = socket->second;
}

struct OpenedProcess {
  ProcessDirectory directory;
  MemoryFiles files;
};

// Somebody else stops it.
class HeldProcess : public LiveProcess {
 public:
  HeldProcess(OpenedProcess opened, bool goes_on, StopElsewhere stop_elsewhere)
      : LiveProcess(std::move(opened.directory), std::move(opened.files), {.way = Way::kCopy}),
        goes_on_(goes_on),
        stop_elsewhere_(std::move(stop_elsewhere)) {}

  bool goes_on() const override { return goes_on_; }
  Result<std::unique_ptr<Stop>> stop() override {
    if (auto shared = shares_memory()) return fail(*std::move(shared));
    return stop_elsewhere_();
  }

 private:
  bool goes_on_;
  StopElsewhere stop_elsewhere_;
};

// All threads are held already, and will be.
class HeldStop : public Stop {
 public:
  explicit HeldStop(std::vector<Thread> threads) : threads_(std::move(threads)) {}
  const std::vector<Thread>& threads() const override { return threads_; }
  Result<void> let_go() override { return {}; }
  std::int64_t pause_ns() const override { return 0; }

 private:
  std::vector<Thread> threads_;
};

Error explain_zombie(const ProcessDirectory& directory, const ProcessStat& stat) {
  std::string parent = "?";
  if (auto opened = ProcessDirectory::open(stat.parent_pid))
    if (auto of_parent = parse_stat(opened->read_file("stat").value_or("")))
      parent = of_parent->command;
  return Missing{fmt::format("{} ({}) is a zombie: it has ended, and its parent {} ({}) has "
                             "not fetched its exit code",
                             name_process(directory), stat.command, stat.parent_pid, parent),
                 "it has no memory left to examine"};
}

// What has no memory to read, and what is only a part of a process.
Result<void> check_kind(const ProcessDirectory& directory) {
  std::string status = directory.read_file("status").value_or("");
  auto stat = read_settled_stat(directory);
  if (!stat || status.empty()) return fail(explain_gone(directory));
  std::int64_t process = parse_decimal(find_status_field(status, "Tgid")).value_or(directory.pid());
  if (process != directory.pid())
    return fail(Usage{fmt::format("{} is a thread of process {}", directory.pid(), process),
                      fmt::format("use {}", process)});
  if (has_ended(*stat)) {
    // With other threads still at work its memory is there, though not through its first thread.
    if (stat->thread_count > 1) return fail(explain_first_thread_ended(directory, *stat));
    return fail(explain_zombie(directory, *stat));
  }
  if (stat->kernel_thread) return fail(explain_kernel_thread(directory, *stat));
  if (find_status_field(status, "VmSize").empty())
    return fail(Missing{fmt::format("{} ({}) is ending: its memory is gone already",
                                    name_process(directory), stat->command),
                        "nothing is left to examine"});
  return {};
}

Result<void> check_executable(const ProcessDirectory& directory) {
  FileDescriptor file = directory.open_file("exe", O_RDONLY);
  std::array<unsigned char, EI_NIDENT> ident{};
  if (!file.is_open() || ::read(file.get(), ident.data(), ident.size()) != EI_NIDENT) return {};
  if (std::memcmp(ident.data(), ELFMAG, SELFMAG) == 0 && ident[EI_CLASS] == ELFCLASS32)
    return fail(Missing{name_process(directory) + " is a 32-bit program",
                        "goshawk reads 64-bit programs (x86-64, arm64) only"});
  return {};
}

Result<OpenedProcess> open_checked(std::int64_t pid) {
  TRY_VOID(check_proc());
  if (pid == ::getpid())
    return fail(Usage{fmt::format("process {} is goshawk itself", pid),
                      explain_own_pid_namespace().value_or(kListHint)});
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return fail(explain_absent(pid));
  TRY_VOID(check_kind(*directory));
  auto files = open_memory(*directory);
  if (!files) {
    if (errno == EACCES || errno == EPERM)
      return fail(explain_denied_access(*directory, "read the memory of"));
    return fail(explain_gone(*directory));
  }
  TRY_VOID(check_executable(*directory));
  return OpenedProcess{*std::move(directory), *std::move(files)};
}

}  // namespace

Result<std::unique_ptr<Target>> open_process(std::int64_t pid, const ReadingOptions& options) {
  OpenedProcess opened = TRY(open_checked(pid));
  return std::make_unique<LiveProcess>(std::move(opened.directory), std::move(opened.files),
                                       options);
}

Result<std::unique_ptr<Target>> open_ending_process(std::int64_t pid, std::vector<Thread> threads) {
  auto stop = [threads = std::move(threads)] { return std::make_unique<HeldStop>(threads); };
  return std::make_unique<HeldProcess>(TRY(open_checked(pid)), false, std::move(stop));
}

Result<std::unique_ptr<Target>> open_traced_process(std::int64_t pid, StopElsewhere stop) {
  return std::make_unique<HeldProcess>(TRY(open_checked(pid)), true, std::move(stop));
}

Result<int> open_executable_of(std::int64_t pid) {
  TRY_VOID(check_proc());
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return fail(Missing{fmt::format("there is no process {}", pid), kListHint});
  return open_executable_in(*directory);
}

}  // namespace goshawk::target
