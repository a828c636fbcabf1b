// A few threads that live for one round of samples: what they do is wait, and read some kilobytes.
#include "frontends/watch/endpoints.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <system_error>
#include <thread>

namespace goshawk::frontends::watch {
namespace {

constexpr std::size_t kMostAtOnce = 32;

// False: the machine has no more threads for us.
bool add_thread(std::vector<std::jthread>& threads, const std::function<void()>& work) {
  try {
    threads.emplace_back(work);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

// work(i) for each i < count, by as many as can be had.
void do_at_once(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  auto take = [&] {
    for (std::size_t i; (i = next++) < count;) work(i);
  };
  std::vector<std::jthread> others;
  while (others.size() + 1 < std::min(count, kMostAtOnce) && add_thread(others, take)) {
  }
  take();
}

}  // namespace

std::vector<OpenedEndpoint> open_endpoints(const std::vector<WatchedEndpoint>& endpoints) {
  std::vector<OpenedEndpoint> opened;
  for (std::size_t i = 0; i < endpoints.size(); ++i)
    opened.push_back({fail(Missing{"it was not asked", ""})});
  do_at_once(endpoints.size(), [&](std::size_t i) {
    opened[i].source = EndpointSource::open(endpoints[i], opened[i].told);
  });
  return opened;
}

void fetch_ahead(const std::vector<std::unique_ptr<WatchedProcess>>& processes) {
  std::vector<SampleSource*> sources;
  for (const auto& process : processes)
    if (process->source().waits_for_others()) sources.push_back(&process->source());
  do_at_once(sources.size(), [&](std::size_t i) { sources[i]->fetch_ahead(); });
}

}  // namespace goshawk::frontends::watch
