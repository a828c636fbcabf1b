// Where the sources lie for whoever reads a report: viewers and code hosts want paths that are told
// from the root of the repository, while a program names the place where it was built, or, with
// -trimpath, module paths.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "findings/finding.h"

namespace goshawk::report {

class SourceTree {
 public:
  SourceTree() = default;  // has no file in it

  // The repository around this folder: from the nearest one above it, or itself, with a .git; else
  // from that with its go.mod; else from the folder itself. Reads at most that go.mod.
  static SourceTree around(const std::string& folder);

  // The path from the root, with slashes: "api/handler.go". Nothing: it is not, or not known to be,
  // a file of this tree.
  std::optional<std::string> find(const findings::CodePlace& place) const;

  const std::string& root() const { return root_; }  // absolute; "": there is none

 private:
  std::optional<std::string> find_absolute(const std::string& file) const;
  std::optional<std::string> find_in_module(std::string_view path) const;
  std::optional<std::string> find_by_package(const findings::CodePlace& place) const;

  std::string root_;
  std::string module_;         // its path: "example.com/shop"; "": not known
  std::string module_folder_;  // from the root, with a slash behind it: "services/"; "": the root
};

// The place of a finding that a reader of these sources should look at.
struct ShownPlace {
  findings::CodePlace place;
  std::optional<std::string> path;  // from the tree's root; nothing: it is not in the tree
};

// Where it blocks. Where that is in somebody else's code: the innermost frame that is in the tree,
// else the go statement if that is.
ShownPlace find_shown_place(const findings::Finding& finding, const SourceTree& sources);

// A path as a URI: whatever is not plain is percent-encoded, byte by byte.
std::string encode_uri(std::string_view path);

}  // namespace goshawk::report
