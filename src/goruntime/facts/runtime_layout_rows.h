// The rows of the generated tables of runtime layouts, one table a minor release. A row holds for
// every column of its table whose bit it has.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace goshawk::goruntime::generated {

// One build: a release, an architecture, and the experiments that differ from its default.
struct LayoutColumn {
  std::uint8_t minor;
  std::uint8_t patch;
  std::string_view arch;
  std::string_view experiments;
};

struct LayoutTypeRow {
  std::string_view name;  // sorted; "" for an anonymous structure, which only a field leads to
  bool in_every_program;  // the debug information of any program of this release describes it
  std::uint32_t first_size, end_size;
  std::uint32_t first_field, end_field;
};

struct LayoutSizeRow {
  std::uint64_t columns;
  std::uint64_t size_bytes;
};

struct LayoutFieldRow {
  std::string_view name;
  std::uint64_t columns;
  std::uint32_t offset;
  std::uint32_t size_bytes;
  std::int32_t
      type;  // row of the structure that it is, or is an array of; -1: none that the table has
};

struct LayoutConstantRow {
  std::string_view name;  // sorted, with its package: "runtime._Gwaiting"
  std::uint64_t columns;
  std::int64_t value;
};

struct LayoutTable {
  int minor;
  std::span<const LayoutColumn> columns;
  std::span<const LayoutTypeRow> types;
  std::span<const LayoutSizeRow> sizes;
  std::span<const LayoutFieldRow> fields;
  std::span<const LayoutConstantRow> constants;
};

}  // namespace goshawk::goruntime::generated
