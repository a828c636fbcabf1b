#include "analyses/heap/goroutine_place.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace goshawk::analyses::heap {
namespace {

// Functions innermost first; `started`: the goroutine's own.
std::string told(const std::vector<std::string>& functions, const std::string& started = "") {
  snapshot::Snapshot picture;
  auto frame_of = [&](const std::string& function) {
    snapshot::Frame frame;
    frame.elided = function == "example.com/shop.(*Cart).Sync-wrapper";
    frame.function = picture.strings.intern(function);
    return picture.stacks.add_frame(frame);
  };
  std::vector<snapshot::FrameId> frames;
  for (const std::string& function : functions) frames.push_back(frame_of(function));
  snapshot::Goroutine goroutine;
  goroutine.stack = picture.stacks.intern(frames);
  if (!started.empty()) goroutine.started_at = frame_of(started);
  return to_text(find_place(picture, goroutine));
}

TEST(GoroutinePlace, IsTheProgramsOwnFunctionNearestToTheTop) {
  EXPECT_EQ(told({"time.Sleep", "main.refresher", "main.main.func1"}),
            "main.refresher (asleep in time.Sleep)");
  EXPECT_EQ(told({"runtime.gopark", "runtime.chanrecv1", "main.work"}), "main.work");
  EXPECT_EQ(told({"sync.runtime_Semacquire", "sync.(*WaitGroup).Wait", "example.com/shop.Run"}),
            "example.com/shop.Run");
  EXPECT_EQ(told({"internal/poll.runtime_pollWait", "internal/poll.(*FD).Read", "os.(*File).Read",
                  "bufio.(*Reader).fill", "bufio.(*Reader).ReadString", "main.reader"}),
            "main.reader (in bufio.(*Reader).ReadString)");
  EXPECT_EQ(told({"time.Sleep", "example.com/shop.(*Cart).Sync-wrapper", "main.work"}),
            "main.work (asleep in time.Sleep)")
      << "a wrapper is nobody's";
}

TEST(GoroutinePlace, OfALibrarysGoroutineIsItsFirst) {
  std::vector<std::string> stack = {"internal/poll.runtime_pollWait", "net.(*netFD).Read",
                                    "bufio.(*Reader).Peek", "net/http.(*persistConn).readLoop"};
  EXPECT_EQ(told(stack, "net/http.(*persistConn).readLoop"), "net/http.(*persistConn).readLoop");
  EXPECT_EQ(told(stack), "net.(*netFD).Read") << "that is not known";
  EXPECT_EQ(told({}), "");
}

}  // namespace
}  // namespace goshawk::analyses::heap
