// A source of samples that says what a test tells it to.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "frontends/watch/sample_source.h"

namespace goshawk::frontends::watch {

inline findings::CodePlace place(const char* function, std::uint32_t line = 1) {
  return {.function = function, .file = "main.go", .line = line};
}

// Nothing of the script: nobody answers.
class ScriptedSource final : public SampleSource {
 public:
  using Values = std::vector<std::pair<SeriesKey, double>>;

  explicit ScriptedSource(std::function<std::optional<Values>(int)> script)
      : script_(std::move(script)) {}

  const ProcessName& process() const override { return process_; }
  bool has_ended() const override { return false; }
  const SeriesKey& series(SeriesNumber number) const override { return table_[number]; }
  Result<std::vector<SeriesValue>> read() override {
    auto values = script_(sample_++);
    if (!values) return fail(Missing{"nobody answers", ""});
    std::vector<SeriesValue> numbered;
    for (const auto& [key, value] : *values) {
      auto [found, is_new] = numbers_.try_emplace({key.quantity, key.place}, 0);
      if (is_new) found->second = table_.add(key);
      numbered.push_back({found->second, value});
    }
    return numbered;
  }

 private:
  std::function<std::optional<Values>(int)> script_;
  int sample_ = 0;
  SeriesTable table_;
  std::map<std::pair<Quantity, findings::CodePlace>, SeriesNumber> numbers_;
  ProcessName process_{.pid = 7, .name = "shop", .executable = "/shop", .go_version = "of a test"};
};

}  // namespace goshawk::frontends::watch
