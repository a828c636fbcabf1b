#include "target/keeper_messages.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace goshawk::target {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;

bool receive_all(int socket, void* into, std::size_t size) {
  auto* at = static_cast<std::byte*>(into);
  while (size > 0) {
    ssize_t n = ::recv(socket, at, size, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

// A message's length, with which its descriptor comes.
bool receive_length(int socket, std::uint64_t& length, FileDescriptor& descriptor) {
  iovec part{&length, sizeof length};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t n = 0;
  do {
    n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) return false;
  const cmsghdr* head = CMSG_FIRSTHDR(&message);
  if (head != nullptr && head->cmsg_type == SCM_RIGHTS) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(head), sizeof number);
    descriptor = FileDescriptor(number);
  }
  auto got = static_cast<std::size_t>(n);
  return receive_all(socket, reinterpret_cast<char*>(&length) + got, sizeof length - got);
}

bool send_descriptor(int socket, std::uint64_t length, int descriptor) {
  iovec part{&length, sizeof length};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  ssize_t n = 0;
  do {
    n = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n == sizeof length;
}

bool send_all(int socket, const void* from, std::size_t size) {
  const auto* at = static_cast<const std::byte*>(from);
  while (size > 0) {
    ssize_t n = ::send(socket, at, size, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

void MessageWriter::number(std::uint64_t value) {
  auto bytes = std::as_bytes(std::span(&value, 1));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void MessageWriter::text(const std::string& value) {
  number(value.size());
  auto bytes = std::as_bytes(std::span(value));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void MessageWriter::numbers(std::span<const std::uint64_t> values) {
  number(values.size());
  auto bytes = std::as_bytes(values);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void MessageWriter::error(const Error& value) {
  number(value.index());
  if (const auto* fault = std::get_if<Fault>(&value)) {
    number(fault->address.value());
    number(fault->size_bytes);
    text(fault->reason);
  } else if (const auto* malformed = std::get_if<Malformed>(&value)) {
    text(malformed->file);
    number(malformed->offset);
    text(malformed->what);
  } else if (const auto* missing = std::get_if<Missing>(&value)) {
    text(missing->name);
    text(missing->feature);
  } else if (const auto* denied = std::get_if<Denied>(&value)) {
    text(denied->action);
    text(denied->remedy);
  } else if (const auto* usage = std::get_if<Usage>(&value)) {
    text(usage->problem);
    text(usage->hint);
  }
}

void MessageWriter::thread(const Thread& value) {
  number(static_cast<std::uint64_t>(value.tid));
  for (Address address : {value.pc, value.sp, value.fp, value.lr, value.tls})
    number(address.value());
  numbers(value.registers);
  numbers(value.vector_words);
  number(value.vectors_complete ? 1 : 0);
}

bool MessageWriter::send(int socket, int descriptor) const {
  std::uint64_t size = bytes_.size();
  bool begun = descriptor >= 0 ? send_descriptor(socket, size, descriptor)
                               : send_all(socket, &size, sizeof size);
  return begun && send_all(socket, bytes_.data(), bytes_.size());
}

std::optional<MessageReader> MessageReader::receive(int socket) {
  std::uint64_t size = 0;
  MessageReader message;
  if (!receive_length(socket, size, message.descriptor_) || size > kMostBytes) return std::nullopt;
  message.bytes_.resize(size);
  if (!receive_all(socket, message.bytes_.data(), size)) return std::nullopt;
  return message;
}

std::uint64_t MessageReader::number() {
  std::uint64_t value = 0;
  if (bytes_.size() - at_ < sizeof value) return 0;
  std::memcpy(&value, bytes_.data() + at_, sizeof value);
  at_ += sizeof value;
  return value;
}

std::string MessageReader::text() {
  std::size_t size = std::min<std::size_t>(number(), bytes_.size() - at_);
  std::string value(reinterpret_cast<const char*>(bytes_.data() + at_), size);
  at_ += size;
  return value;
}

std::vector<std::uint64_t> MessageReader::numbers() {
  std::size_t count =
      std::min<std::size_t>(number(), (bytes_.size() - at_) / sizeof(std::uint64_t));
  std::vector<std::uint64_t> values(count);
  std::memcpy(values.data(), bytes_.data() + at_, count * sizeof(std::uint64_t));
  at_ += count * sizeof(std::uint64_t);
  return values;
}

Error MessageReader::error() {
  std::uint64_t index = number();
  if (index == Error(Fault{}).index()) {
    Address address(number());
    std::uint64_t size_bytes = number();
    return Fault{address, size_bytes, text()};
  }
  std::string first = text();
  if (index == Error(Malformed{}).index()) {
    std::uint64_t offset = number();
    return Malformed{first, offset, text()};
  }
  if (index == Error(Denied{}).index()) return Denied{first, text()};
  if (index == Error(Usage{}).index()) return Usage{first, text()};
  return Missing{first, text()};
}

Thread MessageReader::thread() {
  Thread value;
  value.tid = static_cast<std::int64_t>(number());
  for (Address* address : {&value.pc, &value.sp, &value.fp, &value.lr, &value.tls})
    *address = Address(number());
  value.registers = numbers();
  value.vector_words = numbers();
  value.vectors_complete = number() != 0;
  return value;
}

}  // namespace goshawk::target
