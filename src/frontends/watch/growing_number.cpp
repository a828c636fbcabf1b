#include "frontends/watch/growing_number.h"

#include "findings/name_hash.h"

namespace goshawk::frontends::watch {
namespace {

constexpr std::size_t kMostOfCourse = 48;
constexpr double kLeastGoroutines = 10;
constexpr double kLeastBytes = 16 << 20;

analyses::trend::Expected expect(Quantity quantity, double every_seconds) {
  return {.every_seconds = every_seconds,
          .least_growth = is_memory(quantity) ? kLeastBytes : kLeastGoroutines};
}

}  // namespace

std::string_view name_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::kGoroutines:
      return "goroutines";
    case Quantity::kAllGoroutines:
      return "all-goroutines";
    case Quantity::kHeap:
      return "heap";
    case Quantity::kResident:
      return "resident";
  }
  return "";
}

bool is_memory(Quantity quantity) {
  return quantity == Quantity::kHeap || quantity == Quantity::kResident;
}

GrowingNumber::GrowingNumber(Quantity quantity, findings::CodePlace site, double every_seconds)
    : quantity_(quantity), site_(std::move(site)), trend_(expect(quantity, every_seconds)) {}

void GrowingNumber::add(double seconds, double value) {
  trend_.add(seconds, value);
  if (!has_any_) first_ = value;
  has_any_ = true;
  latest_ = value;
  if (samples_left_ > 0) {
    --samples_left_;
    return;
  }
  samples_left_ = samples_of_value_ - 1;
  course_.push_back(static_cast<float>(value));
  if (course_.size() < kMostOfCourse) return;
  for (std::size_t i = 0; i < kMostOfCourse / 2; ++i) course_[i] = course_[2 * i];
  course_.resize(kMostOfCourse / 2);
  samples_of_value_ *= 2;
}

std::string GrowingNumber::fingerprint(std::string_view program) const {
  findings::NameHash hash;
  hash.add("growing");
  hash.add(name_of(quantity_));
  hash.add(program);
  hash.add(site_.function);
  return hash.hex();
}

}  // namespace goshawk::frontends::watch
