// A small validator for the published JSON schemas: as much of JSON Schema as they use, and a
// failure for every keyword that it does not know.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace goshawk::report::testing {

class JsonSchema {
 public:
  explicit JsonSchema(const std::string& path)
      : path_(path), root_(nlohmann::json::parse(std::ifstream(path))) {}

  // Empty: valid. Else one line for each violation, with its place.
  std::vector<std::string> violations(const nlohmann::json& document) const {
    std::vector<std::string> found;
    check(root_, document, "$", found);
    return found;
  }

 private:
  using Json = nlohmann::json;
  using Found = std::vector<std::string>;

  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
  }

  void check(const Json& schema, const Json& value, const std::string& at, Found& found) const {
    static const std::set<std::string> kNotes = {"$schema", "$id", "$defs", "title", "description"};
    for (const auto& [keyword, argument] : schema.items())
      if (!kNotes.contains(keyword)) check_keyword(keyword, argument, value, at, found);
  }

  void check_keyword(const std::string& keyword, const Json& argument, const Json& value,
                     const std::string& at, Found& found) const {
    auto violated = [&](const std::string& what) {
      found.push_back(at + ": " + what + ", is " + value.dump().substr(0, 60));
    };
    if (keyword == "type") {
      if (!has_type(value, argument)) violated("should be " + argument.dump());
    } else if (keyword == "const") {
      if (value != argument) violated("should be " + argument.dump());
    } else if (keyword == "enum") {
      if (std::find(argument.begin(), argument.end(), value) == argument.end())
        violated("should be one of " + argument.dump());
    } else if (keyword == "minimum") {
      if (value.is_number() && value < argument) violated("too small");
    } else if (keyword == "pattern") {
      if (value.is_string() &&
          !std::regex_search(value.get<std::string>(), std::regex(argument.get<std::string>())))
        violated("does not match " + argument.dump());
    } else if (keyword == "required") {
      for (const Json& name : argument)
        if (value.is_object() && !value.contains(name.get<std::string>()))
          violated("lacks " + name.dump());
    } else if (keyword == "properties") {
      if (value.is_object())
        for (const auto& [name, inner] : argument.items())
          if (value.contains(name)) check(inner, value[name], at + "." + name, found);
    } else if (keyword == "additionalProperties") {
      if (value.is_object())
        for (const auto& [name, inner] : value.items())
          check(argument, inner, at + "." + name, found);
    } else if (keyword == "items") {
      if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i)
          check(argument, value[i], at + "[" + std::to_string(i) + "]", found);
    } else if (keyword == "anyOf") {
      bool any = false;
      for (const Json& alternative : argument) {
        Found inner;
        check(alternative, value, at, inner);
        any = any || inner.empty();
      }
      if (!any) violated("fits no alternative");
    } else if (keyword == "$ref" && !argument.get<std::string>().starts_with('#')) {
      JsonSchema other(path_.parent_path() / argument.get<std::string>());
      other.check(other.root_, value, at, found);
    } else if (keyword == "$ref") {
      check(root_.at(Json::json_pointer(argument.get<std::string>().substr(1))), value, at, found);
    } else {
      violated("unknown keyword " + keyword);
    }
  }

  std::filesystem::path path_;
  Json root_;
};

}  // namespace goshawk::report::testing
