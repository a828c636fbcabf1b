// A twin costs what fork(2) costs: an entry of a page table for each page of the process' own
// (copy_page_range in mm/memory.c), of a huge one an entry and a page table in reserve. That is
// measured here and now on memory of ours, for it differs tenfold between machines. A copy costs
// what reading and decoding the process' own memory costs: at most, for what holds no pointers is
// not read. What is read ahead costs a walk over the same entries, without copying them.
//
// All come on top of the stop of each thread, and of the words that are exchanged with the keeper.
#include "target/pause_prediction.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <mutex>
#include <optional>
#include <utility>

#include "base/copy_speed.h"

namespace goshawk::target {
namespace {

constexpr std::uint64_t kPageBytes = 4096, kHugePageBytes = 2 << 20;
constexpr std::uint64_t kMeasuredPages = 8192, kMeasuredBytes = kMeasuredPages * kPageBytes;
constexpr double kPagesOfAHugeOne = 12;  // so many entries cost what a huge page costs
constexpr double kDecodeShare = 0.2;     // of the speed of copying: reading, and telling pointers
constexpr std::int64_t kStopNs = 1'500'000, kThreadNs = 60'000;
// Of what is read ahead: a walk over all page tables, and a few megabytes that were written.
constexpr std::int64_t kWalkNsPerPage = 4, kWrittenNs = 1'000'000;

// What is measured with: pages of 4 KB, written to, so that each has an entry that must be copied.
class Pages {
 public:
  Pages()
      : start_(::mmap(nullptr, kMeasuredBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                      -1, 0)) {
    if (is_there()) ::madvise(start_, kMeasuredBytes, MADV_NOHUGEPAGE);
  }
  Pages(const Pages&) = delete;
  ~Pages() {
    if (is_there()) ::munmap(start_, kMeasuredBytes);
  }
  bool is_there() const { return start_ != MAP_FAILED; }
  void write() {
    for (std::uint64_t at = 0; at < kMeasuredBytes; at += kPageBytes)
      static_cast<volatile char*>(start_)[at] = 1;
  }

 private:
  void* start_;
};

std::int64_t read_own_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

// Of a processor: who else wants one is not counted. 0: no process could be made.
double fork_ns() {
  std::int64_t began = read_own_cpu_ns();
  pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  auto took = static_cast<double>(read_own_cpu_ns() - began);
  if (pid < 0) return 0;
  ::waitpid(pid, nullptr, 0);
  return took;
}

std::uint64_t read_kilobytes(std::string_view text, std::string_view field) {
  std::int64_t kilobytes = parse_decimal(find_status_field(text, field)).value_or(0);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(kilobytes, 0)) * 1024;
}

double measure_twin_ns_per_page() {
  constexpr int kTries = 5;
  constexpr double kUsual = 80;
  Pages pages;
  if (!pages.is_there()) return kUsual;
  double best = 0;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    pages.write();
    double took = fork_ns();
    if (took > 0) best = best == 0 ? took : std::min(best, took);
  }
  return best == 0 ? kUsual : best / static_cast<double>(kMeasuredPages);
}

}  // namespace

StopLoad read_stop_load(const ProcessDirectory& directory) {
  constexpr std::uint64_t kMuch = std::uint64_t{32} << 20;
  std::string status = directory.read_file("status").value_or("");
  StopLoad load;
  load.threads =
      static_cast<std::uint64_t>(parse_decimal(find_status_field(status, "Threads")).value_or(0));
  load.own_bytes = read_kilobytes(status, "RssAnon");
  if (load.own_bytes >= kMuch)
    load.huge_bytes =
        read_kilobytes(directory.read_file("smaps_rollup").value_or(""), "AnonHugePages");
  load.huge_bytes = std::min(load.huge_bytes, load.own_bytes);
  return load;
}

StopSpeed measure_stop_speed() {
  return {.twin_ns_per_page = measure_twin_ns_per_page(),
          .copied_ns_per_byte = 1e9 / (measure_copy_speed() * kDecodeShare)};
}

StopSpeed recent_stop_speed() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::minutes kLasts{1};
  static std::mutex mutex;
  static std::optional<std::pair<Clock::time_point, StopSpeed>> last;
  std::scoped_lock lock(mutex);
  if (!last || Clock::now() - last->first > kLasts)
    last.emplace(Clock::now(), measure_stop_speed());
  return last->second;
}

PredictedPause predict_pause(const StopLoad& load, const StopSpeed& speed, bool reads_heap) {
  std::int64_t stop_ns = kStopNs + static_cast<std::int64_t>(load.threads) * kThreadNs;
  std::uint64_t pages = (load.own_bytes - load.huge_bytes) / kPageBytes;
  std::uint64_t huge_pages = load.huge_bytes / kHugePageBytes;
  double entries = static_cast<double>(pages) + static_cast<double>(huge_pages) * kPagesOfAHugeOne;
  double copied = reads_heap ? static_cast<double>(load.own_bytes) : 0;
  return {.track_ns = stop_ns + kWrittenNs + static_cast<std::int64_t>(pages) * kWalkNsPerPage,
          .twin_ns = stop_ns + static_cast<std::int64_t>(entries * speed.twin_ns_per_page),
          .copy_ns = stop_ns + static_cast<std::int64_t>(copied * speed.copied_ns_per_byte)};
}

}  // namespace goshawk::target
