// What `doctor` shows: what works on a target and on this machine, and why the rest does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// A line that lifts what stands in the way.
struct DiagnosedRemedy {
  std::string place;  // "shell", "container", "kubernetes"
  std::string line;
};

struct DiagnosedCondition {
  enum class State : std::uint8_t { kFine, kBlocks, kUnknown };
  std::string name, found;
  State state = State::kFine;
  std::vector<DiagnosedRemedy> remedies = {};
};

// Of what the program is, by its files; of a snapshot there are none.
struct DiagnosedBuild {
  std::string path, why_not;  // why_not: it could not be opened
  std::string build_id, go_version, arch, main_path;
  std::vector<std::pair<std::string, std::string>> settings;
  bool has_build_information = false;
  bool position_independent = false, dynamically_linked = false;
  bool has_symbol_table = false, has_debug_information = false;
  std::vector<std::string> modules;
};

struct DiagnosedFeature {
  enum class State : std::uint8_t { kWorks, kUntried, kPartly, kOff };
  std::string name;
  State state = State::kWorks;
  std::string why, help;                  // of one that is off, or works in part only
  std::vector<std::string> needs;         // facts
  std::vector<std::string> untried = {};  // those of them that nothing here could contradict
};

struct Diagnosis {
  snapshot::TargetFacts target;
  std::string subject;  // "process 4711 (shop)", "the core core.4711"
  std::string kernel;
  std::optional<DiagnosedBuild> build;
  std::vector<DiagnosedCondition> conditions;
  std::vector<snapshot::Binding> facts;
  std::vector<DiagnosedFeature> features;
  std::vector<snapshot::Doubt> doubts;
  std::optional<snapshot::PictureFacts> picture;
  std::uint64_t goroutines = 0, objects = 0;
  std::uint64_t of_runtime = 0;  // of the goroutines: the runtime's own
  // Why `goshawk leaks` gets no picture; nothing: it does.
  std::optional<Error> error;
  bool lists_goroutines = false;  // though there is an error
};

// "Everything works on this process", or what does not.
std::string diagnosis_headline(const Diagnosis& diagnosis);

// "holds", "FAILED" ...
std::string_view standing_word(snapshot::Standing standing);

// "512 of 512 spans whose arena names them".
std::string describe_check(const snapshot::Binding& binding);

// style.all: every fact and condition.
void render_diagnosis_text(Output& out, const Diagnosis& diagnosis, const TextStyle& style);
void render_diagnosis_json(Output& out, const Diagnosis& diagnosis);

}  // namespace goshawk::report
