// Where the samples of a program come from: the memory of a process, or the profiles that it
// serves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "frontends/watch/quantity.h"

namespace goshawk::frontends::watch {

struct ProcessName {
  std::int64_t pid = 0;  // 0: what is watched is an endpoint
  std::string name, executable, go_version;
  std::string url = {};  // of an endpoint
};

// "shop 4711", "127.0.0.1:6060"
std::string title_of(const ProcessName& process);

struct SeriesKey {
  Quantity quantity = Quantity::kAllGoroutines;
  findings::CodePlace place = {};  // of parts
};

using SeriesNumber = std::uint32_t;  // of a source, dense

struct SeriesValue {
  SeriesNumber series = 0;
  double value = 0;
};

class SampleSource {
 public:
  virtual ~SampleSource() = default;

  virtual const ProcessName& process() const = 0;
  // Tells a process from others that had or will have its number: since the machine started.
  virtual std::uint64_t start_ticks() const { return 0; }

  // Does what of the next read() is waiting for others, from a thread of its own.
  virtual void fetch_ahead() {}
  // Whether fetch_ahead() does anything.
  virtual bool waits_for_others() const { return false; }

  // What there is of each series now; of what could not be told this time, nothing. kAllocated
  // comes first. An error: another time may succeed, unless has_ended().
  virtual Result<std::vector<SeriesValue>> read() = 0;
  virtual bool has_ended() const = 0;
  virtual const SeriesKey& series(SeriesNumber number) const = 0;

  // What the latest sample knows of a series beyond its number: lines for a report; empty: nothing.
  virtual std::string tell_more(const SeriesKey& key) const {
    static_cast<void>(key);
    return "";
  }
};

// The numbers of a source's series.
class SeriesTable {
 public:
  SeriesNumber add(SeriesKey key) {
    keys_.push_back(std::move(key));
    return static_cast<SeriesNumber>(keys_.size() - 1);
  }
  const SeriesKey& operator[](SeriesNumber number) const { return keys_[number]; }
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<SeriesKey> keys_;
};

}  // namespace goshawk::frontends::watch
