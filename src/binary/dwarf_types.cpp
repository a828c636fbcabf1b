// Finds names among the top-level entries of one package's units.
//
// What Go's linker writes (cmd/link/internal/ld/dwarf.go: dwarfGenerateDebugInfo, writeUnitInfo,
// movetomodule): units stand in the order of their code, so that runtime's are early, though those
// of other packages may stand between them. All constants and variables of a package are in one of
// its units; the types of the whole program are in one unit of package runtime, the runtime's own
// early among them. All references are DW_FORM_ref_addr. So: units are hopped over, those of the
// package are walked from the beginning until a name is found, what was walked over is remembered,
// and a name is absent when the unit that holds names of its kind is behind us.
//
// A structure has its name twice, as typedef and as structure; the typedef is followed.
// Not handled: two types of one name (local types of functions): the first one counts.
#include "binary/dwarf_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "binary/dwarf_constants.h"
#include "binary/dwarf_entries.h"

namespace goshawk::binary {
namespace {

constexpr int kReferenceLimit = 16;  // typedef of typedef, array of array
constexpr std::size_t kMemberLimit = 4096;
constexpr std::size_t kPathLimit = 16;

enum class NameKind : std::uint8_t { kNone, kType, kConstant, kVariable };

NameKind find_kind(std::uint16_t tag) {
  switch (tag) {
    case DW_TAG_structure_type:
    case DW_TAG_typedef:
    case DW_TAG_base_type:
    case DW_TAG_pointer_type:
    case DW_TAG_array_type:
    case DW_TAG_subroutine_type:
    case DW_TAG_unspecified_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
      return NameKind::kType;
    case DW_TAG_constant:
      return NameKind::kConstant;
    case DW_TAG_variable:
      return NameKind::kVariable;
    default:
      return NameKind::kNone;
  }
}

// Names seen so far: open addressing from a hash to an entry's offset. Whoever finds compares the
// name.
class NameTable {
 public:
  void add(std::uint64_t hash, std::uint64_t offset) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    place({hash, offset});
    ++count_;
  }

  // The offsets of a hash, first come first, until `accept` says yes.
  template <typename Accept>
  bool find(std::uint64_t hash, Accept accept) const {
    for (std::size_t i = slots_.empty() ? 0 : hash % slots_.size();
         !slots_.empty() && slots_[i].used(); i = (i + 1) % slots_.size())
      if (slots_[i].hash == hash && accept(slots_[i].offset)) return true;
    return false;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0, offset = ~std::uint64_t{0};
    bool used() const { return offset != ~std::uint64_t{0}; }
  };
  void place(Slot slot) {
    std::size_t i = slot.hash % slots_.size();
    while (slots_[i].used()) i = (i + 1) % slots_.size();
    slots_[i] = slot;
  }
  void grow() {
    std::vector<Slot> old(std::max<std::size_t>(1024, slots_.size() * 2));
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.used()) place(slot);
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

std::uint64_t hash_name(NameKind kind, std::string_view name) {
  return std::hash<std::string_view>{}(name) * 4 + static_cast<std::uint64_t>(kind);
}

}  // namespace

struct DwarfTypes::State {
  std::shared_ptr<DwarfEntries> entries;
  std::string package;
  std::map<std::uint64_t, DwarfUnit> units;  // all that were hopped over, by offset
  std::uint64_t next_unit = 0;               // ~0: there are no more
  const DwarfUnit* walking = nullptr;        // the package's unit that is walked
  std::uint64_t walked_to = 0;
  // The units that hold types, and constants and variables; nullptr: not met yet.
  const DwarfUnit *types_in = nullptr, *values_in = nullptr;
  NameTable names;
  std::map<std::string, std::optional<Struct>, std::less<>> structs;  // answers given

  explicit State(std::shared_ptr<DwarfEntries> opened) : entries(std::move(opened)) {}

  const DwarfUnit* hop();
  const DwarfUnit* unit_at(std::uint64_t offset);
  bool may_still_come(NameKind kind) const;
  bool enter_next_unit();
  std::optional<DwarfEntryHead> walk();
  std::optional<DwarfEntry> find(NameKind kind, std::string_view name);
  std::optional<DwarfEntry> find_walked(NameKind kind, std::string_view name);
  const DwarfUnit* find_unit(std::uint64_t offset);
  std::optional<DwarfEntry> follow(const AttributeValue& reference);
  std::optional<DwarfEntry> strip_typedefs(DwarfEntry entry);
  std::optional<std::uint64_t> compute_size(DwarfEntry entry, int depth = 0);
  std::optional<std::uint64_t> compute_array_size(const DwarfEntry& array, int depth);
  template <typename Visit>
  bool visit_children(const DwarfEntry& parent, std::uint16_t tag, Visit visit);
  std::optional<Struct> read_struct(std::string_view name);
  std::optional<Member> make_member(const DwarfEntry& entry);
  std::optional<DwarfEntry> find_member_entry(const DwarfEntry& structure, std::string_view name);
  std::optional<RuntimeType> find_descriptor(const DwarfEntry& entry);
  bool step_into(DwarfEntry& entry, PlaceInVariable& place);
  std::optional<DwarfEntry> find_target(const DwarfEntry& entry, bool& is_slice);
  bool find_led_to(const DwarfEntry& entry, PlaceInVariable& place);
  std::optional<Lead> find_lead(std::optional<DwarfEntry> type, std::uint64_t offset);
  std::optional<DwarfEntry> find_type(std::uint64_t offset) {
    return follow({AttributeValue::Kind::kReference, offset, {}, {}});
  }
  std::optional<PlaceInVariable> find_place(std::optional<DwarfEntry> type, std::uint64_t offset);
};

// The next unit of the section, whatever it is of.
const DwarfUnit* DwarfTypes::State::hop() {
  if (next_unit >= entries->size_bytes()) return nullptr;
  auto unit = entries->read_unit(next_unit);
  next_unit = unit ? unit->end : ~std::uint64_t{0};
  return unit ? &units.emplace(unit->offset, *unit).first->second : nullptr;
}

// The unit that starts at an end of a unit.
const DwarfUnit* DwarfTypes::State::unit_at(std::uint64_t offset) {
  if (offset == next_unit) return hop();
  auto known = units.find(offset);
  return known != units.end() ? &known->second : nullptr;
}

// The package's first unit, or the next one behind the one that is walked.
bool DwarfTypes::State::enter_next_unit() {
  const DwarfUnit* unit = unit_at(walking == nullptr ? 0 : walking->end);
  while (unit != nullptr && (unit->name != package || unit->language != DW_LANG_Go))
    unit = unit_at(unit->end);
  if (unit == nullptr) return false;
  walking = unit;
  walked_to = unit->first_child;
  return true;
}

bool DwarfTypes::State::may_still_come(NameKind kind) const {
  const DwarfUnit* holder = kind == NameKind::kType ? types_in : values_in;
  return holder == nullptr || (holder == walking && walked_to < walking->end);
}

// One top-level entry further; nullopt when it has no name of a kind that is looked for. It is
// remembered.
std::optional<DwarfEntryHead> DwarfTypes::State::walk() {
  auto head = entries->read_head(*walking, walked_to);
  walked_to = head && head->tag != 0 ? head->behind : walking->end;  // malformed: ends its unit
  NameKind kind = head ? find_kind(head->tag) : NameKind::kNone;
  if (kind == NameKind::kNone || head->name.empty()) return std::nullopt;
  (kind == NameKind::kType ? types_in : values_in) = walking;
  names.add(hash_name(kind, head->name), head->offset);
  return head;
}

std::optional<DwarfEntry> DwarfTypes::State::find_walked(NameKind kind, std::string_view name) {
  std::optional<DwarfEntry> found;
  names.find(hash_name(kind, name), [&](std::uint64_t offset) {
    const DwarfUnit* unit = find_unit(offset);
    auto entry = unit ? entries->read_entry(*unit, offset) : std::nullopt;
    if (!entry || entry->name != name || find_kind(entry->tag) != kind) return false;
    found = entry;
    return true;
  });
  return found;
}

std::optional<DwarfEntry> DwarfTypes::State::find(NameKind kind, std::string_view name) {
  if (auto entry = find_walked(kind, name)) return entry;
  while (may_still_come(kind)) {
    if (walked_to >= walking->end && !enter_next_unit()) break;
    auto head = walk();
    if (head && find_kind(head->tag) == kind && head->name == name)
      return entries->read_entry(*walking, head->offset);
  }
  return std::nullopt;
}

const DwarfUnit* DwarfTypes::State::find_unit(std::uint64_t offset) {
  while (offset >= next_unit && hop() != nullptr) {
  }
  auto after = units.upper_bound(offset);
  if (after == units.begin()) return nullptr;
  const DwarfUnit& unit = std::prev(after)->second;
  return offset < unit.end ? &unit : nullptr;
}

std::optional<DwarfEntry> DwarfTypes::State::follow(const AttributeValue& reference) {
  if (reference.kind != AttributeValue::Kind::kReference) return std::nullopt;
  const DwarfUnit* unit = find_unit(reference.number);
  return unit ? entries->read_entry(*unit, reference.number) : std::nullopt;
}

std::optional<DwarfEntry> DwarfTypes::State::strip_typedefs(DwarfEntry entry) {
  for (int i = 0; entry.tag == DW_TAG_typedef || entry.tag == DW_TAG_const_type ||
                  entry.tag == DW_TAG_volatile_type;
       ++i) {
    auto next = follow(entry.type);
    if (!next || i == kReferenceLimit) return std::nullopt;
    entry = *next;
  }
  return entry;
}

std::optional<std::uint64_t> DwarfTypes::State::compute_size(DwarfEntry entry, int depth) {
  if (depth > kReferenceLimit) return std::nullopt;
  auto type = strip_typedefs(entry);
  if (!type) return std::nullopt;
  if (type->byte_size.kind != AttributeValue::Kind::kOther) return type->byte_size.number;
  switch (type->tag) {
    case DW_TAG_pointer_type:
    case DW_TAG_subroutine_type:
      return 8;
    case DW_TAG_array_type:
      return compute_array_size(*type, depth);
    default:
      return std::nullopt;
  }
}

// Go's arrays have one dimension and say their count, older ones their upper bound.
std::optional<std::uint64_t> DwarfTypes::State::compute_array_size(const DwarfEntry& array,
                                                                   int depth) {
  auto element = follow(array.type);
  auto element_size = element ? compute_size(*element, depth + 1) : std::nullopt;
  std::optional<std::uint64_t> count;
  visit_children(array, DW_TAG_subrange_type, [&](const DwarfEntry& range) {
    if (range.count.kind != AttributeValue::Kind::kOther)
      count = range.count.number;
    else if (range.upper_bound.kind != AttributeValue::Kind::kOther)
      count = range.upper_bound.number + 1;
    return true;
  });
  std::uint64_t size_bytes = 0;
  if (!element_size || !count || __builtin_mul_overflow(*element_size, *count, &size_bytes))
    return std::nullopt;
  return size_bytes;
}

// Until `visit` returns true; whether it did.
template <typename Visit>
bool DwarfTypes::State::visit_children(const DwarfEntry& parent, std::uint16_t tag, Visit visit) {
  const DwarfUnit* unit = find_unit(parent.offset);
  if (unit == nullptr || !parent.has_children) return false;
  std::uint64_t at = parent.next;
  while (true) {
    auto child = entries->read_entry(*unit, at);
    if (!child || child->tag == 0) return false;
    if (child->tag == tag && visit(*child)) return true;
    auto behind = entries->skip_children(*unit, *child);
    if (!behind) return false;
    at = *behind;
  }
}

// nullopt when its place or its size cannot be told: a wrong offset is worse than none.
std::optional<DwarfTypes::Member> DwarfTypes::State::make_member(const DwarfEntry& entry) {
  Member member;
  member.name = entry.name;
  const AttributeValue& place = entry.member_location;
  if (place.kind == AttributeValue::Kind::kUnsigned ||
      place.kind == AttributeValue::Kind::kSigned) {
    member.offset = place.number;
  } else if (place.kind == AttributeValue::Kind::kBlock) {
    Cursor cursor(place.block);
    if (cursor.u8() != DW_OP_plus_uconst) return std::nullopt;
    member.offset = cursor.uvarint();
    if (cursor.failed()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  auto type = follow(entry.type);
  auto size_bytes = type ? compute_size(*type) : std::nullopt;
  if (!size_bytes) return std::nullopt;
  member.size_bytes = *size_bytes;
  member.type = type->name;
  return member;
}

std::optional<DwarfEntry> DwarfTypes::State::find_member_entry(const DwarfEntry& structure,
                                                               std::string_view name) {
  std::optional<DwarfEntry> found;
  visit_children(structure, DW_TAG_member, [&](const DwarfEntry& child) {
    if (child.name != name) return false;
    found = child;
    return true;
  });
  return found;
}

DwarfTypes::DwarfTypes(std::unique_ptr<State> state) : state_(std::move(state)) {}
DwarfTypes::DwarfTypes(DwarfTypes&&) noexcept = default;
DwarfTypes& DwarfTypes::operator=(DwarfTypes&&) noexcept = default;
DwarfTypes::~DwarfTypes() = default;

Result<DwarfTypes> DwarfTypes::open(const ElfFile& elf, std::string_view package) {
  return open(std::make_shared<DwarfEntries>(TRY(DwarfEntries::open(elf))), elf, package);
}

Result<DwarfTypes> DwarfTypes::open(std::shared_ptr<DwarfEntries> entries, const ElfFile& elf,
                                    std::string_view package) {
  auto state = std::make_unique<State>(std::move(entries));
  state->package = package;
  if (!state->enter_next_unit())
    return fail(Missing{fmt::format("the debug information of {} has no unit of Go package {}",
                                    elf.name(), package),
                        ""});
  return DwarfTypes(std::move(state));
}

std::optional<DwarfTypes::Struct> DwarfTypes::State::read_struct(std::string_view name) {
  auto named = find(NameKind::kType, name);
  auto entry = named ? strip_typedefs(*named) : std::nullopt;
  if (!entry || entry->tag != DW_TAG_structure_type) return std::nullopt;
  auto size_bytes = compute_size(*entry);
  if (!size_bytes) return std::nullopt;
  Struct result{std::string(name), *size_bytes, {}};
  bool whole = !visit_children(*entry, DW_TAG_member, [&](const DwarfEntry& child) {
    auto member = make_member(child);
    if (member) result.members.push_back(std::move(*member));
    return !member || result.members.size() > kMemberLimit;
  });
  if (!whole) return std::nullopt;
  return result;
}

std::optional<DwarfTypes::Struct> DwarfTypes::find_struct(std::string_view name) const {
  auto known = state_->structs.find(name);
  if (known == state_->structs.end())
    known = state_->structs.emplace(name, state_->read_struct(name)).first;
  return known->second;
}

std::optional<std::uint64_t> DwarfTypes::find_size(std::string_view type) const {
  auto entry = state_->find(NameKind::kType, type);
  return entry ? state_->compute_size(*entry) : std::nullopt;
}

std::optional<DwarfTypes::Member> DwarfTypes::find_member(std::string_view structure,
                                                          std::string_view path) const {
  auto entry = state_->find(NameKind::kType, structure);
  std::uint64_t offset = 0;
  for (std::size_t depth = 0; entry && depth < kPathLimit; ++depth) {
    entry = state_->strip_typedefs(*entry);
    if (!entry || entry->tag != DW_TAG_structure_type) return std::nullopt;
    std::size_t dot = path.find('.');
    auto found = state_->find_member_entry(*entry, path.substr(0, dot));
    auto member = found ? state_->make_member(*found) : std::nullopt;
    if (!member) return std::nullopt;
    offset += member->offset;
    if (dot == std::string_view::npos) {
      member->offset = offset;
      return member;
    }
    path.remove_prefix(dot + 1);
    entry = state_->follow(found->type);
  }
  return std::nullopt;
}

std::optional<std::int64_t> DwarfTypes::find_constant(std::string_view name) const {
  auto entry = state_->find(NameKind::kConstant, name);
  if (!entry)
    entry = state_->find(NameKind::kConstant, fmt::format("{}.{}", state_->package, name));
  using Kind = AttributeValue::Kind;
  if (!entry ||
      (entry->const_value.kind != Kind::kSigned && entry->const_value.kind != Kind::kUnsigned))
    return std::nullopt;
  return static_cast<std::int64_t>(entry->const_value.number);
}

std::optional<Address> DwarfTypes::find_variable(std::string_view name) const {
  auto entry = state_->find(NameKind::kVariable, name);
  const DwarfUnit* unit = entry ? state_->find_unit(entry->offset) : nullptr;
  return unit ? state_->entries->find_address(*unit, entry->location) : std::nullopt;
}

std::optional<DwarfTypes::RuntimeType> DwarfTypes::State::find_descriptor(const DwarfEntry& entry) {
  RuntimeType result{.name = std::string(entry.name), .offset = 0};
  std::optional<DwarfEntry> type = entry;
  // A map's descriptor is named by its typedef, a struct's by what that stands for.
  bool names_it = type->go_runtime_type.kind == AttributeValue::Kind::kAddress;
  if (type->tag == DW_TAG_typedef && !names_it) type = strip_typedefs(*type);
  if (!type || type->go_runtime_type.kind != AttributeValue::Kind::kAddress ||
      type->go_runtime_type.number == 0)
    return std::nullopt;
  result.offset = type->go_runtime_type.number;
  return result;
}

// One step into a structure or an array; false: there is none.
bool DwarfTypes::State::step_into(DwarfEntry& entry, PlaceInVariable& place) {
  auto type = strip_typedefs(entry);
  if (!type) return false;
  std::optional<DwarfEntry> inner;
  if (type->tag == DW_TAG_array_type) {
    inner = follow(type->type);
    auto size_bytes = inner ? compute_size(*inner) : std::nullopt;
    if (!size_bytes || *size_bytes == 0) return false;
    place.path += fmt::format("[{}]", place.offset / *size_bytes);
    place.offset %= *size_bytes;
  } else if (type->tag == DW_TAG_structure_type && type->name != "runtime.iface" &&
             type->name != "runtime.eface") {  // what is in an interface is no field
    std::optional<Member> member;
    auto there = [&](const DwarfEntry& child) {
      member = make_member(child);
      bool found = member && member->offset <= place.offset &&
                   place.offset - member->offset < member->size_bytes;
      if (found) inner = follow(child.type);
      return found;
    };
    if (!visit_children(*type, DW_TAG_member, there) || !inner) return false;
    place.offset -= member->offset;
    place.path += "." + member->name;
  }
  if (!inner) return false;
  entry = *inner;
  return true;
}

// What a pointer or a slice leads to.
std::optional<DwarfEntry> DwarfTypes::State::find_target(const DwarfEntry& entry, bool& is_slice) {
  auto type = strip_typedefs(entry);
  if (!type) return std::nullopt;
  std::optional<DwarfEntry> pointer = type;
  is_slice = type->tag == DW_TAG_structure_type && type->name.starts_with("[]");
  if (is_slice) {
    auto array = find_member_entry(*type, "array");
    pointer = array ? follow(array->type) : std::nullopt;
  }
  return pointer && pointer->tag == DW_TAG_pointer_type ? follow(pointer->type) : std::nullopt;
}

// Of a pointer or a slice that has no descriptor of its own: of what it leads to.
bool DwarfTypes::State::find_led_to(const DwarfEntry& entry, PlaceInVariable& place) {
  if (place.offset != 0) return false;
  bool is_slice = false;
  auto target = find_target(entry, is_slice);
  auto descriptor = target ? find_descriptor(*target) : std::nullopt;
  if (!descriptor) return false;
  place.type = *std::move(descriptor);
  place.leads = is_slice ? PlaceInVariable::Leads::kSlice : PlaceInVariable::Leads::kPointer;
  return true;
}

std::optional<DwarfTypes::PlaceInVariable> DwarfTypes::State::find_place(
    std::optional<DwarfEntry> entry, std::uint64_t offset) {
  PlaceInVariable place{.path = "", .type = {}, .offset = offset};
  for (std::size_t depth = 0; entry && depth < kPathLimit; ++depth) {
    if (auto descriptor = find_descriptor(*entry)) {
      place.type = *std::move(descriptor);
      return place;
    }
    if (find_led_to(*entry, place)) return place;
    if (!step_into(*entry, place)) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<DwarfTypes::PlaceInVariable> DwarfTypes::find_place_in_variable(
    std::string_view name, std::uint64_t offset) const {
  auto variable = state_->find(NameKind::kVariable, name);
  return variable ? state_->find_place(state_->follow(variable->type), offset) : std::nullopt;
}

std::optional<std::string> DwarfTypes::find_type_of_variable(std::string_view name) const {
  auto variable = state_->find(NameKind::kVariable, name);
  auto type = variable ? state_->follow(variable->type) : std::nullopt;
  return type && !type->name.empty() ? std::optional(std::string(type->name)) : std::nullopt;
}

std::optional<DwarfTypes::PlaceInVariable> DwarfTypes::find_place_in_type(
    std::uint64_t type, std::uint64_t offset) const {
  return state_->find_place(state_->find_type(type), offset);
}

std::optional<DwarfTypes::Lead> DwarfTypes::State::find_lead(std::optional<DwarfEntry> entry,
                                                             std::uint64_t offset) {
  PlaceInVariable place{.path = "", .type = {}, .offset = offset};
  for (std::size_t depth = 0; entry && depth < kPathLimit; ++depth) {
    bool is_slice = false;
    auto target = place.offset == 0 ? find_target(*entry, is_slice) : std::nullopt;
    if (target) return Lead{std::move(place.path), target->offset, is_slice};
    if (!step_into(*entry, place)) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<DwarfTypes::Lead> DwarfTypes::find_lead_in_variable(std::string_view name,
                                                                  std::uint64_t offset) const {
  auto variable = state_->find(NameKind::kVariable, name);
  return variable ? state_->find_lead(state_->follow(variable->type), offset) : std::nullopt;
}

std::optional<DwarfTypes::Lead> DwarfTypes::find_lead_in_type(std::uint64_t type,
                                                              std::uint64_t offset) const {
  return state_->find_lead(state_->find_type(type), offset);
}

std::optional<DwarfTypes::RuntimeType> DwarfTypes::find_described(std::string_view type) const {
  auto entry = state_->find(NameKind::kType, type);
  return entry ? state_->find_descriptor(*entry) : std::nullopt;
}

std::optional<std::uint64_t> DwarfTypes::find_size_of_type(std::uint64_t type) const {
  auto entry = state_->find_type(type);
  return entry ? state_->compute_size(*entry) : std::nullopt;
}

}  // namespace goshawk::binary
