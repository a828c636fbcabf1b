// A sign of life on a terminal's standard error while something takes longer than a second.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/stages.h"

namespace goshawk::frontends::inspect {

// "reading process 4711: decode the heap, 43 % of 1.2 GB ... 3 s"
std::string progress_text(std::string_view what, const Stages::Running& running,
                          std::int64_t seconds);

class Progress {
 public:
  // "reading process 4711"; the stages, which must outlive it, say at what, and how far.
  Progress(const Stages& stages, std::string what);
  ~Progress();  // wipes its line
  Progress(const Progress&) = delete;

 private:
  void show_until(const std::stop_token& stop);

  const Stages& stages_;
  std::string what_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;
};

}  // namespace goshawk::frontends::inspect
