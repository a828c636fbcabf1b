// Three ways, the surest first. A program that was built in this tree names its files with the
// tree's own path. One that was built with -trimpath names them by module:
// "example.com/shop/a/b.go" is a/b.go below the folder whose go.mod says "module example.com/shop".
// One that was built in another copy of the tree still names packages: "example.com/shop/a.Run" in
// ".../b.go" is that file too. The second and the third must lead to a file that is there. Of
// package main the third tells nothing, for its path is not in the function's name. Only the module
// around the folder is known: files of other modules of the repository are found by the first way
// only.
#include "report/source_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/read_file.h"
#include "findings/function_name.h"

namespace goshawk::report {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostModuleBytes = 1 << 20;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// The nearest folder at or above this one that has such an entry, down to `last`.
std::optional<fs::path> find_above(const fs::path& folder, const char* entry,
                                   const fs::path& last) {
  for (fs::path at = folder;; at = at.parent_path()) {
    if (is_there(at / entry)) return at;
    if (at == last || at == at.root_path()) return std::nullopt;
  }
}

// https://go.dev/ref/mod: `module path` on a line of its own, the path perhaps quoted.
std::string read_module_path(const fs::path& file) {
  auto text = read_file(file.string(), kMostModuleBytes, "");
  if (!text) return "";
  for (std::string_view rest = *text; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    line = line.substr(0, line.find("//"));
    if (!line.starts_with("module") || line.size() < 8 || (line[6] != ' ' && line[6] != '\t'))
      continue;
    line.remove_prefix(6);
    constexpr std::string_view kAround = " \t\r\"`";
    std::size_t first = line.find_first_not_of(kAround);
    if (first == std::string_view::npos) return "";
    return std::string(line.substr(first, line.find_last_not_of(kAround) - first + 1));
  }
  return "";
}

// A foreign path that is asked for on this machine: no control characters, no way out of the tree.
bool is_plain(std::string_view path) {
  if (std::ranges::any_of(path, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return false;
  fs::path parts(path);
  return std::ranges::none_of(parts, [](const fs::path& part) { return part == ".."; });
}

// What the module cache holds is a copy of somebody else's, wherever it lies.
bool is_dependency(std::string_view path) { return path.find("/pkg/mod/") != path.npos; }

// The linker writes a dot in the last element of a package path as %2e.
std::string decode_dots(std::string_view package) {
  std::string text(package);
  for (std::size_t at = text.find("%2e"); at != std::string::npos; at = text.find("%2e", at))
    text.replace(at, 3, ".");
  return text;
}

}  // namespace

SourceTree SourceTree::around(const std::string& folder) {
  SourceTree tree;
  std::error_code error;
  fs::path start = fs::canonical(folder, error);
  if (error) return tree;
  auto repository = find_above(start, ".git", start.root_path());
  auto module = find_above(start, "go.mod", repository.value_or(start.root_path()));
  fs::path root = repository ? *repository : module ? *module : start;
  if (root == root.root_path()) return tree;  // all of the machine: nobody's sources
  tree.root_ = root.string();
  if (!module) return tree;
  tree.module_ = read_module_path(*module / "go.mod");
  if (*module != root)
    tree.module_folder_ = module->lexically_relative(root).generic_string() + '/';
  return tree;
}

std::optional<std::string> SourceTree::find(const findings::CodePlace& place) const {
  if (root_.empty() || place.file.empty() || !is_plain(place.file)) return std::nullopt;
  if (place.file.starts_with('/')) {
    if (auto found = find_absolute(place.file)) return found;
  } else if (auto found = find_in_module(place.file)) {
    return found;
  }
  return find_by_package(place);
}

std::optional<std::string> SourceTree::find_absolute(const std::string& file) const {
  auto below = [&](const std::string& path) -> std::optional<std::string> {
    if (!path.starts_with(root_ + '/') || is_dependency(path)) return std::nullopt;
    return path.substr(root_.size() + 1);
  };
  fs::path path = fs::path(file).lexically_normal();
  if (auto found = below(path.string())) return found;
  std::error_code error;  // through a symbolic link
  fs::path real = fs::canonical(path, error);
  return error ? std::nullopt : below(real.string());
}

std::optional<std::string> SourceTree::find_in_module(std::string_view path) const {
  if (module_.empty() || !path.starts_with(module_ + '/')) return std::nullopt;
  std::string inside = module_folder_ + std::string(path.substr(module_.size() + 1));
  return is_there(fs::path(root_) / inside) ? std::optional(inside) : std::nullopt;
}

std::optional<std::string> SourceTree::find_by_package(const findings::CodePlace& place) const {
  std::string package = decode_dots(findings::package_of(place.function));
  std::string name = place.file.substr(place.file.rfind('/') + 1);
  if (!is_plain(package) || name.empty() || is_dependency(place.file)) return std::nullopt;
  if (auto found = find_in_module(fmt::format("{}/{}", package, name))) return found;
  // The test of a package from outside: package api_test in the folder of api.
  constexpr std::string_view kOutside = "_test";
  if (!package.ends_with(kOutside)) return std::nullopt;
  package.resize(package.size() - kOutside.size());
  return find_in_module(fmt::format("{}/{}", package, name));
}

ShownPlace find_shown_place(const findings::Finding& finding, const SourceTree& sources) {
  std::vector<findings::CodePlace> places = {finding.blocked_at};
  places.insert(places.end(), finding.stack.begin(), finding.stack.end());
  places.push_back(finding.created_at);
  for (const findings::CodePlace& place : places)
    if (auto path = sources.find(place)) return {place, std::move(path)};
  return {finding.blocked_at.function.empty() ? finding.created_at : finding.blocked_at, {}};
}

std::string encode_uri(std::string_view path) {
  constexpr std::string_view kPlain = "-._~/@+";
  std::string text;
  for (char c : path) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    kPlain.contains(c);
    if (is_plain)
      text += c;
    else
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

}  // namespace goshawk::report
