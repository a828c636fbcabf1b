// Servers as they should be, and as they should not.
#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>

#include "http/testing/canned_server.h"

namespace goshawk::http {
namespace {

using std::chrono::milliseconds;
using testing::CannedServer;
using testing::Connection;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kFine = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

ClientOptions quick() { return {.first_pause = milliseconds(1)}; }

Result<Response> get(const std::string& url, const ClientOptions& options = quick()) {
  return send({.url = *parse_url(url)}, options);
}

std::string problem(const std::string& url, const ClientOptions& options = quick()) {
  auto response = fetch({.url = *parse_url(url)}, options);
  EXPECT_FALSE(response);
  return response ? "" : describe(response.error());
}

std::string gzip(const std::string& text) {
  std::string packed(text.size() + 1024, '\0');
  z_stream stream{};
  ::deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

std::string packed_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Client, FetchesAndSaysWhatItWants) {
  std::string heard;
  CannedServer server({[&](const Connection& line) {
    heard = line.hear_request();
    line.say(kFine);
  }});
  auto response = send(
      {.url = *parse_url("http://user:pass@127.0.0.1:" + std::to_string(server.port()) + "/a?b=1"),
       .headers = {{"X-Mine", "yes"}}});
  ASSERT_TRUE(response) << describe(response.error());
  EXPECT_EQ(response->body, "hello");
  EXPECT_THAT(heard, HasSubstr("GET /a?b=1 HTTP/1.1\r\n"));
  EXPECT_THAT(heard, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(heard, HasSubstr("Authorization: Basic dXNlcjpwYXNz\r\n"));
  EXPECT_THAT(heard, HasSubstr("X-Mine: yes\r\n"));
}

TEST(Client, Posts) {
  std::string heard;
  CannedServer server({[&](const Connection& line) {
    heard = line.hear_request();
    std::string body(7, '\0');
    ::recv(line.socket(), body.data(), body.size(), MSG_WAITALL);
    heard += body;
    line.say("HTTP/1.1 204 No Content\r\n\r\n");
  }});
  auto response = send({.url = *parse_url(server.url()),
                        .method = "POST",
                        .headers = {{"Content-Type", "application/json"}},
                        .body = "{\"a\":1}"});
  ASSERT_TRUE(response) << describe(response.error());
  EXPECT_EQ(response->status, 204U);
  EXPECT_THAT(heard, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_TRUE(heard.ends_with("{\"a\":1}"));
}

TEST(Client, ReadsWhatHasNoLengthAndWhatIsInChunks) {
  EXPECT_EQ(get(CannedServer("HTTP/1.0 200 OK\r\n\r\nto the end").url())->body, "to the end");
  CannedServer chunks(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(get(chunks.url())->body, "abcde");
}

TEST(Client, UnpacksWithinTheBound) {
  CannedServer server(packed_answer(gzip("hello")));
  EXPECT_EQ(get(server.url())->body, "hello");
  CannedServer bomb(packed_answer(gzip(std::string(10 << 20, '\0'))));
  EXPECT_THAT(problem(bomb.url(), {.most_bytes = 1 << 20}), HasSubstr("more than 1 MB"));
  EXPECT_THAT(problem(CannedServer(packed_answer("no gzip")).url()), HasSubstr("gzip is damaged"));
  CannedServer other("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(problem(other.url()), HasSubstr("its encoding is \"br\""));
}

TEST(Client, FollowsRedirects) {
  std::string heard;
  CannedServer other({[&](const Connection& line) {
    heard = line.hear_request();
    line.say(kFine);
  }});
  CannedServer server({[&](const Connection& line) {
                         line.hear_request();
                         line.say(
                             "HTTP/1.1 302 Found\r\nLocation: there\r\nContent-Length: 0\r\n\r\n");
                       },
                       [&](const Connection& line) {
                         EXPECT_THAT(line.hear_request(), HasSubstr("GET /a/there HTTP/1.1\r\n"));
                         line.say("HTTP/1.1 301 Moved\r\nLocation: " + other.url("/b") +
                                  "\r\nContent-Length: 0\r\n\r\n");
                       }});
  auto response = send(
      {.url = *parse_url(server.url("/a/here")), .headers = {{"Authorization", "Bearer secret"}}});
  ASSERT_TRUE(response) << describe(response.error());
  EXPECT_EQ(response->body, "hello");
  EXPECT_THAT(heard, HasSubstr("GET /b HTTP/1.1\r\n"));
  EXPECT_THAT(heard, Not(HasSubstr("secret")));
}

TEST(Client, DoesNotFollowForEver) {
  CannedServer server("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(problem(server.url()), HasSubstr("only leads to another one"));
  CannedServer nowhere("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(problem(nowhere.url()), HasSubstr("does not say where"));
  CannedServer file(
      "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(problem(file.url()), HasSubstr("does not begin with http"));
}

TEST(Client, TriesAgainWhatPasses) {
  std::atomic<int> asked = 0;
  auto busy = [&](const Connection& line) {
    ++asked;
    line.hear_request();
    line.say("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
  };
  auto hang_up = [&](const Connection& line) {
    ++asked;
    line.hear_request();
  };
  auto fine = [&](const Connection& line) {
    line.hear_request();
    line.say(kFine);
  };
  EXPECT_EQ(get(CannedServer({busy, hang_up, fine}).url())->body, "hello");
  EXPECT_EQ(asked, 2);
  asked = 0;
  EXPECT_EQ(get(CannedServer({busy}).url())->status, 503U);
  EXPECT_EQ(asked, 3);
  asked = 0;
  EXPECT_FALSE(send({.url = *parse_url(CannedServer({hang_up}).url()), .method = "POST"}, quick()));
  CannedServer posted({busy});
  EXPECT_EQ(send({.url = *parse_url(posted.url()), .method = "POST"}, quick())->status, 503U);
  EXPECT_EQ(asked, 2);  // each once
}

TEST(Client, DoesNotWaitForLongerThanThereIsTime) {
  CannedServer server("HTTP/1.1 429 Slow down\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(get(server.url())->status, 429U);
}

TEST(Client, SaysWhatTheServerSays) {
  EXPECT_THAT(
      problem(CannedServer("HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nno way").url("/x")),
      HasSubstr("/x is answered with 404 (no way)"));
  EXPECT_THAT(problem(CannedServer("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n").url()),
              HasSubstr("--header"));
}

TEST(Client, IsNotKeptByWhoHangs) {
  auto wait = [](const Connection& line) { line.wait_for_end(); };
  ClientOptions impatient{.total = milliseconds(50)};
  EXPECT_THAT(problem(CannedServer({wait}).url(), impatient), HasSubstr("no answer came in time"));
  auto begin_and_wait = [](const Connection& line) {
    line.hear_request();
    line.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    line.wait_for_end();
  };
  EXPECT_THAT(problem(CannedServer({begin_and_wait}).url(), impatient),
              HasSubstr("did not come to its end in time"));
  auto drip = [](const Connection& line) {  // each byte in time, all of them never
    line.hear_request();
    line.say("HTTP/1.1 200 OK\r\n\r\n");
    while (line.say("x")) std::this_thread::yield();
  };
  EXPECT_THAT(problem(CannedServer({drip}).url(), impatient), HasSubstr("did not come to its end"));
  auto pour = [](const Connection& line) {  // so fast that there is never anything to wait for
    line.hear_request();
    line.say("HTTP/1.1 200 OK\r\n\r\n");
    std::string block(1 << 20, 'x');
    while (line.say(block)) continue;
  };
  ClientOptions greedy{.total = milliseconds(50), .most_bytes = std::uint64_t{1} << 40};
  EXPECT_THAT(problem(CannedServer({pour}).url(), greedy), HasSubstr("did not come to its end"));
}

TEST(Client, TakesNoMoreThanItWants) {
  ClientOptions small{.most_bytes = 1 << 20};
  CannedServer says("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\nabc");
  EXPECT_THAT(problem(says.url(), small), HasSubstr("longer than 1 MB"));
  auto endless = [](const Connection& line) {
    line.hear_request();
    line.say("HTTP/1.1 200 OK\r\n\r\n");
    std::string block(1 << 16, 'x');
    while (line.say(block)) continue;
  };
  EXPECT_THAT(problem(CannedServer({endless}).url(), small), HasSubstr("longer than 1 MB"));
  auto endless_headers = [](const Connection& line) {
    line.hear_request();
    line.say("HTTP/1.1 200 OK\r\n");
    while (line.say("X-Y: z\r\n")) continue;
  };
  EXPECT_THAT(problem(CannedServer({endless_headers}).url(), small), HasSubstr("headers"));
}

TEST(Client, SeesWhatIsCutOffAndWhatIsNoHttp) {
  CannedServer cut("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc");
  EXPECT_THAT(problem(cut.url()), HasSubstr("said to be 1000 bytes long"));
  CannedServer chunk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc");
  EXPECT_THAT(problem(chunk.url()), HasSubstr("cut off"));
  EXPECT_THAT(problem(CannedServer("SSH-2.0-OpenSSH_9.2\r\n").url()),
              HasSubstr("no answer of HTTP"));
  EXPECT_THAT(problem(CannedServer("").url()), HasSubstr("closed without an answer"));
  CannedServer negative("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc");
  EXPECT_THAT(problem(negative.url()), HasSubstr("no answer of HTTP"));
}

TEST(Client, SaysThatNobodyListens) {
  std::uint16_t port = CannedServer("").port();
  EXPECT_THAT(problem("http://127.0.0.1:" + std::to_string(port) + "/"),
              HasSubstr("Connection refused"));
  EXPECT_THAT(problem("http://" + std::string(70, 'a') + ".example/"),
              HasSubstr("no machine of the name"));
}

}  // namespace
}  // namespace goshawk::http
