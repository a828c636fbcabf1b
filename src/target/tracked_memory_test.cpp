// What is read ahead of a stop is what the stopped process had, byte for byte: each read is
// compared with what a twin of the same instant shows. The processes write, map, unmap and give
// pages back.
#include "target/tracked_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/syscall.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "target/child_process_for_tests.h"
#include "target/keeper.h"
#include "target/process.h"

#if defined(__x86_64__)

namespace goshawk::target {
namespace {

const std::vector<AddressRange> kAnywhere = {{Address(0), Address(~std::uint64_t{0})}};

// Else the kernel writes into the thread's memory when it is made to make the twin, just after the
// instant (rseq(2)).
void write_nothing_unasked() {
  constexpr int kUnregister = 1;
  auto* area = static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset;
  ::syscall(SYS_rseq, area, 32, kUnregister, RSEQ_SIG);
}

// Maps, writes, gives back and unmaps, in no order; another thread rests.
[[noreturn]] void churn(SharedState& state) {
  write_nothing_unasked();
  std::thread([] {
    write_nothing_unasked();
    while (true) ::pause();
  }).detach();
  constexpr std::size_t kPages = 512;
  std::mt19937 random(11);
  struct Area {
    char* at;
    std::size_t pages;
  };
  auto map = [&]() -> Area {
    std::size_t pages = 1 + random() % kPages;
    void* at = ::mmap(nullptr, pages * kPageBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return {static_cast<char*>(at), pages};
  };
  std::vector<Area> areas;
  for (int i = 0; i < 40; ++i) {
    areas.push_back(map());
    std::memset(areas.back().at, i, areas.back().pages * kPageBytes);
  }
  state.ready = true;
  for (std::uint64_t step = 0;; ++step) {
    Area& area = areas[random() % areas.size()];
    char* page = area.at + random() % area.pages * kPageBytes;
    std::size_t rest = area.pages - static_cast<std::size_t>(page - area.at) / kPageBytes;
    switch (random() % 64) {
      case 0:
        ::munmap(area.at, area.pages * kPageBytes);
        area = map();
        break;
      case 1:
        ::madvise(page, (1 + random() % rest) * kPageBytes, MADV_DONTNEED);
        break;
      case 2:  // at the same place
        ::munmap(area.at, area.pages * kPageBytes);
        ::mmap(area.at, area.pages * kPageBytes, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        break;
      case 3:
        state.counters[1] += static_cast<unsigned char>(*page);
        break;
      default:
        std::memset(page + random() % 4000, static_cast<int>(step), 8);
    }
    ++state.counters[0];
    if (step % 16 == 0) ::usleep(20);
  }
}

bool has_left_nothing(std::int64_t pid) {
  std::ifstream smaps("/proc/" + std::to_string(pid) + "/smaps");
  for (std::string line; std::getline(smaps, line);)
    if (line.starts_with("VmFlags:") && line.find(" uw") != std::string::npos) return false;
  for (const auto& file :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    std::error_code error;
    if (std::filesystem::read_symlink(file, error).string().find("userfaultfd") !=
        std::string::npos)
      return false;
  }
  return true;
}

bool begin(Target& target) {
  return wait_until([&] {
    auto stop = target.stop();
    return stop && (*stop)->begin_reading_ahead(kAnywhere);
  });
}

// Every page of private writable mappings, and how many of them were there.
std::size_t read_all(const Target& target, bool keep) {
  auto mappings = target.read_mappings();
  if (!mappings) return 0;
  std::size_t there = 0;
  for (const Mapping& mapping : *mappings) {
    if (!mapping.writable || mapping.shared || mapping.inode != 0) continue;
    constexpr std::uint64_t kMost = std::uint64_t{1} << 30;  // a sanitizer's shadow is no memory
    if (mapping.range.size_bytes() > kMost) continue;
    std::vector<std::byte> bytes(mapping.range.size_bytes());
    std::vector<Memory::Piece> pieces;
    for (std::uint64_t at = 0; at < bytes.size(); at += kPageBytes)
      pieces.push_back({mapping.range.start + at, bytes.data() + at, kPageBytes});
    std::size_t failed =
        keep ? target.memory().read_pieces(pieces) : target.memory().read_contents(pieces);
    there += pieces.size() - failed;
  }
  return there;
}

// Under a sanitizer it is ten times as slow, with a shadow that is tracked too.
#if defined(__SANITIZE_ADDRESS__)
constexpr int kPatience = 1;
#else
constexpr int kPatience = 25;
#endif

TEST(TrackedMemory, IsWhatTheStoppedProcessHad) {
  ChildProcess child(churn);
  ASSERT_TRUE(child.wait_until_ready());
  auto target = open_process(child.pid(), {.way = Way::kTrack, .checked = true});
  ASSERT_TRUE(target) << describe(target.error());
  constexpr int kRounds = 6 * kPatience;
  int in_time = 0, lost = 0;
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(begin(**target));
    bool changing = false;
    for (int i = 0; i <= round % 3; ++i) {
      changing = !(*target)->reading_ahead()->begin_round();
      if (changing) break;
      ASSERT_GT(read_all(**target, round % 2 == 0), 1000U);
    }
    if (changing) {  // mappings came and went faster than they could be listed
      ++lost;
      target = open_process(child.pid(), {.way = Way::kTrack, .checked = true});
      continue;
    }
    auto stop = (*target)->stop();
    ASSERT_TRUE(stop) << describe(stop.error());
    auto gone_on = (*stop)->go_on(kAnywhere);
    if (!gone_on) {  // no thread rested for the twin
      stop->reset();
      continue;
    }
    if (gone_on->way != Way::kTrack) {
      ASSERT_TRUE((*stop)->let_go());
      continue;
    }
    ASSERT_GT(read_all(**target, false), 1000U);
    // Once more: copies that were let go of are no loss, but for what was written meanwhile.
    if (round % 3 == 0) read_all(**target, true);
    auto let_go = (*stop)->let_go();
    if (!let_go) {
      ASSERT_TRUE(std::holds_alternative<Missing>(let_go.error())) << describe(let_go.error());
    }
    ++(let_go ? in_time : lost);
    (*target)->give_up_way();
    if (lost > 0) target = open_process(child.pid(), {.way = Way::kTrack, .checked = true});
    ASSERT_TRUE(child.counter_advances());
  }
  EXPECT_GE(in_time, kPatience);
  std::cout << in_time << " in time, " << lost << " lost\n";
  target->reset();
  EXPECT_TRUE(has_left_nothing(child.pid()));
}

constexpr std::uint64_t kPages = 64, kPart = 8;

// Writes a part of its pages when counters[1] names it, from 1 on; counters[2] is where they are,
// counters[3] the part that was written last.
[[noreturn]] void write_when_told(SharedState& state) {
  write_nothing_unasked();
  std::thread([] {
    write_nothing_unasked();
    while (true) ::pause();
  }).detach();
  auto* pages = static_cast<char*>(::mmap(nullptr, kPages * kPageBytes, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  std::memset(pages, 1, kPages * kPageBytes);
  state.counters[2] = reinterpret_cast<std::uint64_t>(pages);
  state.ready = true;
  for (;; ::usleep(200)) {
    std::uint64_t part = state.counters[1];
    if (part == state.counters[3]) continue;
    std::memset(pages + (part - 1) * kPart * kPageBytes, 2, kPart * kPageBytes);
    state.counters[3] = part;
  }
}

// Of what was asked for the last time copies go, but not of what the process had written by the
// stop (the first part), nor of a page that was asked for in halves (the last part).
TEST(TrackedMemory, LetsGoOfCopiesOnlyOfWhatCanBeHadAgain) {
  for (bool writes_on : {false, true}) {
    ChildProcess child(write_when_told);
    ASSERT_TRUE(child.wait_until_ready());
    Address pages(child.state().counters[2]);
    auto tell = [&](std::uint64_t part) {
      child.state().counters[1] = part;
      return wait_until([&] { return child.state().counters[3] == part; });
    };
    auto target = open_process(child.pid(), {.way = Way::kTrack});
    ASSERT_TRUE(target) << describe(target.error());
    ASSERT_TRUE(begin(**target));
    ASSERT_TRUE((*target)->reading_ahead()->begin_round());
    auto read = [&](bool keep) {
      std::vector<std::byte> bytes(kPages * kPageBytes);
      std::vector<Memory::Piece> pieces;
      for (std::uint64_t at = 0; at < bytes.size(); at += pieces.back().size_bytes) {
        bool halved = at >= (kPages - kPart) * kPageBytes;
        pieces.push_back({pages + at, bytes.data() + at, halved ? kPageBytes / 2 : kPageBytes});
      }
      const Memory& memory = (*target)->memory();
      EXPECT_EQ(keep ? memory.read_pieces(pieces) : memory.read_contents(pieces), 0U);
      return bytes;
    };
    read(true);
    ASSERT_TRUE(tell(1));
    auto stop = (*target)->stop();
    ASSERT_TRUE(stop) << describe(stop.error());
    auto gone_on = (*stop)->go_on(kAnywhere);
    ASSERT_TRUE(gone_on && gone_on->way == Way::kTrack);
    std::vector<std::byte> expected(kPages * kPageBytes, std::byte{1});
    std::fill_n(expected.begin(), kPart * kPageBytes, std::byte{2});
    EXPECT_EQ(read(false), expected);
    if (writes_on) {
      ASSERT_TRUE(tell(kPages / kPart));  // has copies
      EXPECT_EQ(read(false), expected);
      ASSERT_TRUE(tell(2));  // has none any more
      read(false);
      EXPECT_FALSE((*stop)->let_go());
    } else {
      EXPECT_EQ(read(false), expected);
      EXPECT_TRUE((*stop)->let_go());
    }
    stop->reset();
    target->reset();
    EXPECT_TRUE(has_left_nothing(child.pid()));
  }
}

// Whoever is killed when.
TEST(TrackedMemory, NothingIsLeftInTheProcess) {
  ChildProcess child(churn);
  ASSERT_TRUE(child.wait_until_ready());
  std::mt19937 random(5);
  for (int round = 0; round < 10 * kPatience; ++round) {
    ChildProcess tool([&](SharedState& state) {
      auto target = open_process(child.pid(), {.way = Way::kTrack});
      if (!target) return;
      state.ready = true;
      while (true) {
        if (!begin(**target)) return;
        if (!(*target)->reading_ahead()->begin_round()) return;
        read_all(**target, true);
        auto stop = (*target)->stop();
        if (!stop) return;
        if (auto gone_on = (*stop)->go_on(kAnywhere); gone_on && gone_on->way == Way::kTrack)
          read_all(**target, true);
        ++state.counters[0];
      }
    });
    ASSERT_TRUE(tool.wait_until_ready());
    ::usleep(static_cast<useconds_t>(random() % 30000));
    tool.send(SIGKILL);
    tool.wait_for_exit();
    ASSERT_TRUE(child.counter_advances()) << round;
    EXPECT_TRUE(wait_until([&] { return has_left_nothing(child.pid()); }, std::chrono::seconds(5)))
        << round;
  }
  EXPECT_EQ(child.state_letter() == 'Z', false);
}

TEST(TrackedMemory, EndsWithTheProcess) {
  std::mt19937 random(7);
  for (int round = 0; round < 4 * kPatience; ++round) {
    ChildProcess child(churn);
    ASSERT_TRUE(child.wait_until_ready());
    auto target = open_process(child.pid(), {.way = Way::kTrack});
    ASSERT_TRUE(target);
    ASSERT_TRUE(begin(**target));
    std::thread killer([&, after = random() % 20000] {
      ::usleep(static_cast<useconds_t>(after));
      child.send(SIGKILL);
    });
    ReadingAhead* reading = (*target)->reading_ahead();
    for (int i = 0; i < 3 && reading->begin_round(); ++i) read_all(**target, true);
    killer.join();
    int status = child.wait_for_exit();  // its exit is still its parent's
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    EXPECT_FALSE((*target)->stop());
  }
}

}  // namespace
}  // namespace goshawk::target

#endif
