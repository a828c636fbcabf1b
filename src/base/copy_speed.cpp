// From memory that no cache holds, in pieces into a buffer that the cache does hold, as a process
// is read. The pages are touched before, so that no fault is measured.
#include "base/copy_speed.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <system_error>
#include <thread>
#include <vector>

namespace goshawk {
namespace {

constexpr std::size_t kAllBytes = 32 << 20, kPieceBytes = 256 << 10;

// Of this thread: who else wants the processor is not counted.
double own_cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Copier {
  explicit Copier(std::size_t size_bytes) : from(size_bytes, 1) {}

  std::vector<char> from;
  std::vector<char> into = std::vector<char>(kPieceBytes, 1);

  double bytes_per_second = 0;

  void run() {
    double began = own_cpu_seconds();
    for (std::size_t at = 0; at + kPieceBytes <= from.size(); at += kPieceBytes) {
      std::memcpy(into.data(), from.data() + at, kPieceBytes);
      asm volatile("" : : "r"(into.data()) : "memory");  // the copies are wanted
    }
    double seconds = std::max(own_cpu_seconds() - began, 1e-9);
    bytes_per_second = static_cast<double>(from.size()) / seconds;
  }
};

double copy_once(std::vector<Copier>& copiers) {
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < copiers.size(); ++i)
      others.emplace_back([&copier = copiers[i]] { copier.run(); });
    copiers.front().run();
  }
  double together = 0;
  for (const Copier& copier : copiers) together += copier.bytes_per_second;
  return together;
}

}  // namespace

double measure_copy_speed() {
  constexpr int kTries = 3;
  std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
  std::vector<Copier> copiers(threads, Copier(kAllBytes / threads));
  double best = 0;
  try {
    for (int attempt = 0; attempt < kTries; ++attempt) best = std::max(best, copy_once(copiers));
  } catch (const std::system_error&) {  // no more threads for us
    copiers.erase(copiers.begin() + 1, copiers.end());
    best = copy_once(copiers);
  }
  return best;
}

}  // namespace goshawk
