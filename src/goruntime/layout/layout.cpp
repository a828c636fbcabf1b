// What is common to all sources of layout, and the reading of a Go version's text.
//
// A version text is one of (cmd/dist, internal/buildcfg):
//   go1.N  go1.N.P  go1.NrcM  go1.NbetaM     with anything after a space, "X:a,b" among it; newer
//                                            toolchains put a dash there, "go1.27.4-X:a,b"
//   devel go1.N-HASH DATE...                 between releases
//   devel +HASH DATE...                      older still: no release to be known
// Distributions append suffixes ("go1.19.8-debian"), which are ignored.
#include "goruntime/layout/layout.h"

#include <algorithm>
#include <charconv>

namespace goshawk::goruntime {
namespace {

constexpr int kLargestNumber = 9999;  // what follows "go1." is foreign text

// Reads a number off the front of `text`; nullopt when there is none.
std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0 || value > kLargestNumber) return std::nullopt;
  text.remove_prefix(end - text.data());
  return value;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Error missing(std::string_view what, const LayoutSource& source) {
  return Missing{std::string(what), "reading this program's structures by its " + source.origin()};
}

}  // namespace

Result<Field> LayoutSource::need(std::string_view type, std::string_view name) const {
  if (auto found = field(type, name)) return *found;
  return fail(missing("the field " + std::string(name) + " of " + std::string(type), *this));
}

Result<std::uint32_t> LayoutSource::need_offset(std::string_view type,
                                                std::string_view name) const {
  return TRY(need(type, name)).offset;
}

Result<std::uint64_t> LayoutSource::need_size(std::string_view type) const {
  if (auto found = size_of(type)) return *found;
  return fail(missing("the structure " + std::string(type), *this));
}

Result<std::int64_t> LayoutSource::need_constant(std::string_view name) const {
  if (auto found = constant(name)) return *found;
  return fail(missing("the constant " + std::string(name), *this));
}

std::optional<GoVersion> parse_go_version(std::string_view text) {
  GoVersion version;
  version.text = text;
  version.development = take(text, "devel ");
  if (version.development && take(text, "+")) return version;
  if (!take(text, "go1.")) return std::nullopt;
  auto minor = take_number(text);
  if (!minor) return std::nullopt;
  version.minor = *minor;
  if (take(text, ".")) version.patch = take_number(text).value_or(0);
  return version;
}

// "go1.25.14 X:arenas,jsonv2"; "go1.27.4-X:arenas,jsonv2".
std::vector<std::string> GoVersion::experiments() const {
  std::vector<std::string> names;
  std::size_t at = text.find("X:");
  if (at == 0 || (at != std::string::npos && text[at - 1] != ' ' && text[at - 1] != '-'))
    at = std::string::npos;
  if (at == std::string::npos) return names;
  std::string_view list = std::string_view(text).substr(at + 2);
  list = list.substr(0, list.find(' '));
  while (!list.empty()) {
    std::string_view name = list.substr(0, list.find(','));
    if (!name.empty()) names.emplace_back(name);
    list.remove_prefix(std::min(list.size(), name.size() + 1));
  }
  return names;
}

bool GoVersion::has_experiment(std::string_view name) const {
  std::vector<std::string> names = experiments();
  return std::ranges::find(names, name) != names.end();
}

}  // namespace goshawk::goruntime
