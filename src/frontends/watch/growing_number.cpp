#include "frontends/watch/growing_number.h"

#include "findings/name_hash.h"

namespace goshawk::frontends::watch {
namespace {

constexpr std::size_t kMostOfCourse = 48;
constexpr double kLeastGoroutines = 10, kLeastTimers = 100;
constexpr double kLeastBytes = 16 << 20;

analyses::trend::Expected expect(Quantity quantity, double every_seconds) {
  double least = quantity == Quantity::kTimers ? kLeastTimers : kLeastGoroutines;
  return {.every_seconds = every_seconds,
          .least_growth = is_memory(quantity) ? kLeastBytes : least};
}

}  // namespace

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

void GrowingNumber::restart() {
  trend_.restart();
  first_ = latest_ = 0;
  has_any_ = false;
  course_.clear();
  samples_of_value_ = 1;
  samples_left_ = 0;
}

// A part of the heap stands for the heap: whichever is seen to grow first, it is one leak.
std::string GrowingNumber::fingerprint(std::string_view program) const {
  bool of_heap = is_part(quantity_) && is_memory(quantity_);
  findings::NameHash hash;
  hash.add("growing");
  hash.add(name_of(of_heap ? Quantity::kHeap : quantity_));
  hash.add(program);
  hash.add(of_heap ? "" : site_.function);
  return hash.hex();
}

}  // namespace goshawk::frontends::watch
