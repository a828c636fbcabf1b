// A profile of goroutines tells where they stand and in which function they began, not which go
// statement made them; one of the heap tells where what is in use was allocated, as of the latest
// collection, and what was ever allocated: less of that than before is another process.
//
// The program counts its goroutines for each sample, and stands still meanwhile: some microseconds
// for each. It is asked for counts only, never for a text of each goroutine, and never to collect.
#include "frontends/watch/endpoint_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "analyses/profile/inventory.h"
#include "pprof/profile_kind.h"
#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::frontends::watch {

using findings::ProfileInventory;
using findings::ProfileSiteKey;

namespace {

constexpr std::size_t kMostSeries = 4096;  // each of some kilobytes at most
constexpr std::size_t kMostOrigins = 5;

findings::CodePlace place_of(const ProfileSiteKey& key) {
  return {.function = key.function, .file = key.file, .line = static_cast<std::uint32_t>(key.line)};
}

ProfileInventory take(const pprof::Profile& profile, pprof::ShownValues values) {
  return analyses::profile::take_inventory(profile, "", values, analyses::profile::SitesBy::kLine);
}

std::string origin_of(const ProfileInventory::Site& site) {
  if (!site.key.began_in.empty()) return "began in " + site.key.began_in;
  return site.callers.empty() ? "" : "for " + site.callers.front().function;
}

}  // namespace

EndpointSource::EndpointSource(WatchedEndpoint endpoint)
    : endpoint_(std::move(endpoint)),
      process_{.name = endpoint_.name,
               .executable = endpoint_.url,
               .go_version = {},
               .url = endpoint_.url} {}

Result<std::unique_ptr<SampleSource>> EndpointSource::open(WatchedEndpoint endpoint,
                                                           std::vector<std::string>& told) {
  std::unique_ptr<EndpointSource> source(new EndpointSource(std::move(endpoint)));
  std::vector<std::string> there;
  std::optional<Error> first_error;
  for (const std::string& profile : source->endpoint_.profiles) {
    std::vector<SeriesValue> values;
    auto added = source->add_profile(profile, values);
    if (added) {
      there.push_back(profile);
      continue;
    }
    if (!first_error) first_error = added.error();
    told.push_back(fmt::format("its {} is not watched: {}", profile, describe(added.error())));
  }
  if (there.empty()) return fail(*std::move(first_error));
  source->endpoint_.profiles = std::move(there);
  return std::unique_ptr<SampleSource>(std::move(source));
}

Result<std::vector<SeriesValue>> EndpointSource::read() {
  if (!ahead_) return fetch();
  auto values = *std::move(ahead_);
  ahead_.reset();
  return values;
}

Result<std::vector<SeriesValue>> EndpointSource::fetch() {
  std::vector<SeriesValue> values;
  for (const std::string& profile : endpoint_.profiles) TRY_VOID(add_profile(profile, values));
  std::ranges::stable_partition(values, [&](const SeriesValue& value) {
    return table_[value.series].quantity == Quantity::kAllocated;
  });
  return values;
}

Result<void> EndpointSource::add_profile(const std::string& name,
                                         std::vector<SeriesValue>& values) {
  pprof::Profile profile = TRY(endpoint_.fetch(name));
  pprof::ProfileKind kind = pprof::kind_of(profile);
  if (pprof::is_of_goroutines(kind)) return add_goroutines(profile, values);
  if (pprof::is_of_memory(kind)) return add_heap(profile, values);
  return fail(Usage{fmt::format("{} answers with a {}", endpoint_.url, pprof::name_of(kind)),
                    "what grows is told of goroutines and of the heap"});
}

Result<void> EndpointSource::add_goroutines(const pprof::Profile& profile,
                                            std::vector<SeriesValue>& values) {
  ProfileInventory inventory = take(profile, pprof::shown_values(profile));
  values.push_back({number_of({Quantity::kAllGoroutines}), static_cast<double>(inventory.amount)});
  add_parts(Quantity::kGoroutinesIn, inventory, values);
  latest_[Quantity::kGoroutinesIn] = std::move(inventory);
  return {};
}

Result<void> EndpointSource::add_heap(const pprof::Profile& profile,
                                      std::vector<SeriesValue>& values) {
  if (auto allocated = pprof::find_values(profile, "alloc_space")) {
    double sum = 0;
    for (pprof::SampleId i = 0; i < profile.sample_count(); ++i)
      sum += static_cast<double>(profile.values_of(i)[allocated->amount]);
    values.push_back({number_of({Quantity::kAllocated}), sum});
  }
  auto in_use = pprof::find_values(profile, "inuse_space");
  ProfileInventory inventory = take(profile, in_use ? *in_use : pprof::shown_values(profile));
  values.push_back({number_of({Quantity::kHeap}), static_cast<double>(inventory.amount)});
  add_parts(Quantity::kHeapAllocatedIn, inventory, values);
  latest_[Quantity::kHeapAllocatedIn] = std::move(inventory);
  return {};
}

// Those of which there is nothing any more are told too.
void EndpointSource::add_parts(Quantity quantity, const ProfileInventory& inventory,
                               std::vector<SeriesValue>& values) {
  std::map<SeriesNumber, double> amounts;
  for (const auto& [key, number] : numbers_)
    if (key.first == quantity) amounts[number] = 0;
  for (const ProfileInventory::Site& site : inventory.sites) {
    SeriesKey key{quantity, place_of(site.key)};
    if (numbers_.size() < kMostSeries || numbers_.contains({key.quantity, key.place}))
      amounts[number_of(key)] += static_cast<double>(site.amount);
  }
  for (auto [number, amount] : amounts) values.push_back({number, amount});
}

SeriesNumber EndpointSource::number_of(const SeriesKey& key) {
  auto [found, is_new] = numbers_.try_emplace({key.quantity, key.place}, 0);
  if (is_new) found->second = table_.add(key);
  return found->second;
}

std::string EndpointSource::tell_more(const SeriesKey& key) const {
  auto inventory = latest_.find(key.quantity);
  if (inventory == latest_.end()) return "";
  std::vector<const ProfileInventory::Site*> sites;
  for (const ProfileInventory::Site& site : inventory->second.sites)
    if (place_of(site.key) == key.place && !origin_of(site).empty()) sites.push_back(&site);
  std::ranges::sort(sites, std::greater(), [](const auto* site) { return site->amount; });
  std::string text;
  for (std::size_t i = 0; i < std::min(sites.size(), kMostOrigins); ++i) {
    auto amount = static_cast<std::uint64_t>(sites[i]->amount);
    text += fmt::format(
        "  {} {}\n",
        is_memory(key.quantity) ? report::human_bytes(amount) : report::human_count(amount),
        report::escape_controls(origin_of(*sites[i])));
  }
  if (sites.size() > kMostOrigins)
    text += fmt::format("  and {} more\n", sites.size() - kMostOrigins);
  return text;
}

}  // namespace goshawk::frontends::watch
