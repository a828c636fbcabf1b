#include "frontends/serve/turns.h"

#include <gtest/gtest.h>

#include <thread>

namespace goshawk::frontends::serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

http::Work counting(int& count) {
  return [&count] {
    ++count;
    return http::plain_response(200, "");
  };
}

http::Response do_work(const http::Answer& answer) { return std::get<http::Work>(answer)(); }

TEST(Turns, KeepPicturesApart) {
  Turns turns{milliseconds(20)};
  int count = 0;
  http::Answer first = turns.queue(counting(count)), second = turns.queue(counting(count));
  do_work(first);
  auto end = steady_clock::now();
  do_work(second);
  EXPECT_GE(steady_clock::now() - end, milliseconds(19));
  EXPECT_EQ(count, 2);
}

TEST(Turns, SendAwayWhoWouldWaitTooLong) {
  Turns turns{std::chrono::minutes(1)};
  int count = 0;
  do_work(turns.queue(counting(count)));
  http::Answer refused = turns.queue(counting(count));
  ASSERT_TRUE(std::holds_alternative<http::Response>(refused));
  const auto& response = std::get<http::Response>(refused);
  EXPECT_EQ(response.status, 429U);
  EXPECT_EQ(http::find_header(response.headers, "retry-after"), "60");
  EXPECT_EQ(count, 1);
}

TEST(Turns, CountThoseWhoWait) {
  Turns turns{std::chrono::seconds(2)};
  int count = 0;
  std::vector<http::Answer> line;
  for (int i = 0; i < 3; ++i) {
    line.push_back(turns.queue(counting(count)));
    EXPECT_TRUE(std::holds_alternative<http::Work>(line.back()));
  }
  EXPECT_TRUE(std::holds_alternative<http::Response>(turns.queue(counting(count))));
  line.clear();  // they are given up
  EXPECT_TRUE(std::holds_alternative<http::Work>(turns.queue(counting(count))));
}

TEST(Turns, AreOverOnceClosed) {
  Turns turns{std::chrono::seconds(5)};
  int count = 0;
  do_work(turns.queue(counting(count)));
  http::Answer waits = turns.queue(counting(count));
  std::jthread closer([&] { turns.close(); });
  EXPECT_EQ(do_work(waits).status, 503U);
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace goshawk::frontends::serve
