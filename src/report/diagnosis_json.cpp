// `doctor` for scripts: docs/schema/doctor.json.
#include <fmt/format.h>

#include "report/diagnosis.h"
#include "report/json_parts.h"

namespace goshawk::report {
namespace {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_build(JsonWriter& json, const std::optional<DiagnosedBuild>& build) {
  json.key("build");
  if (!build) return json.null();
  json.begin_object();
  json.member("path", build->path);
  json.member("opened", build->why_not.empty());
  json.member("why_not", build->why_not);
  json.member("build_id", build->build_id);
  json.member("go", build->go_version);
  json.member("arch", build->arch);
  json.member("main_package", build->main_path);
  json.member("build_information", build->has_build_information);
  json.member("position_independent", build->position_independent);
  json.member("dynamically_linked", build->dynamically_linked);
  json.member("symbol_table", build->has_symbol_table);
  json.member("debug_information", build->has_debug_information);
  json.key("settings");
  json.begin_array();
  for (const auto& [name, value] : build->settings) {
    json.begin_object();
    json.member("name", name);
    json.member("value", value);
    json.end_object();
  }
  json.end_array();
  write_texts(json, "modules", build->modules);
  json.end_object();
}

const char* state_word(DiagnosedCondition::State state) {
  switch (state) {
    case DiagnosedCondition::State::kFine:
      return "fine";
    case DiagnosedCondition::State::kBlocks:
      return "blocks";
    case DiagnosedCondition::State::kUnknown:
      return "unknown";
  }
  return "";
}

void write_condition(JsonWriter& json, const DiagnosedCondition& condition) {
  json.begin_object();
  json.member("name", condition.name);
  json.member("found", condition.found);
  json.member("state", state_word(condition.state));
  json.key("remedies");
  json.begin_array();
  for (const DiagnosedRemedy& remedy : condition.remedies) {
    json.begin_object();
    json.member("place", remedy.place);
    json.member("line", remedy.line);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

const char* state_word(snapshot::Standing standing) {
  return standing == snapshot::Standing::kFailed ? "failed" : standing_word(standing).data();
}

void write_fact(JsonWriter& json, const snapshot::Binding& fact) {
  json.begin_object();
  json.member("fact", fact.fact);
  json.member("how", fact.how);
  json.member("check", fact.check);
  json.member("passed", fact.passed);
  json.member("checked", fact.checked);
  json.member("state", state_word(fact.standing));
  json.end_object();
}

const char* state_word(DiagnosedFeature::State state) {
  switch (state) {
    case DiagnosedFeature::State::kWorks:
      return "works";
    case DiagnosedFeature::State::kUntried:
      return "untried";
    case DiagnosedFeature::State::kPartly:
      return "partly";
    case DiagnosedFeature::State::kOff:
      return "off";
  }
  return "";
}

void write_feature(JsonWriter& json, const DiagnosedFeature& feature) {
  json.begin_object();
  json.member("name", feature.name);
  json.member("state", state_word(feature.state));
  json.member("why", feature.why);
  json.member("help", feature.help);
  write_texts(json, "needs", feature.needs);
  write_texts(json, "untried", feature.untried);
  json.end_object();
}

template <typename Element, typename Write>
void write_array(JsonWriter& json, std::string_view name, const std::vector<Element>& elements,
                 Write write) {
  json.key(name);
  json.begin_array();
  for (const Element& element : elements) write(json, element);
  json.end_array();
}

void write_doubt(JsonWriter& json, const snapshot::Doubt& doubt) {
  json.begin_object();
  json.member("what", doubt.what);
  json.member("spoils_proof", doubt.spoils_proof);
  json.end_object();
}

}  // namespace

void render_diagnosis_json(Output& out, const Diagnosis& diagnosis) {
  JsonWriter json(out);
  json.begin_object();
  json.member("schema", kJsonSchema);
  json.key("target");
  write_target(json, diagnosis.target);
  json.member("verdict", diagnosis_headline(diagnosis));
  json.member("error", diagnosis.error ? std::optional(describe(*diagnosis.error)) : std::nullopt);
  json.member("denied", diagnosis.error && std::holds_alternative<Denied>(*diagnosis.error));
  json.key("picture");
  if (diagnosis.picture)
    write_picture(json, *diagnosis.picture);
  else
    json.null();
  json.member("goroutines", diagnosis.goroutines);
  json.member("runtime_goroutines", diagnosis.of_runtime);
  json.member("objects", diagnosis.objects);
  json.member("kernel", diagnosis.kernel);
  write_build(json, diagnosis.build);
  write_array(json, "conditions", diagnosis.conditions, write_condition);
  write_array(json, "facts", diagnosis.facts, write_fact);
  write_array(json, "features", diagnosis.features, write_feature);
  write_array(json, "doubts", diagnosis.doubts, write_doubt);
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
