// S is kept while the window slides: what leaves takes its pairs along, what comes brings its own.
#include "analyses/trend/floors.h"

namespace goshawk::analyses::trend {

// How many are below it, less how many above.
std::int32_t FloorWindow::compare_with_all(float value) const {
  std::int32_t difference = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    float other = (*this)[i].value;
    difference +=
        static_cast<std::int32_t>(other < value) - static_cast<std::int32_t>(other > value);
  }
  return difference;
}

void FloorWindow::add(Floor floor) {
  if (size_ == kCapacity) {
    s_ += compare_with_all(ring_[first_].value);  // it stood before all the others
    first_ = first_ + 1 == kCapacity ? 0 : first_ + 1;
    --size_;
  }
  s_ += compare_with_all(floor.value);
  ring_[(first_ + size_) % kCapacity] = floor;
  ++size_;
}

}  // namespace goshawk::analyses::trend
