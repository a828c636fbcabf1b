// What a name server answers. The input is the answer to a question that is always the same, but
// for its first two bytes, which are made to fit; and a name to be asked for.
#include <array>

#include "fuzz/fuzz.h"
#include "http/dns_message.h"

namespace goshawk::fuzz {

void run(ByteView input) {
  constexpr std::size_t kMostAddresses = 65'535;
  if (auto query = http::encode_dns_query(7, as_text(input), http::RecordType::kA))
    if (query->size() > 300) __builtin_trap();
  for (auto type : {http::RecordType::kA, http::RecordType::kAaaa}) {
    std::string query = *http::encode_dns_query(0x1234, "shop.example", type);
    std::string message(as_text(input));
    message.replace(0, std::min<std::size_t>(2, message.size()), query.substr(0, 2));
    auto answer = http::parse_dns_answer(std::as_bytes(std::span(message)), query);
    if (!answer) continue;
    if (answer->addresses.size() > kMostAddresses) __builtin_trap();
    for (const http::IpAddress& address : answer->addresses) use(http::to_text(address));
  }
}

std::vector<std::string> seeds() {
  using namespace std::string_literals;
  std::string question = "\4shop\7example\0\0\1\0\1"s, question_v6 = "\4shop\7example\0\0\x1c\0\1"s;
  return {"\0\0\x81\x80\0\1\0\2\0\0\0\0"s + question +
              "\xc0\x0c\0\5\0\1\0\0\0\7\0\4\1x\xc0\x0c\1x\xc0\x0c\0\1\0\1\0\0\0\7\0\4\x0a\0\0\1"s,
          "\0\0\x81\x80\0\1\0\1\0\0\0\0"s + question_v6 + "\xc0\x0c\0\x1c\0\1\0\0\0\7\0\x10"s +
              std::string(16, '\1'),
          "\0\0\x81\x83\0\1\0\0\0\0\0\0"s + question,
          "\0\0\x81\x82\0\1\xff\xff\0\0\0\0"s + question, "shop.example."};
}

}  // namespace goshawk::fuzz
