// Processes to make twins of, and what is asked of them and of their children from outside.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "target/child_process_for_tests.h"
#include "target/process.h"
#include "target/process_directory.h"

namespace goshawk::target {

// Every wait: these processes mind none of their waits being ended, unless a test says so.
inline const std::vector<AddressRange> kAnywhere = {{Address(0), Address(~std::uint64_t{0})}};

inline void start_thread(const std::function<void()>& body) { std::thread(body).detach(); }

[[noreturn]] inline void rest() {
  while (true) ::pause();
}

inline std::vector<std::int64_t> list_children(std::int64_t pid) {
  std::vector<std::int64_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    auto number = parse_decimal(entry.path().filename().string());
    auto directory = number ? ProcessDirectory::open(*number) : std::nullopt;
    auto stat = directory ? parse_stat(directory->read_file("stat").value_or("")) : std::nullopt;
    if (stat && stat->parent_pid == pid) children.push_back(*number);
  }
  return children;
}

inline bool is_running(std::int64_t pid) {
  auto directory = ProcessDirectory::open(pid);
  auto stat = directory ? parse_stat(directory->read_file("stat").value_or("")) : std::nullopt;
  return stat && stat->state != 'Z' && stat->state != 'X';
}

inline bool is_traced(std::int64_t pid) {
  auto directory = ProcessDirectory::open(pid);
  auto status = directory ? directory->read_file("status").value_or("") : "";
  return find_status_field(status, "TracerPid") != "0";
}

inline bool wait_until_one_rests(const ChildProcess& child) {
  return wait_until(
      [&] { return child.status_of_threads("State").find("S (sleeping)") != std::string::npos; });
}

// A stopped process that is open as a target.
struct Held {
  std::unique_ptr<Target> target;
  std::unique_ptr<Stop> stop;
  GoneOn gone_on;
  bool no_twin() const { return gone_on.way != Way::kTwin; }
};

inline Result<Held> hold_once(std::int64_t pid, std::span<const AddressRange> resting = kAnywhere,
                              Way way = Way::kBest) {
  Held held;
  held.target = TRY(open_process(pid, {.way = way}));
  held.stop = TRY(held.target->stop());
  held.gone_on = TRY(held.stop->go_on(resting));
  return held;
}

// At an instant at which there can be a twin, if there is one.
inline Result<Held> hold(std::int64_t pid) {
  constexpr int kAttempts = 30;
  for (int attempt = 1;; ++attempt) {
    Held held = TRY(hold_once(pid));
    if (!held.no_twin() || !held.gone_on.passing || attempt == kAttempts) return held;
    held.stop.reset();
    std::this_thread::sleep_for(std::chrono::microseconds(attempt * 37 % 900));
  }
}

// At an address of its own: what is shared with the test changes under a twin too.
struct Private {
  std::uint64_t words[4096];
};

// Writes the same number in all words, and shows where they are.
[[noreturn]] inline void write_words(SharedState& state) {
  auto* own = new Private{};
  state.counters[1] = reinterpret_cast<std::uint64_t>(own);
  state.ready = true;
  for (std::uint64_t number = 1;; ++number) {
    for (std::uint64_t& word : own->words) {
      word = number;
      asm volatile("" ::: "memory");
    }
    ++state.counters[0];
  }
}

}  // namespace goshawk::target
