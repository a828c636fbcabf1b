// The generated tables as a source of layouts, and what they know about themselves.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

namespace generated {
struct LayoutTable;
}  // namespace generated

class TableLayout final : public LayoutSource {
 public:
  // As table_layout().
  static Result<std::unique_ptr<TableLayout>> find(const GoVersion& version, std::string_view arch);
  // For a release newer than all, or between two: the column that comes closest. What is read by it
  // is a guess until it was checked. Missing for another architecture, or an unknown experiment.
  static Result<std::unique_ptr<TableLayout>> find_nearest(const GoVersion& version,
                                                           std::string_view arch);
  static int newest_minor();
  // The builds in which all that `own` describes lies as it says, the oldest first.
  static std::vector<std::unique_ptr<TableLayout>> find_builds(const LayoutSource& own,
                                                               std::string_view arch);
  // By which find() has this build.
  GoVersion version() const;

  std::optional<std::uint64_t> size_of(std::string_view type) const override;
  std::optional<Field> field(std::string_view type, std::string_view path) const override;
  std::optional<std::int64_t> constant(std::string_view name) const override;
  std::string origin() const override;

  // The structures that lie inside of this one, through nameless ones too.
  std::vector<std::string_view> inner_types(std::string_view type) const;
  // The structures that `other` describes by itself, and those of them where it says another size
  // or another place of a field.
  struct Comparison {
    std::size_t described = 0;
    std::vector<std::string_view> different;
  };
  Comparison compare(const LayoutSource& other) const;
  // The structures that both describe, and differently.
  std::vector<std::string_view> find_differences(const LayoutSource& other) const;

  // The structures of the table that both describe, but not alike: one of them is of another
  // program.
  std::vector<std::string_view> find_contradictions(const LayoutSource& one,
                                                    const LayoutSource& other) const;

  // Some release has it: if this one has not, then the table knows that.
  static bool tracks_type(std::string_view type);
  static bool tracks_constant(std::string_view name);
  // Whatever a program of this release does, its debug information (if it has any) describes this
  // type.
  bool is_in_every_program(std::string_view type) const;

 private:
  TableLayout(const generated::LayoutTable& table, std::size_t column, bool nearest)
      : table_(table), column_(column), nearest_(nearest) {}
  bool has_same_fields(std::string_view type, const LayoutSource& other) const;

  const generated::LayoutTable& table_;
  std::size_t column_;
  bool nearest_;  // of another release than the program's
};

}  // namespace goshawk::goruntime
