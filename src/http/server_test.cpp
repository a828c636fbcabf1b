#include "http/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace goshawk::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A client that says what it likes.
class Line {
 public:
  explicit Line(const Server& server) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{.sin_family = AF_INET,
                   .sin_port = htons(server.address().port),
                   .sin_addr = {htonl(INADDR_LOOPBACK)},
                   .sin_zero = {}};
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~Line() { ::close(socket_); }
  Line(const Line&) = delete;

  void say(std::string_view text) const {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  void end() const { ::shutdown(socket_, SHUT_WR); }
  std::string hear_all() const { return hear(""); }
  // Up to this text, or all.
  std::string hear(std::string_view last) const {
    std::string heard;
    char buffer[4096];
    while (last.empty() || !heard.ends_with(last)) {
      ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      heard.append(buffer, static_cast<std::size_t>(got));
    }
    return heard;
  }

 private:
  int socket_;
};

Answer echo(const Request& request) {
  if (request.target.path == "/work") return Work([] { return plain_response(200, "worked"); });
  if (request.target.path == "/large")
    return Response{.headers = {}, .body = std::string(64 << 20, 'x')};
  return plain_response(200, request.method + " " + request.target.path);
}

std::unique_ptr<Server> start(const ServerLimits& limits = {}, Handler handler = echo) {
  auto server = Server::start(*parse_listen_address("127.0.0.1:0"), std::move(handler), limits);
  EXPECT_TRUE(server) << describe(server.error());
  return *std::move(server);
}

std::string ask(const Server& server, std::string_view text) {
  Line line(server);
  line.say(text);
  line.end();
  return line.hear_all();
}

TEST(Server, AnswersAndKeepsTheConnection) {
  auto server = start();
  Line line(*server);
  line.say("GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string heard = line.hear("GET /two\n");
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(heard, HasSubstr("GET /one\n"));
  line.say("GET /work HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(line.hear_all(), HasSubstr("worked\n"));
}

TEST(Server, HeadHasNoBody) {
  auto server = start();
  std::string heard = ask(*server, "HEAD /one HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(heard, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_TRUE(heard.ends_with("\r\n\r\n")) << heard;
}

TEST(Server, RefusesWhatIsNoRequest) {
  auto server = start();
  EXPECT_THAT(ask(*server, "\x16\x03\x01\x02 hello\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(*server, "GET one HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(*server, "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(*server, "GET / HTTP/1.1\r\nX: " + std::string(10'000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(*server, "GET /" + std::string(300'000, 'a') + " HTTP/1.1\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(*server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      ask(*server, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello"),
      StartsWith("HTTP/1.1 4"));
  EXPECT_THAT(ask(*server, "GET / HTTP/1.1\r\nHos"), IsEmpty());
  EXPECT_THAT(ask(*server, ""), IsEmpty());
  EXPECT_THAT(ask(*server, "GET /still HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("GET /still"));
}

TEST(Server, EndsConnectionsOfThoseWhoDawdle) {
  auto server = start({.idle = milliseconds(20), .headers = milliseconds(20)});
  EXPECT_THAT(Line(*server).hear_all(), IsEmpty());  // says nothing at all
  Line slow(*server);
  slow.say("GET / HTTP/1.1\r\nX-Long: ");
  EXPECT_THAT(slow.hear_all(), IsEmpty());
}

TEST(Server, EndsAConnectionThatTakesNothing) {
  auto server = start({.most_connections = 1, .stalled_write = milliseconds(20)});
  Line deaf(*server);
  deaf.say("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string heard;
  do {
    heard = ask(*server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  } while (!heard.starts_with("HTTP/1.1 200"));
  EXPECT_THAT(deaf.hear_all().size(), ::testing::Lt(64U << 20));
}

TEST(Server, HasNoMoreConnectionsThanItMay) {
  auto server = start({.most_connections = 2});
  Line one(*server), two(*server);
  one.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  one.hear("/1\n");
  two.say("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  two.hear("/2\n");
  EXPECT_THAT(Line(*server).hear_all(), StartsWith("HTTP/1.1 503 "));
}

TEST(Server, WorksOneAfterTheOther) {
  std::atomic<int> at_work = 0, most = 0, done = 0;
  auto server = start({}, [&](const Request&) -> Answer {
    return Work([&] {
      most = std::max(most.load(), ++at_work);
      std::this_thread::yield();
      --at_work, ++done;
      return plain_response(200, "done");
    });
  });
  std::vector<std::jthread> clients;
  for (int i = 0; i < 20; ++i)
    clients.emplace_back([&] {
      Line line(*server);
      line.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      EXPECT_THAT(line.hear_all(), HasSubstr("done"));
    });
  clients.clear();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(done, 20);
}

TEST(Server, LeavesUndoneWhatNobodyWaitsForAnyMore) {
  std::atomic<bool> begun = false, may_end = false;
  std::atomic<int> done = 0;
  auto server = start({}, [&](const Request&) -> Answer {
    return Work([&] {
      ++done;
      begun = true;
      begun.notify_all();
      may_end.wait(false);
      return plain_response(200, "done");
    });
  });
  Line first(*server);
  first.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  begun.wait(false);
  for (int i = 0; i < 10; ++i) Line(*server).say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  may_end = true;
  may_end.notify_all();
  EXPECT_THAT(first.hear_all(), HasSubstr("done"));
  Line last(*server);
  last.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(last.hear_all(), HasSubstr("done"));
  EXPECT_EQ(done, 2);
}

TEST(Server, EndsWithRequestsUnderway) {
  std::atomic<bool> begun = false;
  auto server = start({}, [&](const Request&) -> Answer {
    return Work([&] {
      begun = true;
      begun.notify_all();
      return plain_response(200, "done");
    });
  });
  Line one(*server), two(*server);
  one.say("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  two.say("GET / HTTP/1.1\r\nHost");
  begun.wait(false);
  server.reset();
  EXPECT_THAT(two.hear_all(), IsEmpty());
}

TEST(Server, SaysWhyItCannotListen) {
  auto server = start();
  auto second = Server::start(server->address(), echo);
  ASSERT_FALSE(second);
  EXPECT_THAT(describe(second.error()), HasSubstr("cannot listen on 127.0.0.1:"));
}

}  // namespace
}  // namespace goshawk::http
