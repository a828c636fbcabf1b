// The pieces that a SARIF log is made of: texts, rules, places.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "findings/rules.h"
#include "report/json_writer.h"
#include "report/source_tree.h"

namespace goshawk::report {

// "error", "warning", "note"
std::string_view sarif_level(findings::Confidence confidence);

// A foreign text as part of a message: no link, no placeholder, nothing that acts on a terminal.
std::string sarif_message(std::string_view foreign);

// {"text": ...}, of ours or escaped before.
void write_sarif_text(JsonWriter& json, std::string_view text);

// A reportingDescriptor: what `goshawk explain` teaches is its help.
void write_sarif_rule(JsonWriter& json, const findings::Rule& rule);

class SarifPlaces {
 public:
  SarifPlaces(JsonWriter& json, const SourceTree& sources) : json_(json), sources_(sources) {}

  // The value of "originalUriBaseIds".
  void write_bases();
  // A location; `message` and `id` where they are given.
  void write_location(const findings::CodePlace& place, std::string_view message = "",
                      std::optional<std::uint64_t> id = {});
  // The members "stacks" and "codeFlows", if the stack is known: as it is, innermost first; and as
  // a flow, which more readers show, from the go statement to where it waits.
  void write_ways(const findings::Finding& finding);

 private:
  struct Artifact {
    std::string uri;        // "": no file
    std::string_view base;  // "": the URI is absolute
  };
  Artifact artifact_of(const findings::CodePlace& place) const;
  void write_base(std::string_view name, std::string_view what);
  void write_physical(const findings::CodePlace& place);
  void write_step(const findings::CodePlace& place, std::string_view message = "");

  JsonWriter& json_;
  const SourceTree& sources_;
};

}  // namespace goshawk::report
