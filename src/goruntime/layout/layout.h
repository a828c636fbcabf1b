// Where the fields of the runtime's structures are, and its constants, for one binary: asked by the
// runtime's own names. Two sources answer: the binary's DWARF, and a table made from real
// toolchains for stripped ones. A fact (facts/) picks what it needs by its bind(); presence of a
// name, never a release number, decides between shapes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace goshawk::goruntime {

struct Field {
  std::uint32_t offset = 0;
  std::uint32_t size_bytes = 0;
};

class LayoutSource {
 public:
  virtual ~LayoutSource() = default;
  virtual std::optional<std::uint64_t> size_of(std::string_view type) const = 0;  // "runtime.g"
  // One level: "goid"; an embedded or nested struct by a dotted path: "sched.pc". An array of
  // structs is entered at its first element; a field of an embedded struct is found as Go promotes
  // it. Atomic types are asked for as a whole: "atomicstatus".
  virtual std::optional<Field> field(std::string_view type, std::string_view name) const = 0;
  // "_Gwaiting" is the runtime's; those of other packages are spelled out:
  // "internal/abi.TFlagNamed".
  virtual std::optional<std::int64_t> constant(std::string_view name) const = 0;
  virtual std::string origin() const = 0;  // "DWARF", "table go1.27 amd64"
  // Which of its sources answers for this type; empty: none does.
  virtual std::string origin_of(std::string_view /*type*/) const { return origin(); }

  // The same as Results, for binds: Missing names the structure and the field.
  Result<Field> need(std::string_view type, std::string_view name) const;
  Result<std::uint32_t> need_offset(std::string_view type, std::string_view name) const;
  Result<std::uint64_t> need_size(std::string_view type) const;
  Result<std::int64_t> need_constant(std::string_view name) const;
};

// A release as the binary says it: "go1.26.1 X:goroutineleakprofile".
struct GoVersion {
  int minor = 0;                                     // 26; 0 for a "devel" that names no release
  int patch = 0;                                     // 0 for release candidates too
  bool development = false;                          // "devel go1.28-0a1b2c3d": between releases
  std::string text;                                  // the whole of it
  std::vector<std::string> experiments() const;      // what X: lists
  bool has_experiment(std::string_view name) const;  // "noswissmap" as X: lists it
};
// nullopt when the text is no Go version at all.
std::optional<GoVersion> parse_go_version(std::string_view text);

// The table's answer for a release and architecture ("amd64", "arm64"). A patch level that no row
// was made from is answered by its neighbour, so what is read by it is to be checked against the
// target. Missing for a release, architecture or experiment that the table does not know.
Result<std::unique_ptr<LayoutSource>> table_layout(const GoVersion& version, std::string_view arch);

}  // namespace goshawk::goruntime
