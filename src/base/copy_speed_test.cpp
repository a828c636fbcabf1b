#include "base/copy_speed.h"

#include <gtest/gtest.h>

namespace goshawk {
namespace {

TEST(CopySpeed, IsThatOfAMachine) {
  double speed = measure_copy_speed();
  EXPECT_GT(speed, 50e6);   // an emulated one
  EXPECT_LT(speed, 10e12);  // or nothing was copied
}

}  // namespace
}  // namespace goshawk
