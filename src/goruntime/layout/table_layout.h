// The generated table as a source of layouts, and what it knows about itself.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

class TableLayout final : public LayoutSource {
 public:
  // As table_layout().
  static Result<std::unique_ptr<TableLayout>> find(const GoVersion& version, std::string_view arch);

  std::optional<std::uint64_t> size_of(std::string_view type) const override;
  std::optional<Field> field(std::string_view type, std::string_view path) const override;
  std::optional<std::int64_t> constant(std::string_view name) const override;
  std::string origin() const override;

  // Some release has it: if this one has not, then the table knows that.
  static bool tracks_type(std::string_view type);
  static bool tracks_constant(std::string_view name);
  // Whatever a program does, its debug information (if it has any) describes this type.
  static bool is_in_every_program(std::string_view type);

 private:
  explicit TableLayout(std::size_t column) : column_(column) {}
  std::size_t column_;
};

}  // namespace goshawk::goruntime
