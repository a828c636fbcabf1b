#include "frontends/watch/told_growth.h"

#include <algorithm>

namespace goshawk::frontends::watch {

std::vector<const GrowingNumber*> LookedInto::list_news(
    const std::vector<const GrowingNumber*>& growing) const {
  std::vector<const GrowingNumber*> news;
  for (const GrowingNumber* number : growing) {
    auto look = looks_.find(number);
    if (look == looks_.end() || number->growth()->grade > look->second.grade ||
        number->latest() >= 2 * look->second.level)
      news.push_back(number);
  }
  return news;
}

void LookedInto::note(const GrowingNumber& number, double now_seconds) {
  looks_[&number] = {number.growth()->grade, number.latest()};
  latest_seconds_ = now_seconds;
}

std::vector<const GrowingNumber*> LookedInto::take_ended(
    const std::vector<const GrowingNumber*>& growing) {
  std::vector<const GrowingNumber*> ended;
  for (const auto& [number, look] : looks_)
    if (std::ranges::find(growing, number) == growing.end() && !number->growth())
      ended.push_back(number);
  for (const GrowingNumber* number : ended) looks_.erase(number);
  return ended;
}

bool ToldAlerts::was_told(const Alert& alert) const {
  auto told = told_.find({alert.process.name, alert.fingerprint});
  if (told == told_.end()) return false;
  std::int64_t age_ns = alert.unix_ns - told->second;
  return age_ns > -cooldown_ns_ && age_ns < cooldown_ns_;
}

void ToldAlerts::note(const std::string& program, const std::string& fingerprint,
                      std::int64_t unix_ns) {
  told_[{program, fingerprint}] = unix_ns;
}

}  // namespace goshawk::frontends::watch
