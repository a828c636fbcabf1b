// A number of a program that is followed over time: goroutines of a go statement, bytes of a kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyses/trend/trend.h"
#include "findings/finding.h"
#include "frontends/watch/quantity.h"

namespace goshawk::frontends::watch {

class GrowingNumber {
 public:
  GrowingNumber(Quantity quantity, findings::CodePlace site, double every_seconds);

  void add(double seconds, double value);
  // What comes now has nothing to do with what was.
  void restart();

  Quantity quantity() const { return quantity_; }
  const findings::CodePlace& site() const { return site_; }  // of parts
  bool is_known() const { return has_any_; }
  double latest() const { return latest_; }
  double first() const { return first_; }
  const std::optional<analyses::trend::Growth>& growth() const { return trend_.growth(); }
  // The course since the beginning in a few values, oldest first: each stands for as long a time.
  const std::vector<float>& course() const { return course_; }
  // Of the same process or another build of its program.
  std::string fingerprint(std::string_view program) const;

 private:
  Quantity quantity_;
  findings::CodePlace site_;
  analyses::trend::Trend trend_;
  double first_ = 0, latest_ = 0;
  bool has_any_ = false;
  std::vector<float> course_;
  std::uint32_t samples_of_value_ = 1, samples_left_ = 0;
};

}  // namespace goshawk::frontends::watch
