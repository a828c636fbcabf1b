// A sign of life on a terminal's standard error while something takes longer than a second.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace goshawk::frontends::inspect {

class Progress {
 public:
  explicit Progress(std::string what);  // "reading process 4711"
  ~Progress();                          // wipes its line
  Progress(const Progress&) = delete;

 private:
  void show_until(const std::stop_token& stop);

  std::string what_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;
};

}  // namespace goshawk::frontends::inspect
