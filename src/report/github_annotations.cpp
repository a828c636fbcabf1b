// The escapes are those of the toolkit that GitHub publishes (actions/toolkit, command.ts): a
// message has % and line breaks encoded, a property also : and the comma. Text that is not ours
// never begins a line, so that it cannot be a command itself.
// The place is the one that the reader's repository has (find_shown_place); a finding with none in
// it is annotated without a file, for GitHub cannot show others.
#include "report/github_annotations.h"

#include <fmt/format.h>

#include <string>

#include "report/finding_text.h"
#include "report/foreign_text.h"
#include "report/leaks_headline.h"

namespace goshawk::report {

using findings::Confidence;
using findings::Finding;

namespace {

constexpr std::size_t kColumns = 100;

std::string_view command_of(Confidence confidence) {
  if (confidence == Confidence::kProven) return "error";
  return confidence == Confidence::kLikely ? "warning" : "notice";
}

std::string encode(std::string_view text, std::string_view encoded) {
  std::string out;
  for (char c : text) {
    if (encoded.contains(c))
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

std::string message_text(std::string_view text) { return encode(text, "%\r\n"); }
std::string property_text(std::string_view text) {
  return encode(escape_controls(text), "%\r\n:,");
}

// The runner takes commands of its older form out of the middle of a line.
std::string plain_text(std::string_view text) {
  std::string out = escape_controls(text);
  for (std::size_t at = out.find("##["); at != std::string::npos; at = out.find("##[", at))
    out.insert(at + 2, 1, ' ');
  return out;
}

void render_annotation(Output& out, const Finding& finding, const SourceTree& sources) {
  StringOutput message;
  message.write(fmt::format("{} ({}, {})\n", escape_controls(finding_title(finding)),
                            findings::to_text(finding.confidence), escape_controls(finding.rule)));
  render_finding_text(message, finding, {.palette = {}, .columns = kColumns});
  std::string_view text = message.text();
  text.remove_suffix(1);  // the last line break
  std::string properties;
  ShownPlace shown = find_shown_place(finding, sources);
  if (shown.path) properties = fmt::format("file={},", property_text(*shown.path));
  if (shown.path && shown.place.line > 0) properties += fmt::format("line={},", shown.place.line);
  std::string title = finding.test.empty() ? finding.rule : finding.test + ": " + finding.rule;
  out.write(fmt::format("::{} {}title={}::{}\n", command_of(finding.confidence), properties,
                        property_text(title), message_text(text)));
}

// For whoever reads the log: the answer is never told without what it rests on.
void render_log(Output& out, const Judged& judged) {
  auto line = [&](std::string_view text) {
    out.write(fmt::format("goshawk: {}\n", plain_text(text)));
  };
  line(fmt::format("{}: {}", describe(judged), headline(judged.verdict)));
  line(checked_text(judged.verdict.checked, judged.of_runtime));
  for (const std::string& text : undecided_texts(judged.verdict.checked)) line(text);
  for (const std::string& doubt : judged.verdict.doubts) line("Doubt: " + doubt);
}

}  // namespace

void render_github_annotations(Output& out, std::span<const Judged> processes,
                               const SourceTree& sources) {
  for (const Judged& judged : processes)
    for (const Finding& finding : judged.verdict.findings)
      if (finding.known != true) render_annotation(out, finding, sources);
  for (const Judged& judged : processes) render_log(out, judged);
}

}  // namespace goshawk::report
