// What passes between us and the keeper, over a pair of sockets: a length and so many bytes. Both
// ends are the same program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/target.h"

namespace goshawk::target {

class MessageWriter {
 public:
  void number(std::uint64_t value);
  void text(const std::string& value);
  void numbers(std::span<const std::uint64_t> values);
  void error(const Error& value);
  void thread(const Thread& value);
  bool send(int socket) const;  // false: nobody is there

 private:
  std::vector<std::byte> bytes_;
};

// What is missing reads as 0 and empty.
class MessageReader {
 public:
  // Waits for the next one; nullopt: nobody is there any more.
  static std::optional<MessageReader> receive(int socket);

  std::uint64_t number();
  std::string text();
  std::vector<std::uint64_t> numbers();
  Error error();
  Thread thread();

 private:
  std::vector<std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace goshawk::target
