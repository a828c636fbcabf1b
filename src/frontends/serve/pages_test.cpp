#include "frontends/serve/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "frontends/serve/index_page.h"

namespace goshawk::frontends::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Of this test itself, which is no Go program: pictures of it fail.
class PagesTest : public ::testing::Test {
 protected:
  http::Answer ask(std::string_view text, std::string method = "GET") {
    return pages_.answer(
        {std::move(method), *http::parse_request_target(text), {{"Host", "localhost"}}});
  }
  http::Response response_of(std::string_view text) { return std::get<http::Response>(ask(text)); }

  ProcessPictures pictures_ = *ProcessPictures::open(
      {.name = std::to_string(::getpid()), .pid = ::getpid(), .executable = {}});
  Turns turns_{std::chrono::nanoseconds(0)};
  std::vector<std::string> told_;
  Pages pages_{pictures_, turns_, {}, "process 4711 (<shop>)", [this](const std::string& line) {
                 told_.push_back(line);
               }};
};

TEST_F(PagesTest, HaveAnIndexWhoseLinksAreServed) {
  std::string page = response_of("/debug/pprof/").body;
  EXPECT_THAT(page, HasSubstr("process 4711 (&lt;shop&gt;)"));
  std::size_t links = 0;
  for (std::size_t at = page.find("href=\""); at != std::string::npos;
       at = page.find("href=\"", at)) {
    at += 6;
    auto answer = ask(page.substr(at, page.find('"', at) - at));
    EXPECT_TRUE(std::holds_alternative<http::Work>(answer)) << page.substr(at, 40);
    ++links;
  }
  EXPECT_EQ(links, 10U);
  EXPECT_EQ(response_of("/").status, 302U);
}

TEST_F(PagesTest, SayWhatIsNotServed) {
  EXPECT_THAT(response_of("/debug/pprof/profile").body, HasSubstr("a CPU profile is made by"));
  EXPECT_EQ(response_of("/debug/pprof/mutex").status, 404U);
  EXPECT_EQ(response_of("/debug/pprof/goroutine/").status, 404U);
  EXPECT_EQ(response_of("/favicon.ico").status, 404U);
  for (const char* text :
       {"/debug/pprof/goroutine?seconds=30", "/debug/pprof/goroutine?debug=3",
        "/debug/pprof/heap?gc=1", "/debug/pprof/heap?debug=2", "/debug/goshawk/leaks?format=xml"})
    EXPECT_EQ(response_of(text).status, 400U) << text;
}

TEST_F(PagesTest, AnswerHeadWithoutLooking) {
  auto response = std::get<http::Response>(ask("/debug/pprof/goroutine", "HEAD"));
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(http::find_header(response.headers, "content-type"), "application/octet-stream");
  EXPECT_EQ(http::find_header(response.headers, "cache-control"), "no-store");
  EXPECT_TRUE(told_.empty());
}

TEST_F(PagesTest, SayWhyThereIsNoPicture) {
  auto response = std::get<http::Work>(ask("/debug/pprof/goroutine"))();
  EXPECT_EQ(response.status, 502U);
  EXPECT_EQ(http::find_header(response.headers, "x-go-pprof"), "1");
  EXPECT_THAT(response.body, HasSubstr("is goshawk itself"));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_THAT(told_[0], HasSubstr("GET /debug/pprof/goroutine: 502"));
}

}  // namespace
}  // namespace goshawk::frontends::serve
