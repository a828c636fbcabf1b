// The list is that of $GOROOT/src. A package that a release to come adds is taken for one of the
// program, which is the careful side: nothing is assumed of its code.
#include "goruntime/symbols/function_package.h"

#include <algorithm>
#include <array>

namespace goshawk::goruntime {
namespace {

constexpr auto kFirstElements = std::to_array<std::string_view>(
    {"archive", "arena",   "bufio",    "builtin", "bytes",   "cmp",      "compress", "container",
     "context", "crypto",  "database", "debug",   "embed",   "encoding", "errors",   "expvar",
     "flag",    "fmt",     "go",       "hash",    "html",    "image",    "index",    "internal",
     "io",      "iter",    "log",      "maps",    "math",    "mime",     "net",      "os",
     "path",    "plugin",  "reflect",  "regexp",  "runtime", "simd",     "slices",   "sort",
     "strconv", "strings", "structs",  "sync",    "syscall", "testing",  "text",     "time",
     "unicode", "unique",  "unsafe",   "uuid",    "vendor",  "weak"});

}  // namespace

std::string_view package_of(std::string_view function) {
  function = function.substr(0, function.find('['));  // type arguments have paths of their own
  std::size_t path = function.rfind('/');
  std::size_t dot = function.find('.', path == std::string_view::npos ? 0 : path);
  return dot == std::string_view::npos ? std::string_view() : function.substr(0, dot);
}

bool is_of_standard_library(std::string_view function) {
  std::string_view package = package_of(function);
  return std::ranges::find(kFirstElements, package.substr(0, package.find('/'))) !=
         kFirstElements.end();
}

}  // namespace goshawk::goruntime
