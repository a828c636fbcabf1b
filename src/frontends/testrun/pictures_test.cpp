#include "frontends/testrun/pictures.h"

#include <gtest/gtest.h>

namespace goshawk::frontends::testrun {
namespace {

TEST(Pictures, TheNumberStandsBeforeTheExtension) {
  EXPECT_EQ(numbered("leaks.sarif", 3), "leaks.3.sarif");
  EXPECT_EQ(numbered("/tmp/a.b/leaks", 1), "/tmp/a.b/leaks.1");
  EXPECT_EQ(numbered("/tmp/.leaks", 2), "/tmp/.leaks.2");
  EXPECT_EQ(numbered("leaks.sarif.json", 12), "leaks.sarif.12.json");
}

}  // namespace
}  // namespace goshawk::frontends::testrun
