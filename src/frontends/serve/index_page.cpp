// One page without scripts, pictures or anything that would be loaded from elsewhere.
#include "frontends/serve/index_page.h"

#include <fmt/format.h>

#include "report/foreign_text.h"

namespace goshawk::frontends::serve {
namespace {

struct Row {
  std::string_view link, text;
};
constexpr Row kRows[] = {
    {"/debug/pprof/goroutine?debug=1", "goroutines, those with the same stack together"},
    {"/debug/pprof/goroutine?debug=2", "goroutines one by one: the runtime's own dump"},
    {"/debug/pprof/goroutine", "the same as a profile, for <code>go tool pprof</code>"},
    {"/debug/goshawk/leaks?format=text", "what leaks, and why"},
    {"/debug/goshawk/leaks", "the same as JSON"},
    {"/debug/pprof/goroutineleak?debug=1", "goroutines that are proven to be leaked"},
    {"/debug/pprof/goroutineleak", "the same as a profile"},
    {"/debug/pprof/heap?debug=1", "who allocated what is in use, as it was sampled"},
    {"/debug/pprof/heap", "who allocated what is in use, as a profile"},
    {"/debug/pprof/allocs", "who allocated what at any time, as a profile"},
};

constexpr std::string_view kPage = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{0}</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; }}
td {{ padding: 0.2em 1em 0.2em 0; vertical-align: top; }}
</style>
</head>
<body>
<h1>{0}</h1>
<p>Served by Goshawk from outside: the process has no endpoint of its own to do with this. Each of these stops it for an instant
to look at it (heap and allocs do not), and none changes anything in it.</p>
<table>
{1}</table>
</body>
</html>
)";

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (char c : report::escape_controls(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string render_index_page(std::string_view title) {
  std::string rows;
  for (const Row& row : kRows)
    rows +=
        fmt::format("<tr><td><a href=\"{0}\">{0}</a></td><td>{1}</td></tr>\n", row.link, row.text);
  return fmt::format(kPage, escape_html(title), rows);
}

}  // namespace goshawk::frontends::serve
