// One thread of ours does all that only the tracing thread may: it stops, makes the twin, lets go,
// and ends. When it ends, however that comes about, the kernel detaches what is still attached,
// running threads too, forgets the interrupts that were not yet taken, and kills the twin
// (PTRACE_O_EXITKILL). Nothing is ever sent to the process itself.
//
// Exits of its threads are collected by the waiting thread, also while the tracing one hangs in
// SEIZE (an exec waits for these to vanish and holds the lock that SEIZE wants), or waits for a
// first thread that was killed: it has not ended before the others are collected.
#include "target/process_stop.h"

#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "target/process_access.h"
#include "target/tracer.h"
#include "target/twin.h"
#include "target/write_tracking.h"

namespace goshawk::target {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

Error explain_given_up(const ProcessDirectory& directory) {
  return Missing{name_process(directory) + ", which had to go on at the limit of the pause",
                 "allow more"};
}

class TracingThread : public ProcessStop {
 public:
  TracingThread(const ProcessDirectory& directory, StopLimits limits)
      : directory_(directory), limits_(limits), tracer_(directory, limits, seized_) {}
  ~TracingThread() override { end_thread(); }

  Result<void> start();
  const std::vector<Thread>& threads() const override { return threads_; }
  void let_go() override { end_thread(); }
  Result<Twin> go_on_beside_twin(std::span<const AddressRange> resting) override;
  Result<FileDescriptor> borrow_userfaultfd(std::span<const AddressRange> resting) override;
  Clock::time_point stopped_at() const override { return tracer_.first_stop(); }
  std::optional<Clock::time_point> went_on_at() const override {
    std::lock_guard lock(mutex_);
    return went_on_at_;
  }
  bool was_given_up() const override {
    std::lock_guard lock(mutex_);
    return given_up_;
  }

 private:
  Result<void> stop_and_read();
  void run();
  bool wait_for_wish(std::unique_lock<std::mutex>& lock);
  void go_on();
  bool run_there(const std::function<void()>& task);
  void note_going_on();
  void end_thread();

  const ProcessDirectory& directory_;
  StopLimits limits_;
  SeizedThreads seized_;
  Tracer tracer_;
  std::vector<Thread> threads_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<void>> result_;           // of stopping
  const std::function<void()>* task_ = nullptr;  // until it is done
  bool release_ = false;
  bool given_up_ = false;
  std::optional<Clock::time_point> went_on_at_;
  std::thread thread_;
};

Result<void> TracingThread::start() {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);  // our handlers run elsewhere
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, milliseconds(20), [&] { return result_.has_value(); })) {
    lock.unlock();
    collect_exits(directory_.pid(), seized_);
    lock.lock();
  }
  return *result_;
}

// By the tracing thread, while all is stopped. False: it had to go on before that.
bool TracingThread::run_there(const std::function<void()>& task) {
  std::unique_lock lock(mutex_);
  if (given_up_) return false;
  task_ = &task;
  changed_.notify_all();
  while (!changed_.wait_for(lock, milliseconds(20), [&] { return task_ == nullptr; })) {
    lock.unlock();
    collect_exits(directory_.pid(), seized_);
    lock.lock();
  }
  return !given_up_;
}

Result<Twin> TracingThread::go_on_beside_twin(std::span<const AddressRange> resting) {
  std::optional<Result<Twin>> twin;
  bool done = run_there([&] {
    twin = make_twin(directory_, tracer_, resting);
    if (!*twin) return;
    tracer_.let_go();
    std::lock_guard lock(mutex_);
    note_going_on();
  });
  if (!done) return fail(explain_given_up(directory_));
  return *std::move(twin);
}

Result<FileDescriptor> TracingThread::borrow_userfaultfd(std::span<const AddressRange> resting) {
  std::optional<Result<FileDescriptor>> descriptor;
  bool done =
      run_there([&] { descriptor = target::borrow_userfaultfd(directory_, tracer_, resting); });
  if (!done) return fail(explain_given_up(directory_));
  return *std::move(descriptor);
}

Result<void> TracingThread::stop_and_read() {
  TRY_VOID(tracer_.stop_all());
  threads_ = TRY(tracer_.read_registers());
  return {};
}

void TracingThread::run() {
  auto result = stop_and_read();
  std::unique_lock lock(mutex_);
  bool stopped = result.has_value();
  if (!stopped) {
    tracer_.let_go();
    collect_exits(directory_.pid(), seized_);
  }
  result_ = std::move(result);
  changed_.notify_all();
  while (stopped && !release_) {
    if (!wait_for_wish(lock)) go_on();
    if (task_ == nullptr) continue;
    lock.unlock();
    (*task_)();
    lock.lock();
    task_ = nullptr;
    changed_.notify_all();
  }
  if (stopped && !went_on_at_) go_on();
}

// False: the pause has reached its limit.
bool TracingThread::wait_for_wish(std::unique_lock<std::mutex>& lock) {
  auto is_wished = [&] { return release_ || task_ != nullptr; };
  if (!limits_.pause || went_on_at_) {
    changed_.wait(lock, is_wished);
    return true;
  }
  auto end = tracer_.first_stop() + *limits_.pause;
  changed_.wait_until(lock, end, is_wished);
  return Clock::now() < end;
}

// Without a twin: who has not said in time that it is no longer needed has not read all in time.
void TracingThread::go_on() {
  tracer_.let_go();
  note_going_on();
  given_up_ = limits_.pause && *went_on_at_ - tracer_.first_stop() >= *limits_.pause;
  if (std::exchange(task_, nullptr) != nullptr) changed_.notify_all();  // it is not done any more
}

void TracingThread::note_going_on() {
  went_on_at_ = Clock::now();
  collect_exits(directory_.pid(), seized_);
}

void TracingThread::end_thread() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    release_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

}  // namespace

Result<std::unique_ptr<ProcessStop>> stop_process(const ProcessDirectory& directory,
                                                  StopLimits limits) {
  auto stop = std::make_unique<TracingThread>(directory, limits);
  TRY_VOID(stop->start());
  return stop;
}

}  // namespace goshawk::target
