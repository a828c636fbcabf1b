// TOML by toml++, which bounds its nesting. Every key is looked at: what is not understood is an
// error with its line, and with what may have been meant. toml++ (3.3) takes for granted that a
// name in brackets begins like a name: "[*]" fails an assertion, which is an exception here. What
// is not ASCII takes it, outside of strings, to code that it calls unreachable, and is refused
// before.
#include "findings/suppressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace goshawk::findings {
struct BrokenAssumption {};
}  // namespace goshawk::findings
#define TOML_ASSERT(condition) \
  (static_cast<bool>(condition) ? void() : throw ::goshawk::findings::BrokenAssumption())
#pragma GCC diagnostic push
// Some of it is noexcept; the parser is not.
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wexceptions"
#else
#pragma GCC diagnostic ignored "-Wterminate"
#endif
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include "base/nearest_word.h"
#include "findings/function_name.h"
#include "findings/rules.h"

namespace goshawk::findings {
namespace {

constexpr std::size_t kMostEntries = 10'000;
constexpr std::array<std::string_view, 6> kKeys = {"reason", "rule",       "top",
                                                   "any",    "created_by", "until"};

std::string meant(std::string_view typed, std::span<const std::string_view> candidates,
                  std::string_view otherwise) {
  std::string_view nearest = find_nearest_word(typed, candidates);
  return nearest.empty() ? std::string(otherwise) : fmt::format("did you mean {}?", nearest);
}

std::vector<std::string_view> rule_names() {
  std::vector<std::string_view> names;
  for (const Rule& rule : rules()) names.push_back(short_name(rule));
  return names;
}

bool breaks_assumption(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const BrokenAssumption&) {
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
  return false;
}

// The parser goes from line to line: all beginnings of the text with that line in them fail alike.
std::size_t find_breaking_line(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') ends.push_back(i + 1);
  auto line = std::ranges::partition_point(
      ends, [&](std::size_t end) { return !breaks_assumption(text.substr(0, end)); });
  return static_cast<std::size_t>(line - ends.begin()) + 1;
}

class Parser {
 public:
  explicit Parser(const std::string& path) { file_.path = path; }

  Result<SuppressionFile> parse(std::string_view text) {
    auto foreign = std::ranges::find_if(text, [](unsigned char c) { return c >= 0x80; });
    if (foreign != text.end())
      return fail(Usage{fmt::format("{}:{}: a character that is not ASCII", file_.path,
                                    1 + std::count(text.begin(), foreign, '\n')),
                        "in a text in double quotes it can be written as \\u00e9"});
    toml::table table;
    try {
      table = toml::parse(text, file_.path);
    } catch (const toml::parse_error& error) {
      return bad(error.source(), std::string(error.description()), kToml);
    } catch (const BrokenAssumption&) {
      return fail(
          Usage{fmt::format("{}:{}: no name in the brackets", file_.path, find_breaking_line(text)),
                kToml});
    }
    for (const auto& [key, value] : table) {
      if (key != "suppress")
        return bad(key.source(), fmt::format("unknown key \"{}\"", key.str()), kShape);
      const toml::array* entries = value.as_array();
      if (entries == nullptr || !entries->is_array_of_tables())
        return bad(key.source(), "\"suppress\" is no list of entries", kShape);
      if (entries->size() > kMostEntries)
        return bad(key.source(), fmt::format("more than {} entries", kMostEntries),
                   "a `*` in a function stands for any text");
      for (const toml::node& entry : *entries) TRY_VOID(add(*entry.as_table()));
    }
    return std::move(file_);
  }

 private:
  static constexpr const char* kToml = "it is to be TOML (toml.io)";
  static constexpr const char* kShape = "an entry begins with [[suppress]], in two brackets";

  Result<void> add(const toml::table& table) {
    Suppression entry;
    entry.line = table.source().begin.line;
    for (const auto& [key, value] : table) TRY_VOID(set(entry, key, value));
    if (entry.reason.empty())
      return bad(table.source(), "an entry without a reason",
                 "add reason = \"...\": why this is known and may stay");
    if (entry.rule.empty() && entry.top.empty() && entry.any.empty() && entry.created_by.empty())
      return bad(table.source(), "an entry that fits everything",
                 "say which: rule, top, any or created_by");
    file_.entries.push_back(std::move(entry));
    return {};
  }

  Result<void> set(Suppression& entry, const toml::key& key, const toml::node& value) {
    if (std::ranges::find(kKeys, key.str()) == kKeys.end())
      return bad(key.source(), fmt::format("unknown key \"{}\"", key.str()),
                 meant(key.str(), kKeys, "an entry has " + list_with_or(kKeys)));
    if (key == "until") return set_until(entry, value);
    const std::string* text = value.is_string() ? &value.as_string()->get() : nullptr;
    if (text == nullptr || text->find_first_not_of(" \t\r\n") == std::string::npos)
      return bad(value.source(), fmt::format("\"{}\" is no text", key.str()),
                 fmt::format("write {} = \"...\"", key.str()));
    if (key == "reason") entry.reason = *text;
    if (key == "rule") return set_rule(entry, value, *text);
    if (key == "top") return set_pattern(entry.top, value, *text);
    if (key == "any") return set_pattern(entry.any, value, *text);
    if (key == "created_by") return set_pattern(entry.created_by, value, *text);
    return {};
  }

  Result<void> set_rule(Suppression& entry, const toml::node& value, const std::string& text) {
    const Rule* rule = find_rule(text);
    if (rule == nullptr)
      return bad(value.source(), fmt::format("there is no rule \"{}\"", text),
                 meant(std::string_view(text).substr(text.rfind('/') + 1), rule_names(),
                       "`goshawk explain` lists them"));
    entry.rule = rule->id;
    return {};
  }

  Result<void> set_pattern(FunctionPattern& pattern, const toml::node& value,
                           const std::string& text) {
    pattern = FunctionPattern(text);
    if (pattern.fits_everything())
      return bad(value.source(), fmt::format("\"{}\" fits every function", text),
                 "leave the key out, or say which functions");
    return {};
  }

  Result<void> set_until(Suppression& entry, const toml::node& value) {
    if (!value.is_date())
      return bad(value.source(), "\"until\" is no day",
                 "write until = 2027-06-30: a day without quotes, the last one on which it holds");
    const toml::date& date = value.as_date()->get();
    entry.until = fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
    return {};
  }

  std::unexpected<Error> bad(const toml::source_region& at, const std::string& problem,
                             const std::string& hint) const {
    return fail(Usage{fmt::format("{}:{}: {}", file_.path, at.begin.line, problem), hint});
  }

  SuppressionFile file_;
};

}  // namespace

Result<SuppressionFile> parse_suppressions(std::string_view text, const std::string& path) {
  return Parser(path).parse(text);
}

bool matches(const Suppression& suppression, const SuppressionSubject& subject) {
  if (!suppression.rule.empty() && suppression.rule != subject.rule) return false;
  if (!suppression.top.fits(subject.top) || !suppression.created_by.fits(subject.created_by))
    return false;
  auto fits_any = [&](const std::string& function) { return suppression.any.fits(function); };
  return fits_any(subject.created_by) || std::ranges::any_of(subject.stack, fits_any);
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
  add("top", suppression.top.text());
  add("any", suppression.any.text());
  add("created_by", suppression.created_by.text());
  return text;
}

}  // namespace goshawk::findings
