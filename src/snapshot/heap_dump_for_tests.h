// Writes a heap dump as the runtime does, of what a test wants to be in it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace goshawk::snapshot::testing {

class HeapDumpWriter {
 public:
  HeapDumpWriter() : text_("go1.7 heap dump\n") {
    numbers({6, 0, 8, 0xc000000000, 0xc004000000});  // parameters
    string("amd64").string("go-of-a-test").number(2);
  }

  // Words; `pointers` are numbers of those that are such.
  HeapDumpWriter& object(std::uint64_t address, const std::vector<std::uint64_t>& words,
                         std::initializer_list<std::uint64_t> pointers = {}) {
    return number(1).number(address).memory(words).fields(pointers);
  }
  HeapDumpWriter& globals(std::uint64_t address, const std::vector<std::uint64_t>& words,
                          std::initializer_list<std::uint64_t> pointers) {
    return number(12).number(address).memory(words).fields(pointers);
  }
  HeapDumpWriter& goroutine(std::uint64_t goid, std::uint64_t status, std::string_view reason) {
    numbers({4, 0xc000001000 + goid * 512, 0x7000, goid, 0x401000, status, 0, 0, 0}).string(reason);
    return numbers({0, 0, 0, 0});
  }
  // Of the goroutine before.
  HeapDumpWriter& frame(std::string_view function, const std::vector<std::uint64_t>& words,
                        std::initializer_list<std::uint64_t> pointers) {
    numbers({5, 0x7000, 0, 0}).memory(words).numbers({0x401000, 0x401010, 0x401010});
    return string(function).fields(pointers);
  }
  HeapDumpWriter& finalizer(std::uint64_t object, std::uint64_t function) {
    return numbers({7, object, function, 0, 0, 0});
  }
  HeapDumpWriter& numbers(std::initializer_list<std::uint64_t> all) {
    for (std::uint64_t one : all) number(one);
    return *this;
  }
  std::string finish() { return text_ + '\0'; }

 private:
  HeapDumpWriter& number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
    return *this;
  }
  HeapDumpWriter& string(std::string_view text) {
    number(text.size());
    text_ += text;
    return *this;
  }
  HeapDumpWriter& memory(const std::vector<std::uint64_t>& words) {
    return string({reinterpret_cast<const char*>(words.data()), words.size() * 8});
  }
  HeapDumpWriter& fields(std::initializer_list<std::uint64_t> pointers) {
    for (std::uint64_t word : pointers) number(1).number(word * 8);
    return number(0);
  }

  std::string text_;
};

}  // namespace goshawk::snapshot::testing
