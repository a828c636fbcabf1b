// One pass over the stacks. What is of a sample's innermost call is its own; a call that is on the
// stack several times (recursion) counts the sample once, which a stamp with the sample's number
// tells.
// Follows github.com/google/pprof/internal/graph (newGraph), so that the sums are those of
// `go tool pprof -top` and `-lines`.
#include "analyses/profile/sites.h"

#include <algorithm>
#include <tuple>

#include "analyses/profile/code_places.h"

namespace goshawk::analyses::profile {

using findings::ProfileSum;
using pprof::SampleId;

namespace {

// Signed overflow of hostile values is not to be undefined.
void add(std::int64_t& sum, std::int64_t value) {
  sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) +
                                  static_cast<std::uint64_t>(value));
}

struct Running {
  std::int64_t total = 0, total_count = 0;
  SampleId last = pprof::kNone;  // that was counted in
};

struct Own {
  std::int64_t amount = 0, count = 0, largest = 0;
  SampleId largest_sample = pprof::kNone;
};

// The sums of one kind of place.
class Sums {
 public:
  explicit Sums(std::size_t places) : running_(places), own_(places), first_(places) {}

  void pass(PlaceId place, SampleId sample, std::int64_t amount, std::int64_t count) {
    Running& running = running_[place];
    if (running.last == sample) return;
    if (running.last == pprof::kNone) first_[place] = sample;
    running.last = sample;
    add(running.total, amount);
    add(running.total_count, count);
  }

  void end(PlaceId place, SampleId sample, std::int64_t amount, std::int64_t count) {
    Own& own = own_[place];
    add(own.amount, amount);
    add(own.count, count);
    if (own.largest_sample != pprof::kNone && amount <= own.largest) return;
    own.largest = amount;
    own.largest_sample = sample;
  }

  std::vector<ProfileSum> finish(const std::vector<findings::ProfilePlace>& places) const {
    std::vector<ProfileSum> sums;
    for (PlaceId i = 0; i < places.size(); ++i) {
      if (running_[i].last == pprof::kNone) continue;
      const Own& own = own_[i];
      sums.push_back(
          {.place = places[i],
           .own = own.amount,
           .total = running_[i].total,
           .own_count = own.count,
           .total_count = running_[i].total_count,
           .largest_sample = own.largest_sample == pprof::kNone ? first_[i] : own.largest_sample});
    }
    std::ranges::sort(sums, [](const ProfileSum& a, const ProfileSum& b) {
      if (a.own != b.own) return a.own > b.own;
      if (a.total != b.total) return a.total > b.total;
      auto place = [](const findings::ProfilePlace& at) {
        return std::tie(at.function, at.file, at.line, at.address);
      };
      return place(a.place) < place(b.place);
    });
    return sums;
  }

 private:
  std::vector<Running> running_;
  std::vector<Own> own_;
  std::vector<SampleId> first_;
};

}  // namespace

findings::ProfileSites sum_sites(const pprof::Profile& profile, pprof::ShownValues shown) {
  CodePlaces places(profile);
  Sums lines(places.lines().size()), functions(places.functions().size());
  findings::ProfileSites sites;
  for (SampleId sample = 0; sample < profile.sample_count(); ++sample) {
    std::span<const std::int64_t> values = profile.values_of(sample);
    std::int64_t amount = values[shown.amount], count = shown.count ? values[*shown.count] : 0;
    if (amount == 0 && count == 0) continue;
    add(sites.amount, amount);
    add(sites.count, count);
    std::span<const pprof::LocationId> stack = profile.stack_of(sample);
    for (pprof::LocationId location : stack) {
      for (CallPlace call : places.calls_at(location)) {
        lines.pass(call.line, sample, amount, count);
        functions.pass(call.function, sample, amount, count);
      }
    }
    if (stack.empty()) continue;
    CallPlace innermost = places.calls_at(stack.front()).front();
    lines.end(innermost.line, sample, amount, count);
    functions.end(innermost.function, sample, amount, count);
  }
  sites.lines = lines.finish(places.lines());
  sites.functions = functions.finish(places.functions());
  return sites;
}

}  // namespace goshawk::analyses::profile
