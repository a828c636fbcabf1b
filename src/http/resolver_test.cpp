// Against a name server of this test.
#include "http/resolver.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <thread>

#include "http/dns_message.h"

namespace goshawk::http {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

std::string header_of(const std::string& query, char code, char answers) {
  return query.substr(0, 2) + "\x81"s + code + "\0\1\0"s + answers + "\0\0\0\0"s;
}
// An alias first, then addresses.
std::string answer_to(const std::string& query, const std::vector<std::string>& addresses) {
  std::string type = query.substr(query.size() - 4, 2);
  std::string message =
      header_of(query, 0, static_cast<char>(addresses.size() + 1)) + query.substr(12);
  message += "\xc0\x0c\0\5\0\1\0\0\0\7\0\4\1x\xc0\x0c"s;
  for (const std::string& address : addresses)
    message +=
        "\1x\xc0\x0c"s + type + "\0\1\0\0\0\7\0"s + static_cast<char>(address.size()) + address;
  return message;
}

ByteView bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(DnsMessage, AsksAndUnderstands) {
  auto query = encode_dns_query(0x1234, "shop.example.", RecordType::kA);
  ASSERT_TRUE(query);
  EXPECT_EQ(*query, "\x12\x34\1\0\0\1\0\0\0\0\0\0\4shop\7example\0\0\1\0\1"s);
  std::string message = answer_to(*query, {"\x0a\0\0\1"s, "\x0a\0\0\2"s});
  auto answer = parse_dns_answer(bytes_of(message), *query);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->addresses.size(), 2U);
  EXPECT_EQ(to_text(answer->addresses[1]), "10.0.0.2");
  EXPECT_TRUE(parse_dns_answer(bytes_of(header_of(*query, 2, 0) + query->substr(12)), *query)
                  ->server_failed);
  EXPECT_FALSE(parse_dns_answer(bytes_of(header_of(*query, 3, 0) + query->substr(12)), *query)
                   ->server_failed);
  for (std::size_t size = 0; size < message.size(); ++size) {
    auto cut = parse_dns_answer(ByteView(bytes_of(message)).first(size), *query);
    EXPECT_EQ(cut.has_value(), size >= query->size()) << size;
  }
}

TEST(DnsMessage, TakesOnlyTheAnswerToTheQuestion) {
  auto query = encode_dns_query(0x1234, "shop", RecordType::kA);
  auto other_id = encode_dns_query(0x1235, "shop", RecordType::kA);
  auto other_name = encode_dns_query(0x1234, "shop2", RecordType::kA);
  auto other_type = encode_dns_query(0x1234, "shop", RecordType::kAaaa);
  for (const auto& other : {other_id, other_name, other_type})
    EXPECT_FALSE(parse_dns_answer(bytes_of(answer_to(*other, {})), *query));
  EXPECT_FALSE(parse_dns_answer(bytes_of(*query), *query));
  for (const char* name : {"", ".", "a..b", ".a"})
    EXPECT_FALSE(encode_dns_query(1, name, RecordType::kA)) << name;
  EXPECT_FALSE(encode_dns_query(1, std::string(64, 'a'), RecordType::kA));
  EXPECT_FALSE(encode_dns_query(1, std::string(300, 'a'), RecordType::kA));
}

class ResolverTest : public ::testing::Test {
 protected:
  // What to say to a query; nothing: silence.
  using Answer = std::function<std::string(const std::string&)>;

  void SetUp() override {
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    sources_.port = ntohs(address.sin_port);
    sources_.hosts = write("hosts", "10.1.1.1 inhosts\n");
    sources_.resolv_conf =
        write("resolv.conf", "nameserver 127.0.0.1\nsearch corp\noptions attempts:1\n");
  }
  void TearDown() override {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }
  static std::string write(const std::string& name, const std::string& text) {
    std::string path = ::testing::TempDir() + "goshawk_" + name;
    std::ofstream(path) << text;
    return path;
  }
  void serve(Answer answer) {
    thread_ = std::jthread([this, answer = std::move(answer)](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd ready{socket_, POLLIN, 0};
        if (::poll(&ready, 1, 5) <= 0) continue;
        std::string query(512, '\0');
        sockaddr_in from{};
        socklen_t size = sizeof from;
        ssize_t got = ::recvfrom(socket_, query.data(), query.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
        query.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        std::string said = answer(query);
        if (!said.empty())
          ::sendto(socket_, said.data(), said.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
    });
  }
  auto find(const std::string& name, milliseconds time = milliseconds(5000)) {
    return resolve(name, std::chrono::steady_clock::now() + time, sources_);
  }

  int socket_ = -1;
  NameSources sources_;
  std::jthread thread_;
};

bool wants_v6(const std::string& query) { return query[query.size() - 3] == 28; }

TEST_F(ResolverTest, NeedsNoServerForWhatItKnows) {
  EXPECT_EQ(to_text(find("192.0.2.7")->at(0)), "192.0.2.7");
  EXPECT_EQ(to_text(find("::1")->at(0)), "::1");
  EXPECT_EQ(to_text(find("inhosts")->at(0)), "10.1.1.1");
  EXPECT_EQ(to_text(find("localhost")->at(0)), "127.0.0.1");
}

TEST_F(ResolverTest, AsksForBothKinds) {
  serve([](const std::string& query) {
    return answer_to(query, {wants_v6(query) ? std::string(15, '\0') + "\1" : "\x0a\0\0\5"s});
  });
  auto found = find("shop.example");
  ASSERT_TRUE(found) << describe(found.error());
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(to_text(found->at(0)), "10.0.0.5");
  EXPECT_EQ(to_text(found->at(1)), "::1");
}

TEST_F(ResolverTest, SearchesDomainsAndPassesOverFalseAnswers) {
  serve([](const std::string& query) {
    if (query.find("\4corp") == std::string::npos) return header_of(query, 3, 0) + query.substr(12);
    return answer_to(query, {wants_v6(query) ? std::string(16, '\1') : "\x0a\0\0\6"s});
  });
  EXPECT_EQ(to_text(find("shop")->at(0)), "10.0.0.6");
}

TEST_F(ResolverTest, SaysThatThereIsNone) {
  serve([](const std::string& query) { return header_of(query, 3, 0) + query.substr(12); });
  EXPECT_THAT(describe(find("shop").error()), HasSubstr("there is no machine of the name shop"));
}

TEST_F(ResolverTest, DoesNotWaitForEver) {
  serve([](const std::string&) { return std::string(); });
  EXPECT_THAT(describe(find("shop", milliseconds(30)).error()), HasSubstr("does not answer"));
}

}  // namespace
}  // namespace goshawk::http
