// TOML by toml++. Every key is looked at: what is not understood is an error with its line.
#include "findings/suppressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <toml++/toml.h>

#include "findings/function_name.h"
#include "findings/rules.h"

namespace goshawk::findings {
namespace {

constexpr std::size_t kMostEntries = 10'000;

struct TextKey {
  std::string_view name;
  std::string Suppression::* field;
};
constexpr std::array<TextKey, 5> kTextKeys = {{{"reason", &Suppression::reason},
                                               {"rule", &Suppression::rule},
                                               {"top", &Suppression::top},
                                               {"any", &Suppression::any},
                                               {"created_by", &Suppression::created_by}}};

class Parser {
 public:
  explicit Parser(const std::string& path) { file_.path = path; }

  Result<SuppressionFile> parse(std::string_view text) {
    toml::table table;
    try {
      table = toml::parse(text, file_.path);
    } catch (const toml::parse_error& error) {
      return bad(error.source(), std::string(error.description()));
    }
    for (const auto& [key, value] : table) {
      if (key != "suppress")
        return bad(key.source(), fmt::format("unknown key '{}': entries are [[suppress]]", key.str()));
      const toml::array* entries = value.as_array();
      if (entries == nullptr || !entries->is_array_of_tables() || entries->size() > kMostEntries)
        return bad(key.source(), "an entry is [[suppress]], with two brackets");
      for (const toml::node& entry : *entries) TRY_VOID(add(*entry.as_table()));
    }
    return std::move(file_);
  }

 private:
  Result<void> add(const toml::table& table) {
    Suppression entry;
    entry.line = table.source().begin.line;
    for (const auto& [key, value] : table) {
      if (key == "until")
        TRY_VOID(set_until(entry, value));
      else
        TRY_VOID(set_text(entry, key, value));
    }
    if (entry.reason.empty()) return bad(table.source(), "an entry needs a reason");
    if (entry.rule.empty() && entry.top.empty() && entry.any.empty() && entry.created_by.empty())
      return bad(table.source(), "an entry needs a rule, top, any or created_by: this one would hide "
                                 "everything");
    if (!entry.rule.empty()) {
      const Rule* rule = find_rule(entry.rule);
      if (rule == nullptr)
        return bad(table.source(), fmt::format("there is no rule '{}'; `goshawk explain` lists them",
                                               entry.rule));
      entry.rule = rule->id;
    }
    file_.entries.push_back(std::move(entry));
    return {};
  }

  Result<void> set_text(Suppression& entry, const toml::key& key, const toml::node& value) {
    auto known = std::ranges::find(kTextKeys, key.str(), &TextKey::name);
    if (known == kTextKeys.end())
      return bad(key.source(),
                 fmt::format("unknown key '{}': reason, rule, top, any, created_by and until are known",
                             key.str()));
    auto text = value.value<std::string>();
    if (!value.is_string() || text->empty())
      return bad(key.source(), fmt::format("'{}' is a text in quotes", key.str()));
    entry.*known->field = *text;
    return {};
  }

  Result<void> set_until(Suppression& entry, const toml::node& value) {
    auto date = value.value<toml::date>();
    if (!date || !value.is_date())
      return bad(value.source(), "'until' is a day without quotes, such as 2027-06-30");
    entry.until = fmt::format("{:04}-{:02}-{:02}", date->year, date->month, date->day);
    return {};
  }

  std::unexpected<Error> bad(const toml::source_region& at, const std::string& what) const {
    return fail(Usage{fmt::format("{}:{}: {}", file_.path, at.begin.line, what), ""});
  }

  SuppressionFile file_;
};

// `*` stands for any text.
bool fits_pattern(std::string_view pattern, std::string_view text) {
  std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  for (;;) {
    star = pattern.find('*');
    std::string_view part = pattern.substr(0, star);
    if (star == std::string_view::npos) return text.ends_with(part);
    std::size_t found = text.find(part);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + part.size());
    pattern.remove_prefix(star + 1);
  }
}

// "main.(*Pool).run": the star of a pointer receiver is a star of the pattern too, and means itself.
bool fits(const std::string& pattern, std::string_view function) {
  return pattern.empty() || fits_pattern(pattern, function) ||
         fits_pattern(normalize_function(pattern), normalize_function(function));
}

}  // namespace

Result<SuppressionFile> parse_suppressions(std::string_view text, const std::string& path) {
  return Parser(path).parse(text);
}

bool matches(const Suppression& suppression, const SuppressionSubject& subject) {
  if (!suppression.rule.empty() && suppression.rule != subject.rule) return false;
  if (!fits(suppression.top, subject.top) || !fits(suppression.created_by, subject.created_by))
    return false;
  return suppression.any.empty() || fits(suppression.any, subject.created_by) ||
         std::ranges::any_of(subject.stack,
                             [&](std::string_view function) { return fits(suppression.any, function); });
}

bool is_expired(const Suppression& suppression, std::string_view today) {
  return !suppression.until.empty() && suppression.until < today;
}

std::string describe(const Suppression& suppression) {
  std::string text;
  auto add = [&](std::string_view what, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, value);
  };
  add("rule", suppression.rule);
  add("top", suppression.top);
  add("any", suppression.any);
  add("created by", suppression.created_by);
  return text;
}

}  // namespace goshawk::findings
