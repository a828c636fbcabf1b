// From memory that no cache holds, in pieces into a buffer that the cache does hold, as a process
// is read. The pages are touched before, so that no fault is measured.
#include "base/copy_speed.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <thread>
#include <vector>

namespace goshawk {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBytes = 32 << 20, kPieceBytes = 256 << 10;

struct Copier {
  std::vector<char> from = std::vector<char>(kBytes, 1);
  std::vector<char> into = std::vector<char>(kPieceBytes, 1);

  void run() {
    for (std::size_t at = 0; at < kBytes; at += kPieceBytes) {
      std::memcpy(into.data(), from.data() + at, kPieceBytes);
      asm volatile("" : : "r"(into.data()) : "memory");  // the copies are wanted
    }
  }
};

double copy_once(std::vector<Copier>& copiers) {
  auto began = Clock::now();
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < copiers.size(); ++i)
      others.emplace_back([&copier = copiers[i]] { copier.run(); });
    copiers.front().run();
  }
  double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return static_cast<double>(copiers.size() * kBytes) / std::max(seconds, 1e-9);
}

}  // namespace

double measure_copy_speed() {
  constexpr int kTries = 3;
  std::vector<Copier> copiers(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8));
  double best = 0;
  try {
    for (int attempt = 0; attempt < kTries; ++attempt) best = std::max(best, copy_once(copiers));
  } catch (const std::system_error&) {  // no more threads for us
    copiers.resize(1);
    best = copy_once(copiers);
  }
  return best;
}

}  // namespace goshawk
