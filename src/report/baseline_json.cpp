// One finding a line, so that a version control system shows what came and what went, and merges
// two changes.
#include "report/baseline_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "report/code_points.h"
#include "report/foreign_text.h"
#include "report/json_parts.h"
#include "report/json_writer.h"

namespace goshawk::report {

using findings::KnownFinding;

namespace {

auto order_of(const KnownFinding& finding) {
  return std::tie(finding.rule, finding.blocked_in, finding.created_by, finding.fingerprint);
}

std::string line_of(const KnownFinding& finding) {
  StringOutput line;
  JsonWriter json(line);
  json.begin_object();
  json.member("fingerprint", finding.fingerprint);
  json.member("rule", finding.rule);
  json.member("blocked_in", finding.blocked_in);
  json.member("created_by", finding.created_by);
  json.end_object();
  return line.text();
}

// A basic string of TOML that holds ASCII only.
std::string toml_text(std::string_view foreign) {
  std::string text = "\"";
  std::string escaped = escape_controls(foreign);
  for (std::string_view rest = escaped; !rest.empty();) {
    std::size_t length = utf8_sequence_length(rest);
    if (length > 1)
      text += fmt::format("\\U{:08x}", decode_utf8(rest.substr(0, length)));
    else if (rest.front() == '"' || rest.front() == '\\')
      text += {'\\', rest.front()};
    else
      text += rest.front();
    rest.remove_prefix(length);
  }
  return text + '"';
}

}  // namespace

void render_baseline_json(Output& out, std::vector<KnownFinding> known) {
  // Closures have other numbers in another build: of several names the first one stays.
  std::ranges::sort(known, {}, [](const KnownFinding& finding) {
    return std::tuple_cat(std::tie(finding.fingerprint), order_of(finding));
  });
  auto [first, last] = std::ranges::unique(known, {}, &KnownFinding::fingerprint);
  known.erase(first, last);
  std::ranges::sort(known, {}, order_of);
  out.write(fmt::format("{{\n  \"schema\": {},\n  \"baseline\": [", kJsonSchema));
  for (const KnownFinding& finding : known)
    out.write(fmt::format("{}\n    {}", &finding == &known.front() ? "" : ",", line_of(finding)));
  out.write(known.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

void render_suppression_draft(Output& out, std::vector<KnownFinding> known) {
  std::ranges::sort(known, {}, order_of);
  auto functions = [](const KnownFinding& finding) {
    return std::tie(finding.rule, finding.blocked_in, finding.created_by);
  };
  auto [first, last] = std::ranges::unique(known, {}, functions);
  known.erase(first, last);
  for (const KnownFinding& finding : known) {
    out.write(fmt::format("[[suppress]]\nreason = \"\"  # why it may stay: required\nrule = {}\n",
                          toml_text(finding.rule)));
    if (!finding.blocked_in.empty())
      out.write(fmt::format("top = {}\n", toml_text(finding.blocked_in)));
    if (!finding.created_by.empty())
      out.write(fmt::format("created_by = {}\n", toml_text(finding.created_by)));
    out.write("\n");
  }
}

}  // namespace goshawk::report
