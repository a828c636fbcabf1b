// The screen: the verdict first, then the target, what the machine allows, the facts, the features.
// What is in order is summed up; what is not has its own lines, with what would help. Names and
// paths come from the target and pass through escape_controls.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/diagnosis.h"
#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/picture_lines.h"

namespace goshawk::report {

using snapshot::Binding;
using snapshot::Standing;

namespace {

using Condition = DiagnosedCondition;
using Feature = DiagnosedFeature;

constexpr std::size_t kLabelColumns = 10;
constexpr std::size_t kStandingColumns = 8;

std::string list(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string remedy_label(const std::string& place) {
  if (place == "kubernetes") return "Kubernetes";
  return place == "container" ? "container" : "do";
}

class Screen {
 public:
  Screen(Output& out, const Diagnosis& diagnosis, const TextStyle& style)
      : out_(out), diagnosis_(diagnosis), style_(style) {}

  void render() {
    render_headline();
    render_target();
    render_machine();
    render_facts();
    render_features();
    render_doubts();
    render_next();
  }

 private:
  bool is_sound() const {
    return !diagnosis_.error && std::ranges::none_of(diagnosis_.features, [](const Feature& f) {
      return f.state == Feature::State::kOff;
    });
  }

  void write_line(const std::string& text) { out_.write(text + "\n"); }

  // A section's text beside its name, which stands only once.
  void write(const std::string& text) {
    std::string label = std::exchange(label_, "");
    std::string wrapped = wrap_text(escape_controls(text), kLabelColumns, style_.columns);
    write_line(style_.palette.bold(label) + std::string(kLabelColumns - label.size(), ' ') +
               wrapped);
  }
  void begin(std::string label) {
    write_line("");
    label_ = std::move(label);
  }

  // Under a section: a word in colour, then text that hangs behind it.
  void write_marked(const std::string& word, const std::string& colored, const std::string& text) {
    std::string label = std::exchange(label_, "");
    std::size_t hanging = kLabelColumns + kStandingColumns;
    std::string wrapped = wrap_text(escape_controls(text), hanging, style_.columns);
    write_line(style_.palette.bold(label) + std::string(kLabelColumns - label.size(), ' ') +
               colored + std::string(kStandingColumns - word.size(), ' ') + wrapped);
  }

  // Lines to be copied are not broken: a broken one does something else.
  void write_remedies(const std::vector<DiagnosedRemedy>& remedies) {
    for (const DiagnosedRemedy& remedy : remedies)
      write_line(fmt::format("{:{}}{:<12}{}", "", kLabelColumns + kStandingColumns,
                             remedy_label(remedy.place), escape_controls(remedy.line)));
  }

  void render_headline() {
    std::string text =
        wrap_text(escape_controls(diagnosis_headline(diagnosis_)), 0, style_.columns);
    write_line(is_sound() ? style_.palette.good(text) : style_.palette.bad(text));
    const snapshot::TargetFacts& target = diagnosis_.target;
    std::string about = diagnosis_.subject;
    for (const std::string& part : {target.executable, target.go_version + " " + target.arch})
      if (part.size() > 1) about += ", " + part;
    write_line(wrap_text(escape_controls(about), 0, style_.columns));
  }

  std::string describe_symbols(const DiagnosedBuild& build) const {
    if (build.has_debug_information)
      return build.has_symbol_table ? "debug information and a symbol table"
                                    : "debug information, no symbol table";
    return build.has_symbol_table ? "a symbol table, no debug information"
                                  : "stripped: no debug information, no symbol table";
  }

  // What the go command always writes down (the defaults of GODEBUG, flags that are not set) only
  // hides the rest.
  bool shows_setting(std::string_view name, std::string_view value) const {
    return style_.all || (!value.empty() && !name.starts_with("vcs") && name != "DefaultGODEBUG");
  }

  // DefaultGODEBUG is a list of dozens without a blank.
  static std::string with_room_to_break(std::string_view value) {
    std::string text;
    for (char c : value) text.append(c == ',' ? ", " : std::string_view(&c, 1));
    return text;
  }

  std::string describe_settings(const DiagnosedBuild& build) const {
    if (!build.has_build_information) return "no build information is in it";
    std::vector<std::string> words;
    for (const auto& [name, value] : build.settings)
      if (shows_setting(name, value))
        words.push_back(fmt::format("{}={}", name, with_room_to_break(value)));
    return "built with " + list(words);
  }

  void render_target() {
    begin("Target");
    if (!diagnosis_.build) {
      render_picture();
      return;
    }
    const DiagnosedBuild& build = *diagnosis_.build;
    if (!build.why_not.empty()) {
      write("its executable could not be opened" +
            (diagnosis_.error && std::holds_alternative<Denied>(*diagnosis_.error)
                 ? std::string(" either")
                 : ": " + build.why_not));
    } else {
      write(fmt::format(
          "{}, {}; {}", build.position_independent ? "position independent" : "at a fixed address",
          build.dynamically_linked ? "dynamically linked" : "static", describe_symbols(build)));
      if (!build.build_id.empty()) write("build id " + build.build_id);
      if (!build.main_path.empty()) write("main package " + build.main_path);
      write(describe_settings(build));
    }
    if (build.modules.size() > 1)
      write(fmt::format("{} Go modules, plugins among them: {}", build.modules.size(),
                        list(build.modules)));
    render_picture();
  }

  void render_picture() {
    if (!diagnosis_.picture) return;
    const snapshot::PictureFacts& picture = *diagnosis_.picture;
    std::string text =
        fmt::format("{}{}", goroutines_text(diagnosis_.goroutines, diagnosis_.of_runtime),
                    picture.has_references ? ", " + plural(diagnosis_.objects, "heap object") : "");
    if (picture.pause_ns > 0)
      text += fmt::format("; the process stood still for {}", human_duration(picture.pause_ns));
    if (picture.way == "track") text += ", and was read ahead of that, its writes being tracked";
    if (picture.way == "twin") text += ", and was read beside a twin of it";
    if (!picture.way_reason.empty())
      text += (picture.way == "twin" ? ", not ahead of the stop: "
                                     : ", while it was read: no twin, for ") +
              picture.way_reason;
    write(text);
  }

  void render_machine() {
    begin("Machine");
    write(diagnosis_.kernel);
    std::size_t blocking = 0;
    for (const Condition& condition : diagnosis_.conditions) {
      bool blocks = condition.state == Condition::State::kBlocks;
      blocking += blocks ? 1 : 0;
      if (!blocks && !style_.all) continue;
      std::string word = blocks                                       ? "BLOCKS"
                         : condition.state == Condition::State::kFine ? "fine"
                                                                      : "?";
      write_marked(word, blocks ? style_.palette.bad(word) : style_.palette.good(word),
                   condition.name + ": " + condition.found);
      if (blocks) write_remedies(condition.remedies);
    }
    if (blocking > 0 || diagnosis_.conditions.empty() || style_.all) return;
    std::string text = diagnosis_.conditions.front().found;
    if (diagnosis_.conditions.size() > 1)
      text +=
          fmt::format("; none of {} conditions stands in the way", diagnosis_.conditions.size());
    write(text);
  }

  std::string count_standings() const {
    std::map<Standing, std::size_t> counts;
    for (const Binding& fact : diagnosis_.facts) ++counts[fact.standing];
    std::string text =
        fmt::format("{} checked on the {} and true", counts[Standing::kHolds],
                    diagnosis_.target.kind == "snapshot" ? "process when this was saved"
                                                         : diagnosis_.target.kind);
    for (auto [standing, words] :
         {std::pair(Standing::kMostly, "true but for a few"),
          std::pair(Standing::kUntried, "believed unchecked, nothing here contradicts them"),
          std::pair(Standing::kFailed, "contradicted"), std::pair(Standing::kMissing, "not found")})
      if (counts[standing] > 0) text += fmt::format(", {} {}", counts[standing], words);
    return text;
  }

  std::string count_sources() const {
    std::map<std::string, std::size_t> counts;
    for (const Binding& fact : diagnosis_.facts)
      if (!fact.how.empty()) ++counts[fact.how];
    std::vector<std::pair<std::size_t, std::string>> order;
    for (const auto& [how, count] : counts) order.emplace_back(count, how);
    std::ranges::sort(order, std::greater());
    std::vector<std::string> words;
    for (const auto& [count, how] : order) words.push_back(fmt::format("{} {}", how, count));
    return "found by: " + list(words);
  }

  std::string describe_fact(const Binding& fact) const {
    std::string how = fact.how.empty() ? "" : " by " + fact.how;
    return fmt::format("{}{}: {}", fact.fact, how, describe_check(fact));
  }

  void render_facts() {
    if (diagnosis_.facts.empty()) return;
    begin("Facts");
    write(count_standings());
    write(count_sources());
    for (const Binding& fact : diagnosis_.facts) {
      bool good = fact.standing == Standing::kHolds || fact.standing == Standing::kUntried;
      if (good && !style_.all) continue;
      std::string word(standing_word(fact.standing));
      std::string colored = fact.standing == Standing::kFailed ? style_.palette.bad(word)
                            : good                             ? style_.palette.good(word)
                                                               : style_.palette.warning(word);
      write_marked(word, colored, describe_fact(fact));
    }
  }

  void render_features() {
    if (diagnosis_.features.empty()) return;
    begin("Features");
    std::map<Feature::State, std::vector<std::string>> names;
    for (const Feature& feature : diagnosis_.features) names[feature.state].push_back(feature.name);
    if (auto& works = names[Feature::State::kWorks]; !works.empty())
      write_marked("work", style_.palette.good("work"), list(works));
    if (auto& untried = names[Feature::State::kUntried]; !untried.empty())
      write_marked("untried", style_.palette.good("untried"),
                   list(untried) + ": nothing there to try them on");
    render_partly_untried();
    for (const Feature& feature : diagnosis_.features)
      if (feature.state == Feature::State::kPartly)
        write_marked("partly", style_.palette.warning("partly"),
                     fmt::format("{}: {}", feature.name, feature.why));
    render_off();
  }

  // What works, though nothing here could contradict a part of what it rests on.
  void render_partly_untried() {
    std::vector<std::string> names, facts;
    for (const Feature& feature : diagnosis_.features) {
      if (feature.state != Feature::State::kWorks || feature.untried.empty()) continue;
      names.push_back(feature.name);
      for (const std::string& fact : feature.untried)
        if (std::ranges::find(facts, fact) == facts.end()) facts.push_back(fact);
    }
    if (names.empty()) return;
    write_marked("", "",
                 fmt::format("nothing here could contradict {}, on which rest: {}", list(facts),
                             list(names)));
  }

  // Features that are off for one reason share it.
  void render_off() {
    const Feature* before = nullptr;
    for (const Feature& feature : diagnosis_.features) {
      if (feature.state != Feature::State::kOff) continue;
      if (before != nullptr && before->why == feature.why) continue;
      before = &feature;
      std::vector<std::string> names;
      for (const Feature& other : diagnosis_.features)
        if (other.state == Feature::State::kOff && other.why == feature.why)
          names.push_back(other.name);
      bool all = names.size() == diagnosis_.features.size();
      write_marked("off", style_.palette.bad("off"),
                   all ? "all of them, for the reason above" : list(names) + ": " + feature.why);
      if (!feature.help.empty()) write_marked("", "", feature.help);
    }
  }

  void render_doubts() {
    if (diagnosis_.doubts.empty()) return;
    begin("Doubts");
    for (const snapshot::Doubt& doubt : diagnosis_.doubts)
      write(doubt.what + (doubt.spoils_proof ? " (nothing is proven because of it)" : ""));
  }

  void render_next() {
    std::string next =
        diagnosis_.error ? "" : "goshawk " + diagnosis_.target.name + " shows its leaks";
    if (!style_.all)
      next += (next.empty() ? "" : "; ") + std::string("--all lists every condition and fact");
    if (next.empty()) return;
    write_line("");
    write_line(style_.palette.faint(wrap_text(escape_controls(next), 0, style_.columns)));
  }

  Output& out_;
  const Diagnosis& diagnosis_;
  const TextStyle& style_;
  std::string label_;
};

}  // namespace

void render_diagnosis_text(Output& out, const Diagnosis& diagnosis, const TextStyle& style) {
  Screen(out, diagnosis, style).render();
}

}  // namespace goshawk::report
