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
#include "target/file_descriptor.h"
#include "target/target.h"

namespace goshawk::target {

class MessageWriter {
 public:
  void number(std::uint64_t value);
  void text(const std::string& value);
  void numbers(std::span<const std::uint64_t> values);
  void error(const Error& value);
  void thread(const Thread& value);
  // `descriptor`: goes along, if there is one. false: nobody is there.
  bool send(int socket, int descriptor = -1) const;

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
  FileDescriptor descriptor() { return std::move(descriptor_); }
  Error error();
  Thread thread();

 private:
  std::vector<std::byte> bytes_;
  std::size_t at_ = 0;
  FileDescriptor descriptor_;
};

}  // namespace goshawk::target
