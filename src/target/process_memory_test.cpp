#include "target/process_memory.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cstring>
#include <vector>

#include "target/child_process_for_tests.h"

namespace goshawk::target {
namespace {

constexpr std::uint64_t kPage = 4096;

// Memory that a fork has at the same addresses: 64 pages of known words, every page whose number
// divides by 5 unreadable there.
class KnownPages {
 public:
  KnownPages()
      : words_(static_cast<std::uint64_t*>(::mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE,
                                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    for (std::uint64_t i = 0; i < kPages * kPage / 8; ++i) words_[i] = i + 1;
  }
  ~KnownPages() { ::munmap(words_, kPages * kPage); }

  static constexpr std::uint64_t kPages = 64;
  Address address(std::uint64_t page) const {
    return Address(reinterpret_cast<std::uint64_t>(words_) + page * kPage);
  }
  void punch() const {
    for (std::uint64_t page = 0; page < kPages; page += 5)
      ::munmap(reinterpret_cast<char*>(words_) + page * kPage, kPage);
  }

 private:
  std::uint64_t* words_;
};

class ProcessMemoryTest : public testing::TestWithParam<ProcessMemory::Way> {
 protected:
  void SetUp() override { ASSERT_TRUE(child_.wait_until_ready()); }

  ProcessMemory open() {
    auto directory = ProcessDirectory::open(child_.pid());
    return ProcessMemory(child_.pid(), *open_memory(*directory), GetParam());
  }

  KnownPages pages_;
  ChildProcess child_{[this](SharedState& state) {
    pages_.punch();
    state.ready = true;
    while (!state.finish) ::usleep(1000);
  }};
};

TEST_P(ProcessMemoryTest, ReadsValues) {
  auto memory = open();
  auto value = memory.read_value<std::uint64_t>(pages_.address(1) + 16);
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, kPage / 8 + 3);
  EXPECT_EQ(memory.bytes_read(), 8u);
  EXPECT_TRUE(memory.is_alive());
}

TEST_P(ProcessMemoryTest, NamesTheFirstAddressThatCannotBeRead) {
  auto memory = open();
  auto bytes = memory.read_bytes(pages_.address(3) + 100, 3 * kPage);
  ASSERT_FALSE(bytes);
  auto* fault = std::get_if<Fault>(&bytes.error());
  ASSERT_NE(fault, nullptr);
  EXPECT_EQ(fault->address, pages_.address(5));
  for (std::uint64_t wild : {std::uint64_t{0}, std::uint64_t{8}, ~std::uint64_t{0},
                             std::uint64_t{1} << 63, std::uint64_t{1} << 48})
    EXPECT_FALSE(memory.read_value<std::uint64_t>(Address(wild)));
}

// Every order and size of pieces, adjacent ones, unaligned ones and ones over page borders.
TEST_P(ProcessMemoryTest, PiecesThatFailDoNotHarmTheOthers) {
  auto memory = open();
  constexpr std::uint64_t kPieceBytes = 24;
  std::uint64_t total = KnownPages::kPages * kPage / kPieceBytes;
  std::vector<std::byte> into(total * kPieceBytes, std::byte{0xee});
  std::vector<Memory::Piece> pieces;
  for (std::uint64_t i = 0; i < total; ++i) {
    std::uint64_t from = i % 3 == 0 ? i : total - 1 - i;  // some neighbours, most not
    pieces.push_back(
        {pages_.address(0) + from * kPieceBytes, into.data() + i * kPieceBytes, kPieceBytes});
  }
  std::size_t failed = memory.read_pieces(pieces), expected = 0;
  for (const Memory::Piece& piece : pieces) {
    std::uint64_t offset = piece.address - pages_.address(0);
    bool readable = offset / kPage % 5 != 0 && (offset + kPieceBytes - 1) / kPage % 5 != 0;
    expected += !readable;
    ASSERT_EQ(piece.ok, readable) << offset;
    std::uint64_t word;
    std::memcpy(&word, piece.into + 8, 8);
    ASSERT_EQ(word, readable ? offset / 8 + 2 : 0) << offset;
  }
  EXPECT_EQ(failed, expected);
}

TEST_P(ProcessMemoryTest, NoPiecesAndEmptyPieces) {
  auto memory = open();
  EXPECT_EQ(memory.read_pieces({}), 0u);
  std::byte into[8];
  Memory::Piece pieces[] = {
      {Address(0), into, 0}, {pages_.address(1), into, 8}, {Address(0), into, 0}};
  EXPECT_EQ(memory.read_pieces(pieces), 0u);
  EXPECT_TRUE(pieces[0].ok && pieces[1].ok && pieces[2].ok);
  EXPECT_TRUE(memory.read(Address(0), {}));
}

TEST_P(ProcessMemoryTest, SaysThatTheProcessIsGone) {
  auto memory = open();
  child_.send(SIGKILL);
  child_.wait_for_exit();
  auto value = memory.read_value<std::uint64_t>(pages_.address(1));
  ASSERT_FALSE(value);
  EXPECT_NE(describe(value.error()).find("exited while being read"), std::string::npos)
      << describe(value.error());
  EXPECT_FALSE(memory.is_alive());
  std::byte into[8];
  Memory::Piece pieces[] = {{pages_.address(1), into, 8}, {pages_.address(2), into, 8}};
  EXPECT_EQ(memory.read_pieces(pieces), 2u);
}

TEST_P(ProcessMemoryTest, IsReadFromManyThreads) {
  auto memory = open();
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      for (int round = 0; round < 500; ++round)
        if (memory.read_value<std::uint64_t>(pages_.address(2)).value_or(0) != 2 * kPage / 8 + 1)
          ++wrong;
    });
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(memory.bytes_read(), 4u * 500 * 8);
}

INSTANTIATE_TEST_SUITE_P(Ways, ProcessMemoryTest,
                         testing::Values(ProcessMemory::Way::kVector, ProcessMemory::Way::kMemFile),
                         [](const auto& way) {
                           return way.param == ProcessMemory::Way::kVector ? "Vector" : "MemFile";
                         });

TEST(ProcessMemory, TellsAnExecFromALivingProcess) {
  ChildProcess child([](SharedState& state) {
    state.ready = true;
    while (!state.finish) ::usleep(1000);
    ::execl("/bin/sleep", "sleep", "1000", nullptr);
  });
  ASSERT_TRUE(child.wait_until_ready());
  auto directory = ProcessDirectory::open(child.pid());
  ProcessMemory memory(child.pid(), *open_memory(*directory));
  EXPECT_TRUE(memory.is_alive());
  child.state().finish = true;
  EXPECT_TRUE(wait_until([&] { return !memory.is_alive(); }));
}

}  // namespace
}  // namespace goshawk::target
