#include "pprof/profile_builder.h"

namespace goshawk::pprof {

StringId ProfileBuilder::text(std::string_view text) {
  if (text.empty()) return 0;
  auto [found, is_new] = ids_.try_emplace(std::string(text), 0);
  if (is_new) found->second = profile_.strings.add(text);
  return found->second;
}

void ProfileBuilder::add_sample_type(std::string_view type, std::string_view unit) {
  profile_.sample_types.push_back({text(type), text(unit)});
}

void ProfileBuilder::set_period(std::string_view type, std::string_view unit, std::int64_t period) {
  profile_.period_type = {text(type), text(unit)};
  profile_.period = period;
}

MappingId ProfileBuilder::add_mapping(AddressRange range, std::uint64_t file_offset,
                                      std::string_view file, std::string_view build_id) {
  profile_.mappings.push_back({range, file_offset, text(file), text(build_id)});
  return static_cast<MappingId>(profile_.mappings.size() - 1);
}

FunctionId ProfileBuilder::add_function(std::string_view name, std::string_view file,
                                        std::int64_t start_line) {
  profile_.functions.push_back({text(name), text(file), start_line});
  return static_cast<FunctionId>(profile_.functions.size() - 1);
}

LocationId ProfileBuilder::add_location(Address address, MappingId mapping,
                                        std::span<const Line> lines) {
  profile_.locations.push_back({address, mapping, static_cast<std::uint32_t>(profile_.lines.size()),
                                static_cast<std::uint32_t>(lines.size())});
  profile_.lines.append(lines);
  return static_cast<LocationId>(profile_.locations.size() - 1);
}

SampleId ProfileBuilder::add_sample(std::span<const LocationId> stack,
                                    std::span<const std::int64_t> values) {
  profile_.stacks.append(stack);
  profile_.values.append(values);
  profile_.stack_ends.push_back(static_cast<std::uint32_t>(profile_.stacks.size()));
  profile_.label_ends.push_back(static_cast<std::uint32_t>(profile_.labels.size()));
  return profile_.sample_count() - 1;
}

void ProfileBuilder::add_label(const Label& label) {
  profile_.labels.push_back(label);
  ++profile_.label_ends.back();
}

void ProfileBuilder::add_label(std::string_view key, std::string_view value) {
  add_label(Label{.key = text(key), .text = text(value)});
}

void ProfileBuilder::add_label(std::string_view key, std::int64_t number) {
  add_label(Label{.key = text(key), .number = number});
}

}  // namespace goshawk::pprof
