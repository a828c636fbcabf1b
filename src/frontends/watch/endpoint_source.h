// Samples of what a program serves (net/http/pprof): its profiles of goroutines and of the heap.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "findings/profile_growth.h"
#include "frontends/watch/sample_source.h"
#include "pprof/profile.h"

namespace goshawk::frontends::watch {

struct WatchedEndpoint {
  std::string name;  // "127.0.0.1:6060"
  std::string url;
  std::vector<std::string>
      profiles;  // "goroutine", "heap"; one that is empty: the URL is a profile
  // Asks for one of them, within some seconds.
  std::function<Result<pprof::Profile>(const std::string& profile)> fetch;
};

class EndpointSource final : public SampleSource {
 public:
  // Asks for each profile once: those that cannot be had are left out, and `told` says so. An
  // error: none can be had.
  static Result<std::unique_ptr<SampleSource>> open(WatchedEndpoint endpoint,
                                                    std::vector<std::string>& told);

  const ProcessName& process() const override { return process_; }
  void fetch_ahead() override { ahead_ = fetch(); }
  bool waits_for_others() const override { return true; }
  Result<std::vector<SeriesValue>> read() override;
  bool has_ended() const override { return false; }  // it may be started again
  const SeriesKey& series(SeriesNumber number) const override { return table_[number]; }
  std::string tell_more(const SeriesKey& key) const override;

 private:
  explicit EndpointSource(WatchedEndpoint endpoint);
  Result<std::vector<SeriesValue>> fetch();
  Result<void> add_profile(const std::string& name, std::vector<SeriesValue>& values);
  Result<void> add_goroutines(const pprof::Profile& profile, std::vector<SeriesValue>& values);
  Result<void> add_heap(const pprof::Profile& profile, std::vector<SeriesValue>& values);
  void add_parts(Quantity quantity, const findings::ProfileInventory& inventory,
                 std::vector<SeriesValue>& values);
  SeriesNumber number_of(const SeriesKey& key);

  WatchedEndpoint endpoint_;
  ProcessName process_;
  SeriesTable table_;
  std::map<std::pair<Quantity, findings::CodePlace>, SeriesNumber> numbers_;
  std::map<Quantity, findings::ProfileInventory> latest_;  // of parts
  std::optional<Result<std::vector<SeriesValue>>> ahead_;
};

}  // namespace goshawk::frontends::watch
