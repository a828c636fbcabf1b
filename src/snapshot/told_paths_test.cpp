// What was told when a picture was saved is what is told of it later.
#include "snapshot/told_paths.h"

#include <gtest/gtest.h>

namespace goshawk::snapshot {
namespace {

class ByNumber final : public PathDescriber {
 public:
  std::string describe(const HoldingPath& path) override {
    return path.objects.back() == 3 ? "" : "main.held[" + std::to_string(path.objects.back()) + "]";
  }
};

TEST(ToldPaths, AsTheDescriberToldThem) {
  ByNumber describer;
  PathRecorder recorder(describer);
  for (ObjectId object : {7U, 2U, 3U, 7U}) {
    HoldingPath path;
    path.objects = {1, object};
    EXPECT_EQ(recorder.describe(path), describer.describe(path));
  }
  Snapshot picture;
  std::move(recorder).write_to(picture);
  ASSERT_EQ(picture.told_paths.size(), 2U);
  ToldPaths told(picture);
  for (ObjectId object : {2U, 3U, 7U, 9U}) {
    HoldingPath path;
    path.objects = {object};
    EXPECT_EQ(told.describe(path), object == 9 ? "" : describer.describe(path));
  }
}

}  // namespace
}  // namespace goshawk::snapshot
