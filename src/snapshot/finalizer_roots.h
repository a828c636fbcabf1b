// For the collector, what an object with a finalizer refers to is a root, and so is the finalizer's
// function. The former goes with its object once the finalizer has run; who asks what somebody
// holds leaves it to that object, whose own references lead there as well.
#pragma once

#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::snapshot {

class FinalizerRoots {
 public:
  explicit FinalizerRoots(const Snapshot& picture);

  // Not of an object that refers to itself, which is never freed.
  bool is_left_to_its_object(const Root& root) const;

 private:
  const Objects& objects_;
  std::vector<References::Extra> led_to_;  // by objects with finalizers; sorted
};

}  // namespace goshawk::snapshot
