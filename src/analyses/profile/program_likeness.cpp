// Two builds of a program have most of their functions in common, whatever changed; two programs
// have Go's library, and perhaps some modules. Few functions tell nothing: what a program does at
// first is not what it does later. Nor do names that an obfuscator makes anew in each build: those
// have no module's path, so that it takes different modules, or different names of the executables.
#include "analyses/profile/program_likeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "findings/function_name.h"

namespace goshawk::analyses::profile {

using findings::ProfileInventory;

namespace {

constexpr std::size_t kEnoughFunctions = 5;
constexpr std::size_t kFewPackagesPercent = 25;
constexpr std::size_t kHardlyAnyPercent = 10;

std::string_view name_of_file(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Of a module, by its path; package main is every program's.
std::vector<std::string_view> packages_of(const std::vector<std::string>& functions) {
  std::vector<std::string_view> packages;
  for (const std::string& function : functions)
    if (std::string_view package = findings::package_of(function); package != "main")
      packages.push_back(package);
  std::ranges::sort(packages);
  packages.erase(std::ranges::unique(packages).begin(), packages.end());
  return packages;
}

// Of two builds, hardly any package is in both.
bool have_other_packages(const ProfileInventory& one, const ProfileInventory& other) {
  auto packages = packages_of(one.own_functions), others = packages_of(other.own_functions);
  std::vector<std::string_view> common;
  std::ranges::set_intersection(packages, others, std::back_inserter(common));
  std::size_t fewer = std::min(packages.size(), others.size());
  return !one.build_id.empty() && !other.build_id.empty() && fewer > 0 &&
         common.size() * 100 <= fewer * kFewPackagesPercent;
}

}  // namespace

std::string Likeness::text() const { return fmt::format("{} of {}", common, of); }

Likeness compare_programs(const ProfileInventory& one, const ProfileInventory& other) {
  bool one_build = !one.build_id.empty() && one.build_id == other.build_id;
  std::vector<std::string> common;
  std::ranges::set_intersection(one.own_functions, other.own_functions, std::back_inserter(common));
  Likeness likeness{.common = common.size(),
                    .of = std::min(one.own_functions.size(), other.own_functions.size())};
  bool alike = likeness.common * 100 >= likeness.of * kHardlyAnyPercent;
  if (one_build || likeness.of == 0 || alike) return likeness;
  std::string_view name = name_of_file(one.program), other_name = name_of_file(other.program);
  bool named = !name.empty() && !other_name.empty(), other_named = named && name != other_name;
  bool enough = likeness.of >= kEnoughFunctions, others = have_other_packages(one, other);
  if (!enough && !other_named && !others) return likeness;
  likeness.kind =
      enough && (other_named || others) ? Likeness::kOtherProgram : Likeness::kNothingAlike;
  if (other_named) likeness.programs = fmt::format(" ({} and {})", name, other_name);
  return likeness;
}

}  // namespace goshawk::analyses::profile
