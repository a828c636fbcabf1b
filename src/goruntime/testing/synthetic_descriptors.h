// For tests: type descriptors in a program's memory, as the compiler writes them.
#pragma once

#include <string>
#include <vector>

#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime {

class SyntheticDescriptors {
 public:
  static constexpr Address kTypes{0x500000};
  static constexpr std::uint64_t kBytes = 0x4000;

  struct FieldText {
    std::string name;
    Address type;
    std::uint64_t offset = 0;
    bool embedded = false;
  };

  SyntheticDescriptors() {
    memory.map(kTypes, kBytes);
    runtime = add_name("runtime", 0);
    word = add_type("uintptr", 12, 8);
    gobuf = add_struct("*runtime.gobuf", 24, {{"sp", word, 0}, {"pc", word, 8}, {"g", word, 16}});
  }

  // A flag byte, a length, the text.
  Address add_name(const std::string& text, std::uint8_t flags) {
    Address at = end_;
    memory.write(at, flags);
    memory.write(at + 1, static_cast<std::uint8_t>(text.size()));
    memory.write_text(at + 2, text);
    end_ = Address((end_.value() + text.size() + 2 + 7) / 8 * 8);
    return at;
  }

  Address add_type(const std::string& name, std::uint8_t kind, std::uint64_t size_bytes,
                   std::uint64_t more_bytes = 0) {
    Address text = add_name(name, 0), at = end_;
    memory.write(at, size_bytes);
    memory.write(at + 20, static_cast<std::uint8_t>(4 | (name.starts_with('*') ? 2 : 0)));
    memory.write(at + 23, kind);
    memory.write(at + 40, static_cast<std::int32_t>(text - kTypes));
    end_ = end_ + 48 + more_bytes;
    return at;
  }

  Address add_array(Address element, std::uint64_t size_bytes) {
    Address at = add_type("[2]T", 17, size_bytes, 24);
    memory.write_pointer(at + 48, element);
    return at;
  }

  Address add_struct(const std::string& name, std::uint64_t size_bytes,
                     const std::vector<FieldText>& fields) {
    return add_struct_of(runtime, name, size_bytes, fields);
  }
  Address add_struct_of(Address package, const std::string& name, std::uint64_t size_bytes,
                        const std::vector<FieldText>& fields) {
    std::vector<Address> names;
    for (const FieldText& field : fields)
      names.push_back(add_name(field.name, field.embedded ? 8 : 0));
    Address at = add_type(name, 25, size_bytes, 32), rows = end_;
    memory.write_pointer(at + 48, package);
    memory.write_pointer(at + 56, rows);
    memory.write(at + 64, fields.size());
    memory.write(at + 72, fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      memory.write_pointer(rows + i * 24, names[i]);
      memory.write_pointer(rows + i * 24 + 8, fields[i].type);
      memory.write(rows + i * 24 + 16, fields[i].offset);
    }
    end_ = end_ + fields.size() * 24;
    return at;
  }

  Address add_g() {
    return add_struct("*runtime.g", 64, {{"m", word, 0}, {"sched", gobuf, 8}, {"goid", word, 40}});
  }

  SyntheticMemory memory;
  Address runtime, word, gobuf;  // the package's name, uintptr, a structure to put into others

 private:
  Address end_ = kTypes + 8;
};

}  // namespace goshawk::goruntime
