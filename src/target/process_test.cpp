// Every process that cannot be examined, and what is said of it.
#include "target/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

#include "target/child_process_for_tests.h"
#include "target/process_access.h"
#include "target/process_list.h"

namespace goshawk::target {
namespace {

template <typename Kind>
std::string expect_error(std::int64_t pid) {
  auto opened = open_process(pid);
  EXPECT_FALSE(opened);
  if (opened) return "";
  EXPECT_TRUE(std::holds_alternative<Kind>(opened.error())) << describe(opened.error());
  return describe(opened.error());
}

void expect_words(const std::string& text, std::initializer_list<std::string> words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << text;
}

void idle(SharedState& state) {
  state.ready = true;
  while (!state.finish) ::usleep(1000);
}

TEST(OpenProcess, ReadsWhatIsThere) {
  static const std::uint64_t known = 0x1122334455667788;
  ChildProcess child(idle);
  ASSERT_TRUE(child.wait_until_ready());
  auto target = open_process(child.pid());
  ASSERT_TRUE(target) << describe(target.error());
  EXPECT_EQ((*target)->kind(), "process");
  EXPECT_EQ((*target)->pid(), child.pid());
  auto address = Address(reinterpret_cast<std::uint64_t>(&known));
  EXPECT_EQ((*target)->memory().read_value<std::uint64_t>(address).value_or(0), known);
  auto mappings = (*target)->read_mappings();
  ASSERT_TRUE(mappings);
  auto holder =
      std::ranges::find_if(*mappings, [&](const Mapping& m) { return m.range.contains(address); });
  ASSERT_NE(holder, mappings->end());
  EXPECT_EQ(holder->path, (*target)->executable_path());
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  std::int64_t theirs = (*target)->read_monotonic_ns().value_or(0);
  EXPECT_GE(theirs, now.tv_sec * 1'000'000'000 + now.tv_nsec);
  EXPECT_LT(theirs, (now.tv_sec + 60) * 1'000'000'000);
}

// counters: the listener's descriptor and port, the client's, a pipe's descriptor.
void connect_to_itself(SharedState& state) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* general = reinterpret_cast<sockaddr*>(&address);
  int listener = ::socket(AF_INET, SOCK_STREAM, 0), client = ::socket(AF_INET, SOCK_STREAM, 0);
  int ends[2] = {};
  bool good = ::bind(listener, general, size) == 0 && ::listen(listener, 1) == 0 &&
              ::getsockname(listener, general, &size) == 0 && ::pipe(ends) == 0;
  state.counters[0] = static_cast<std::uint64_t>(listener);
  state.counters[1] = ntohs(address.sin_port);
  good =
      good && ::connect(client, general, size) == 0 && ::getsockname(client, general, &size) == 0;
  state.counters[2] = static_cast<std::uint64_t>(client);
  state.counters[3] = ntohs(address.sin_port);
  state.counters[4] = static_cast<std::uint64_t>(ends[0]);
  state.errors = good ? 0 : 1;
  idle(state);
}

TEST(OpenProcess, TellsWhatItsDescriptorsLeadTo) {
  ChildProcess child(connect_to_itself);
  ASSERT_TRUE(child.wait_until_ready());
  ASSERT_EQ(child.state().errors, 0u);
  auto counter = [&](int i) { return child.state().counters[i].load(); };
  auto target = open_process(child.pid());
  ASSERT_TRUE(target) << describe(target.error());
  std::vector<std::uint32_t> descriptors;
  for (int i : {0, 2, 4}) descriptors.push_back(static_cast<std::uint32_t>(counter(i)));
  descriptors.push_back(1'000'000);
  std::vector<OpenFile> files = (*target)->read_open_files(descriptors);
  ASSERT_EQ(files.size(), 4u);
  EXPECT_EQ(files[0].kind, "socket");
  (*target)->find_addresses(files);
  std::string listener = fmt::format("127.0.0.1:{}", counter(1));
  EXPECT_EQ(files[0], (OpenFile{"tcp", files[0].inode, listener, "", true}));
  EXPECT_EQ(files[1],
            (OpenFile{"tcp", files[1].inode, fmt::format("127.0.0.1:{}", counter(3)), listener}));
  EXPECT_EQ(files[2], OpenFile{"pipe"});
  EXPECT_EQ(files[3], OpenFile{});
}

TEST(OpenProcess, NoSuchProcess) {
  expect_words(expect_error<Missing>(4'194'303), {"there is no process 4194303", "goshawk ps"});
  expect_words(expect_error<Missing>(1'000'000'000'000), {"there is no process"});
  expect_error<Missing>(0);
  expect_error<Missing>(-1);
}

TEST(OpenProcess, ItselfAndAThread) {
  expect_words(expect_error<Usage>(::getpid()), {"goshawk itself"});
  ChildProcess child([](SharedState& state) {
    std::thread([&] {
      state.counters[0] = static_cast<std::uint64_t>(::gettid());
      idle(state);
    }).join();
  });
  ASSERT_TRUE(child.wait_until_ready());
  expect_words(expect_error<Usage>(static_cast<std::int64_t>(child.state().counters[0].load())),
               {"is a thread of process", fmt::format("use {}", child.pid())});
}

TEST(OpenProcess, Zombie) {
  ChildProcess child([](SharedState& state) { state.ready = true; });
  ASSERT_TRUE(child.wait_for_state('Z'));
  expect_words(expect_error<Missing>(child.pid()),
               {"is a zombie", fmt::format("its parent {}", ::getpid())});
}

TEST(OpenProcess, AFirstThreadThatHasEnded) {
  ChildProcess child([](SharedState& state) {
    std::thread([&] { idle(state); }).detach();
    ::syscall(SYS_exit, 0);
  });
  ASSERT_TRUE(child.wait_until_ready() && child.wait_for_state('Z'));
  expect_words(expect_error<Missing>(child.pid()), {"the first thread of process"});
  auto directory = ProcessDirectory::open(child.pid());
  ASSERT_TRUE(directory);
  expect_words(describe(explain_gone(*directory)), {"the first thread of process"});
}

// Between vfork and exec: nobody holds the parent's threads, which write the same memory.
TEST(OpenProcess, ThatSharesItsMemoryWithItsParentIsNotHeld) {
  ChildProcess child([](SharedState& state) {
    static std::byte stack[64 << 10];
    auto sleep = [](void*) -> int {
      while (true) ::pause();
    };
    state.counters[1] = static_cast<std::uint64_t>(
        ::clone(sleep, stack + sizeof stack, CLONE_VM | SIGCHLD, nullptr));
    count(state);
    ::kill(static_cast<pid_t>(state.counters[1].load()), SIGKILL);
  });
  ASSERT_TRUE(child.wait_until_ready());
  auto sharing = static_cast<std::int64_t>(child.state().counters[1].load());
  ASSERT_GT(sharing, 0);
  auto opened = open_process(sharing);
  ASSERT_TRUE(opened) << describe(opened.error());
  auto stopped = (*opened)->stop();
  ASSERT_FALSE(stopped);
  EXPECT_THAT(describe(stopped.error()), ::testing::HasSubstr(fmt::format(
                                             "shares its memory with its parent {}", child.pid())));
  auto parent = open_process(child.pid());
  ASSERT_TRUE(parent);
  EXPECT_TRUE((*parent)->stop());
  child.state().finish = true;
  child.wait_for_exit();
}

TEST(OpenProcess, KernelThread) {
  auto directory = ProcessDirectory::open(2);
  if (!directory || parse_stat(directory->read_file("stat").value_or(""))->command != "kthreadd")
    GTEST_SKIP() << "no kernel threads to be seen in this container";
  expect_words(expect_error<Missing>(2), {"kthreadd", "is a kernel thread"});
  expect_words(describe(explain_gone(*directory)), {"kthreadd", "is a kernel thread"});
}

// A 32-bit program of one instruction: jmp to itself.
TEST(OpenProcess, A32BitProgram) {
  std::array<unsigned char, 0x56> image{
      0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,           // 32-bit, little-endian
      2, 0, 3, 0, 1, 0, 0, 0, 0x54, 0x80, 4, 8, 0x34, 0, 0, 0,           // EXEC, i386, entry, phoff
      0, 0, 0, 0, 0, 0, 0, 0, 0x34, 0, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 0,  // one program
                                                                         // header
      1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 4, 8, 0, 0x80, 4, 8,     // LOAD offset 0 at 0x8048000
      0x56, 0, 0, 0, 0x56, 0, 0, 0, 5, 0, 0, 0, 0, 0x10, 0, 0,  // sizes, R X, align
      0xeb, 0xfe};
  std::string path = testing::TempDir() + fmt::format("goshawk_i386_{}", ::getpid());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()), image.size());
  ::chmod(path.c_str(), 0755);
  ChildProcess child([&](SharedState& state) {
    state.ready = true;
    ::execl(path.c_str(), path.c_str(), nullptr);
    ::_exit(9);
  });
  ASSERT_TRUE(child.wait_until_ready());
  bool runs = wait_until([&] {
    auto directory = ProcessDirectory::open(child.pid());
    return child.state_letter() == 'Z' || directory->read_link("exe").value_or("") == path;
  });
  ASSERT_TRUE(runs);
  std::remove(path.c_str());
  if (child.state_letter() == 'Z') GTEST_SKIP() << "this kernel runs no 32-bit programs";
  expect_words(expect_error<Missing>(child.pid()), {"is a 32-bit program", "64-bit"});
}

// In a process of another user: what it is told.
std::string error_as_user(std::uint32_t uid, std::int64_t pid) {
  int ends[2];
  if (::pipe(ends) != 0) return "";
  pid_t forked = ::fork();
  if (forked == 0) {
    std::string text = "cannot change user";
    if (::setresgid(uid, uid, uid) == 0 && ::setresuid(uid, uid, uid) == 0) {
      auto opened = open_process(pid);
      text = opened ? "allowed"
                    : (opened.error().index() == 3 ? "denied: " : "") + describe(opened.error());
    }
    if (::write(ends[1], text.data(), text.size()) < 0) ::_exit(1);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::array<char, 2048> text{};
  ssize_t n = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ::waitpid(forked, nullptr, 0);
  return {text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

TEST(OpenProcess, AnotherUsersProcess) {
  if (::geteuid() != 0) GTEST_SKIP() << "must be root to become another user";
  ChildProcess child(idle);
  ASSERT_TRUE(child.wait_until_ready());
  expect_words(error_as_user(12345, child.pid()),
               {"denied: ", "may not read the memory of process", "belongs to user 0",
                "runs as user 12345", "sudo"});
}

TEST(OpenProcess, AProtectedProcessOfTheSameUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "must be root to become another user";
  ChildProcess child([](SharedState& state) {
    if (::setresgid(12345, 12345, 12345) != 0 || ::setresuid(12345, 12345, 12345) != 0) ::_exit(1);
    ::prctl(PR_SET_DUMPABLE, 0);
    idle(state);
  });
  ASSERT_TRUE(child.wait_until_ready());
  expect_words(error_as_user(12345, child.pid()), {"denied: ", "it is protected", "sudo"});
}

std::string read_all(int fd) {
  std::string bytes;
  std::array<char, 65536> part;
  for (ssize_t n; (n = ::read(fd, part.data(), part.size())) > 0;)
    bytes.append(part.data(), static_cast<std::size_t>(n));
  ::close(fd);
  return bytes;
}

TEST(OpenProcess, TheExecutableIsThatWhichRunsEvenWhenReplaced) {
  std::string path = testing::TempDir() + fmt::format("goshawk_sleep_{}", ::getpid());
  std::string copy = fmt::format("cp /bin/sleep {}", path);
  ASSERT_EQ(std::system(copy.c_str()), 0);
  ChildProcess child([&](SharedState& state) {
    state.ready = true;
    ::execl(path.c_str(), "sleep", "1000", nullptr);
  });
  ASSERT_TRUE(wait_until([&] {
    auto directory = ProcessDirectory::open(child.pid());
    return directory->read_link("exe").value_or("") == path;
  }));
  std::remove(path.c_str());
  std::ofstream(path) << "another file of that name";
  auto target = open_process(child.pid());
  ASSERT_TRUE(target) << describe(target.error());
  EXPECT_EQ((*target)->executable_path(), path + " (deleted)");
  auto fd = (*target)->open_executable();
  ASSERT_TRUE(fd);
  std::string of_target = read_all(*fd), original = read_all(::open("/bin/sleep", O_RDONLY));
  EXPECT_FALSE(original.empty());
  EXPECT_TRUE(of_target == original);
  std::remove(path.c_str());
}

TEST(OpenProcess, ThatEndsOrExecutesAnotherProgramMeanwhile) {
  ChildProcess child([](SharedState& state) {
    idle(state);
    ::execl("/bin/sleep", "sleep", "1000", nullptr);
  });
  ASSERT_TRUE(child.wait_until_ready());
  auto target = open_process(child.pid());
  ASSERT_TRUE(target);
  ASSERT_TRUE((*target)->stop());
  child.state().finish = true;
  ASSERT_TRUE(wait_until([&] {
    auto directory = ProcessDirectory::open(child.pid());
    return directory->read_link("exe").value_or("").ends_with("sleep");
  }));
  auto stopped = (*target)->stop();
  ASSERT_FALSE(stopped);
  expect_words(describe(stopped.error()), {"executed another program while being read", "sleep"});
  EXPECT_NE(child.state_letter(), 't');

  child.send(SIGKILL);
  ASSERT_TRUE(child.wait_for_state('Z'));
  for (int round = 0; round < 2; ++round) {  // a zombie, then nothing
    stopped = (*target)->stop();
    ASSERT_FALSE(stopped);
    expect_words(describe(stopped.error()), {"exited while being read"});
    auto mappings = (*target)->read_mappings();
    ASSERT_FALSE(mappings);
    expect_words(describe(mappings.error()), {"exited while being read"});
    auto executable = (*target)->open_executable();
    ASSERT_FALSE(executable);
    if (round == 0) child.wait_for_exit();
  }
}

TEST(ListProcesses, ShowsWhatRunsAndWhetherWeMayLook) {
  ChildProcess running([](SharedState& state) {
    ::prctl(PR_SET_NAME, "an (odd) name");
    idle(state);
  });
  ChildProcess dead([](SharedState&) {});
  ASSERT_TRUE(running.wait_until_ready() && dead.wait_for_state('Z'));
  auto listed = list_processes();
  ASSERT_TRUE(listed);
  auto find = [&](std::int64_t pid) {
    auto found = std::ranges::find(*listed, pid, &ProcessEntry::pid);
    return found == listed->end() ? ProcessEntry{} : *found;
  };
  ProcessEntry entry = find(running.pid());
  EXPECT_EQ(entry.command, "an (odd) name");
  EXPECT_EQ(entry.parent_pid, ::getpid());
  EXPECT_EQ(entry.uid, ::geteuid());
  EXPECT_TRUE(entry.accessible && entry.why_not.empty());
  EXPECT_GT(entry.rss_bytes, 0u);
  EXPECT_LT(entry.age_ns, 120'000'000'000);
  EXPECT_FALSE(entry.executable_path.empty());
  EXPECT_TRUE(find(dead.pid()).zombie);
  EXPECT_FALSE(find(dead.pid()).accessible);
  EXPECT_TRUE(std::ranges::is_sorted(*listed, {}, &ProcessEntry::pid));
}

}  // namespace
}  // namespace goshawk::target
