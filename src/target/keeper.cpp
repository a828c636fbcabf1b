// The keeper is a fork of ours that runs keep() and exits. To it, a message is a wish: kTwin or
// kTrack (a userfaultfd) with the code that rests, or anything else: let go and end. So is the end
// of the connection. While a twin lives the keeper looks after the target too: a target that ends,
// or executes another program, must find its files closed at once, and the twin shares them.
#include "target/keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <thread>

#include "target/keeper_messages.h"
#include "target/memory_headroom.h"
#include "target/namespaces.h"
#include "target/twin.h"

namespace goshawk::target {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* kName = "goshawk-keeper";  // 15 bytes are all that the kernel keeps
constexpr std::uint64_t kTwin = 1, kLetGo = 2, kTrack = 3;

std::uint64_t count_ns(Clock::time_point time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

Clock::time_point time_of(std::uint64_t ns) {
  return Clock::time_point(std::chrono::nanoseconds(static_cast<std::int64_t>(ns)));
}

// ---- the keeper's side ----

// Above all our standard output: who reads it waits for its end.
void close_all_but(std::array<int, 2> kept) {
  int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard : {0, 1, 2})  // which may have been closed before, and be another file's now
    if (std::ranges::find(kept, standard) == kept.end()) ::dup2(null, standard);
  std::vector<int> open;
  if (DIR* folder = ::opendir("/proc/self/fd")) {
    while (const dirent* entry = ::readdir(folder))
      if (auto number = parse_decimal(entry->d_name)) open.push_back(static_cast<int>(*number));
    ::closedir(folder);
  }
  for (int one : open)
    if (one > 2 && std::ranges::find(kept, one) == kept.end()) ::close(one);
}

class KeeperMain {
 public:
  KeeperMain(const ProcessDirectory& directory, int socket)
      : directory_(directory), socket_(socket), maps_(directory.open_file("maps", O_RDONLY)) {}

  void run(StopLimits limits);

 private:
  bool send_threads(const ProcessStop& stop) const;
  void serve(ProcessStop& stop);
  bool lend_userfaultfd(ProcessStop& stop) const;
  void wait_beside_twin();
  void collect();
  bool executes_the_same() const {
    char unused = 0;
    return ::pread(maps_.get(), &unused, 1, 0) > 0;
  }

  const ProcessDirectory& directory_;
  int socket_;
  FileDescriptor maps_;
  std::vector<AddressRange> resting_;
  std::optional<Twin> twin_;
};

void KeeperMain::run(StopLimits limits) {
  auto stop = stop_process(directory_, limits);
  if (!stop) {
    MessageWriter reply;
    reply.number(0);
    reply.error(stop.error());
    reply.send(socket_);
    return;
  }
  if (send_threads(**stop)) serve(**stop);
  (*stop)->let_go();
  collect();
}

bool KeeperMain::send_threads(const ProcessStop& stop) const {
  MessageWriter reply;
  reply.number(1);
  reply.number(count_ns(stop.stopped_at()));
  reply.number(stop.threads().size());
  for (const Thread& thread : stop.threads()) reply.thread(thread);
  return reply.send(socket_);
}

void KeeperMain::serve(ProcessStop& stop) {
  while (auto wish = MessageReader::receive(socket_)) {
    MessageWriter reply;
    std::uint64_t what = wish->number();
    if (what != kTwin && what != kTrack) {
      stop.let_go();
      reply.number(count_ns(stop.went_on_at().value_or(Clock::now())));
      reply.number(stop.was_given_up() ? 1 : 0);
      reply.send(socket_);
      return;
    }
    std::vector<std::uint64_t> bounds = wish->numbers();
    resting_.clear();
    for (std::size_t i = 0; i + 1 < bounds.size(); i += 2)
      resting_.push_back({Address(bounds[i]), Address(bounds[i + 1])});
    if (what == kTrack) {
      if (!lend_userfaultfd(stop)) return;
      continue;
    }
    auto twin = stop.go_on_beside_twin(resting_);
    reply.number(twin ? 1 : 0);
    if (twin) {
      twin_ = *twin;
      reply.number(static_cast<std::uint64_t>(twin->pid));
      reply.number(static_cast<std::uint64_t>(twin->pid_inside));
      reply.number(count_ns(stop.went_on_at().value_or(Clock::now())));
    } else {
      reply.error(twin.error());
    }
    if (!reply.send(socket_)) return;
    if (twin) return wait_beside_twin();
  }
}

bool KeeperMain::lend_userfaultfd(ProcessStop& stop) const {
  MessageWriter reply;
  auto descriptor = stop.borrow_userfaultfd(resting_);
  reply.number(descriptor ? 1 : 0);
  if (!descriptor) reply.error(descriptor.error());
  return reply.send(socket_, descriptor ? descriptor->get() : -1);
}

// Until nobody needs it any more, or the target does not bear it any more.
void KeeperMain::wait_beside_twin() {
  FileDescriptor target(
      static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(directory_.pid()), 0)));
  std::array<pollfd, 2> watched = {{{socket_, POLLIN, 0}, {target.get(), POLLIN, 0}}};
  MemoryWatch memory(directory_);
  std::uint64_t needed_bytes = find_twin_needs(directory_).meanwhile_bytes;
  constexpr int kStepMs = 10;
  while (true) {
    int ready = ::poll(watched.data(), watched.size(), kStepMs);
    if (ready > 0 || (ready < 0 && errno != EINTR) || !executes_the_same()) return;
    if (memory.find_lack(needed_bytes)) return;
  }
}

// The twin has been killed. What a program that was executed meanwhile rests in is not known: any
// wait will do then.
void KeeperMain::collect() {
  if (!twin_) return;
  if (!executes_the_same()) resting_ = {{Address(0), Address(~std::uint64_t{0})}};
  auto end = Clock::now() + std::chrono::seconds(60);
  auto pause = milliseconds(1);
  while (Clock::now() < end && !directory_.list_threads().empty() &&
         ::kill(static_cast<pid_t>(twin_->pid), 0) == 0) {
    if (collect_twin(directory_, *twin_, resting_)) return;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, milliseconds(100));
  }
}

[[noreturn]] void keep(const ProcessDirectory& directory, StopLimits limits, int socket) {
  ::setsid();
  ::prctl(PR_SET_NAME, kName);
  close_all_but({directory.fd(), socket});
  KeeperMain(directory, socket).run(limits);
  ::_exit(0);
}

// ---- our side ----

Error explain_lost(const ProcessDirectory& directory) {
  return Missing{"goshawk's process that held " + name_process(directory) + ", which has ended",
                 "it was let go unharmed; try again"};
}

class StopOfKeeper : public ProcessStop {
 public:
  StopOfKeeper(const ProcessDirectory& directory, std::shared_ptr<Keeper> keeper)
      : directory_(directory), keeper_(std::move(keeper)) {}
  ~StopOfKeeper() override { let_go(); }

  Result<void> start();
  const std::vector<Thread>& threads() const override { return threads_; }
  void let_go() override;
  Result<Twin> go_on_beside_twin(std::span<const AddressRange> resting) override;
  Result<FileDescriptor> borrow_userfaultfd(std::span<const AddressRange> resting) override;
  Clock::time_point stopped_at() const override { return stopped_at_; }
  std::optional<Clock::time_point> went_on_at() const override { return went_on_at_; }
  bool was_given_up() const override { return given_up_; }

 private:
  Result<MessageReader> ask(std::uint64_t what, std::span<const AddressRange> resting);

  const ProcessDirectory& directory_;
  std::shared_ptr<Keeper> keeper_;
  std::vector<Thread> threads_;
  Clock::time_point stopped_at_;
  std::optional<Clock::time_point> went_on_at_;
  bool let_go_ = false, given_up_ = false;
};

Result<void> StopOfKeeper::start() {
  auto reply = MessageReader::receive(keeper_->socket());
  if (!reply) return fail(explain_lost(directory_));
  if (reply->number() == 0) return fail(reply->error());
  stopped_at_ = time_of(reply->number());
  threads_.resize(reply->number());
  for (Thread& thread : threads_) thread = reply->thread();
  return {};
}

void StopOfKeeper::let_go() {
  if (std::exchange(let_go_, true)) return;
  MessageWriter wish;
  wish.number(kLetGo);
  wish.send(keeper_->socket());
  if (went_on_at_) return;
  auto reply = MessageReader::receive(keeper_->socket());
  went_on_at_ = reply ? time_of(reply->number()) : Clock::now();
  given_up_ = reply && reply->number() != 0;
}

Result<MessageReader> StopOfKeeper::ask(std::uint64_t what, std::span<const AddressRange> resting) {
  MessageWriter wish;
  wish.number(what);
  std::vector<std::uint64_t> bounds;
  for (const AddressRange& range : resting) {
    bounds.push_back(range.start.value());
    bounds.push_back(range.end.value());
  }
  wish.numbers(bounds);
  wish.send(keeper_->socket());
  auto reply = MessageReader::receive(keeper_->socket());
  if (!reply) return fail(explain_lost(directory_));
  if (reply->number() == 0) return fail(reply->error());
  return *std::move(reply);
}

Result<FileDescriptor> StopOfKeeper::borrow_userfaultfd(std::span<const AddressRange> resting) {
  return TRY(ask(kTrack, resting)).descriptor();
}

Result<Twin> StopOfKeeper::go_on_beside_twin(std::span<const AddressRange> resting) {
  MessageReader reply = TRY(ask(kTwin, resting));
  Twin twin;
  twin.pid = static_cast<std::int64_t>(reply.number());
  twin.pid_inside = static_cast<std::int64_t>(reply.number());
  went_on_at_ = time_of(reply.number());
  return twin;
}

}  // namespace

Keeper::~Keeper() {
  socket_ = FileDescriptor();
  auto end = Clock::now() + std::chrono::seconds(3);
  auto pause = std::chrono::microseconds(100);
  while (::waitpid(static_cast<pid_t>(pid_), nullptr, WNOHANG) == 0 && Clock::now() < end) {
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(5000));
  }
}

bool is_held_by_goshawk(const ProcessDirectory& directory) {
  auto self = ProcessDirectory::open(::getpid());
  auto own = self ? parse_stat(self->read_file("stat").value_or("")) : std::nullopt;
  for (std::int64_t tid : directory.list_threads()) {
    auto status = directory.read_file(fmt::format("task/{}/status", tid).c_str()).value_or("");
    auto tracer =
        ProcessDirectory::open(parse_decimal(find_status_field(status, "TracerPid")).value_or(0));
    auto stat = tracer ? parse_stat(tracer->read_file("stat").value_or("")) : std::nullopt;
    if (stat && (stat->command == kName || (own && stat->command == own->command))) return true;
  }
  return false;
}

Result<KeptStop> stop_by_keeper(const ProcessDirectory& directory, StopLimits limits) {
  std::array<int, 2> sockets = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
    return fail(Missing{"a pair of sockets", "a process that holds the target"});
  FileDescriptor ours(sockets[0]), its(sockets[1]);
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);  // nothing but SIGKILL ends it
  pid_t pid = ::fork();
  if (pid == 0) {
    ours = FileDescriptor();
    keep(directory, limits, its.get());
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return fail(Missing{"another process", "one that holds the target"});
  auto keeper = std::make_shared<Keeper>(pid, std::move(ours));
  its = FileDescriptor();
  auto stop = std::make_unique<StopOfKeeper>(directory, keeper);
  TRY_VOID(stop->start());
  return KeptStop{std::move(stop), std::move(keeper)};
}

}  // namespace goshawk::target
