// The rows of both inventories are laid over each other by what they say, never by where they
// stand: a type by its name, a holder by the names of all that hold it, goroutines by where they
// wait and who started them, allocations by their stacks. What a picture has not got counts as
// nothing there, for an inventory has all there is.
//
// A stack of another build is told by its functions alone, without what the compiler numbers anew.
// A variable without a name is told by its address in the same process; in another one too if it is
// where no loader moves it. Else all such variables are one.
#include "findings/difference.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "findings/function_name.h"

namespace goshawk::findings {

namespace {

// An executable that is not position-independent lies below.
constexpr std::uint64_t kFixedAddressesEnd = std::uint64_t{1} << 32;

// What a place in the code is known again by: its function, of the same build with its line.
using PlaceKey = std::tuple<std::string, std::string, std::uint32_t>;

class PlaceKeys {
 public:
  explicit PlaceKeys(Relation relation) : of_one_build_(relation != Relation::kOtherBuild) {}

  PlaceKey of(const CodePlace& place) const {
    if (of_one_build_) return {place.function, place.file, place.line};
    return {normalize_function(place.function), "", 0};
  }
  std::vector<PlaceKey> of(const std::vector<CodePlace>& stack) const {
    std::vector<PlaceKey> keys;
    keys.reserve(stack.size());
    for (const CodePlace& place : stack) keys.push_back(of(place));
    return keys;
  }

 private:
  bool of_one_build_;
};

template <typename Key, typename Change, typename Less>
std::vector<Change> sorted_changes(std::map<Key, Change>&& by_key, Less&& less) {
  std::vector<Change> changes;
  for (auto& [key, change] : by_key) changes.push_back(std::move(change));
  std::ranges::stable_sort(changes, less);
  return changes;
}

constexpr auto kByGrowth = [](const auto& a, const auto& b) { return a.growth() > b.growth(); };

// ---- types ----

using TypeKey = std::tuple<std::string, std::uint64_t, bool, std::string>;

void add_types(const TypeTable& table, Amount TypeChange::* side,
               std::map<TypeKey, TypeChange>& rows) {
  for (const TypeCost& type : table.types) {
    TypeChange& row = rows[{type.type, 0, false, ""}];
    row.type = type.type;
    (row.*side).add({type.objects, type.bytes});
  }
  for (const UnknownObjects& unknown : table.unknown) {
    TypeChange& row = rows[{"", unknown.slot_bytes, unknown.has_pointers, unknown.held_by}];
    row.slot_bytes = unknown.slot_bytes;
    row.has_pointers = unknown.has_pointers;
    row.held_by = unknown.held_by;
    (row.*side).add({unknown.objects, unknown.bytes});
  }
}

std::vector<TypeChange> compare_types(const TypeTable& before, const TypeTable& after) {
  std::map<TypeKey, TypeChange> rows;
  add_types(before, &TypeChange::before, rows);
  add_types(after, &TypeChange::after, rows);
  std::erase_if(rows, [](const auto& row) { return row.second.before == row.second.after; });
  return sorted_changes(std::move(rows), kByGrowth);
}

// ---- holders ----

class HolderComparison {
 public:
  explicit HolderComparison(Relation relation) : relation_(relation) {}

  void add(const std::vector<HeldKind>& kinds, bool is_after) {
    std::vector<std::uint32_t> places;
    places.reserve(kinds.size());
    for (const HeldKind& kind : kinds) {
      bool is_top = places.empty();
      std::uint32_t place = is_top ? 0 : find_or_add(places[kind.parent], kind);
      places.push_back(place);
      HolderChange& change = nodes_[place].change;
      (is_after ? change.after : change.before).add(kind.retained);
      (is_after ? change.count_after : change.count_before) += kind.count;
      // Of several in one row no path is that of all.
      bool is_told = !kind.path.empty() && address_that_stays(kind.address) == kind.address;
      if (is_told && (change.path.empty() || (is_after && !nodes_[place].has_later_path))) {
        change.path = kind.path;
        nodes_[place].has_later_path = is_after;
      }
    }
  }

  std::vector<HolderChange> changes() {
    note_changes();
    for (std::uint32_t i = 1; i < nodes_.size(); ++i)
      if (nodes_[i].has_changed) nodes_[nodes_[i].parent].children.push_back(i);
    std::vector<HolderChange> told;
    tell_below(0, 0, told);
    return told;
  }

 private:
  struct Node {
    std::uint32_t parent = 0;
    HolderChange change = {};
    bool has_later_path = false;
    bool has_changed = false;  // or what is below it
    std::vector<std::uint32_t> children = {};
  };
  using Key = std::tuple<std::uint32_t, std::string, bool, std::uint64_t, bool, std::uint64_t>;

  std::uint64_t address_that_stays(std::uint64_t address) const {
    bool stays = relation_ == Relation::kSameProcess ||
                 (relation_ == Relation::kSameBuild && address < kFixedAddressesEnd);
    return stays ? address : 0;
  }

  std::uint32_t find_or_add(std::uint32_t parent, const HeldKind& kind) {
    auto next = static_cast<std::uint32_t>(nodes_.size());
    auto [found, is_new] =
        by_key_.try_emplace(Key{parent, kind.name, kind.is_object, kind.slot_bytes, kind.noscan,
                                address_that_stays(kind.address)},
                            next);
    if (is_new) {
      Node node{.parent = parent};
      node.change.name = kind.name;
      node.change.is_object = kind.is_object;
      node.change.slot_bytes = kind.slot_bytes;
      nodes_.push_back(std::move(node));
    }
    return found->second;
  }

  // A child always comes after its parent.
  void note_changes() {
    for (std::size_t i = nodes_.size(); i-- > 1;) {
      const HolderChange& change = nodes_[i].change;
      nodes_[i].has_changed |=
          change.before != change.after || change.count_before != change.count_after;
      nodes_[nodes_[i].parent].has_changed |= nodes_[i].has_changed;
    }
  }

  void tell_below(std::uint32_t index, std::uint32_t depth, std::vector<HolderChange>& told) {
    std::vector<std::uint32_t> children = std::move(nodes_[index].children);
    std::ranges::stable_sort(children, [&](std::uint32_t a, std::uint32_t b) {
      const HolderChange &one = nodes_[a].change, &other = nodes_[b].change;
      return std::tuple(other.growth(), one.name) < std::tuple(one.growth(), other.name);
    });
    for (std::uint32_t child : children) {
      nodes_[child].change.depth = depth;
      told.push_back(std::move(nodes_[child].change));
      tell_below(child, depth + 1, told);
    }
  }

  Relation relation_;
  std::vector<Node> nodes_{1};
  std::map<Key, std::uint32_t> by_key_;
};

std::vector<HolderChange> compare_holders(const Inventory& before, const Inventory& after,
                                          Relation relation) {
  HolderComparison comparison(relation);
  comparison.add(before.holders, false);
  comparison.add(after.holders, true);
  return comparison.changes();
}

// ---- goroutines ----

void add(GoroutineKind::Count& sum, const GoroutineKind::Count& more) {
  sum.all += more.all;
  sum.proven += more.proven;
  sum.likely += more.likely;
  sum.suspected += more.suspected;
}

std::vector<GoroutineChange> compare_goroutines(const Inventory& before, const Inventory& after,
                                                Relation relation) {
  using Key = std::tuple<std::string, PlaceKey, PlaceKey>;
  std::map<Key, GoroutineChange> rows;
  PlaceKeys places(relation);
  for (const Inventory* inventory : {&after, &before})  // the words of the later one
    for (const GoroutineKind& kind : inventory->kinds_of_goroutines) {
      auto [row, is_new] =
          rows.try_emplace(Key{kind.state, places.of(kind.at), places.of(kind.created_by)});
      if (is_new) row->second.what = kind;
      row->second.what.count = {};
      add(inventory == &after ? row->second.after : row->second.before, kind.count);
    }
  std::erase_if(rows, [](const auto& row) { return row.second.before == row.second.after; });
  return sorted_changes(std::move(rows), [](const GoroutineChange& a, const GoroutineChange& b) {
    return std::tuple(b.growth(), b.after.proven) < std::tuple(a.growth(), a.after.proven);
  });
}

// ---- allocations ----

std::vector<AllocationChange> compare_allocations(const Allocated& before, const Allocated& after,
                                                  Relation relation) {
  std::map<std::vector<PlaceKey>, AllocationChange> rows;
  PlaceKeys places(relation);
  for (const Allocated* one : {&after, &before})
    for (const AllocatedKind& kind : one->kinds) {
      auto [row, is_new] = rows.try_emplace(places.of(kind.stack));
      AllocationChange& change = row->second;
      if (is_new) change.stack = kind.stack;
      (one == &after ? change.after : change.before).add(kind.in_use);
      (one == &after ? change.allocated_after : change.allocated_before).add(kind.allocated);
    }
  std::erase_if(rows, [](const auto& row) {
    return row.second.before == row.second.after &&
           row.second.allocated_before == row.second.allocated_after;
  });
  return sorted_changes(std::move(rows), kByGrowth);
}

// What was ever allocated by a stack becomes less in no process. Where it is not known which
// picture is the later one, neither may be if some stacks have more and others less.
bool has_begun_anew(const Inventory& before, const Inventory& after,
                    std::optional<std::int64_t> elapsed_ns) {
  if (!before.allocated || !after.allocated ||
      before.allocated->rate_bytes != after.allocated->rate_bytes)
    return false;
  bool has_more = false, has_less = false;
  for (const AllocationChange& change :
       compare_allocations(*before.allocated, *after.allocated, Relation::kSameProcess)) {
    has_more |= change.allocated_after.objects > change.allocated_before.objects;
    has_less |= change.allocated_after.objects < change.allocated_before.objects;
  }
  if (!elapsed_ns) return has_more && has_less;
  return *elapsed_ns < 0 ? has_more : has_less;
}

// ---- the rest ----

std::vector<BalanceChange> compare_balances(const Balance& before, const Balance& after) {
  std::map<std::string_view, BalanceChange> rows;
  for (const BalanceLine& line : before.lines)
    rows[line.name] = {.name = line.name, .text = line.text, .before = line.bytes};
  for (const BalanceLine& line : after.lines) {
    BalanceChange& row = rows[line.name];
    row.name = line.name;
    row.text = line.text;
    row.after = line.bytes;
  }
  std::erase_if(rows, [](const auto& row) { return row.second.before == row.second.after; });
  return sorted_changes(std::move(rows), kByGrowth);
}

Sums sums_of(const Inventory& inventory) {
  Sums sums{.taken_unix_ns = inventory.taken_unix_ns,
            .live = inventory.live,
            .rss_bytes = {},
            .goroutines = inventory.goroutines};
  if (inventory.balance) {
    sums.rss_bytes = inventory.balance->total_bytes;
    sums.is_rss = inventory.balance->by_kernel;
  }
  return sums;
}

// Of each that lacks something; where both lack it for the same reason, once.
void add_lack(std::string_view what, const Inventory& before, const Inventory& after,
              std::string Inventory::* reason, std::vector<std::string>& remarks) {
  auto add = [&](std::string_view who, const std::string& why) {
    if (!why.empty()) remarks.push_back(std::string(what).append(who).append(": ").append(why));
  };
  if (before.*reason == after.*reason) return add("both", before.*reason);
  add(before.name, before.*reason);
  add(after.name, after.*reason);
}

void add_remarks(const Inventory& before, const Inventory& after,
                 std::vector<std::string>& remarks) {
  add_lack("types and holders are not compared: ", before, after, &Inventory::no_types, remarks);
  add_lack("allocations are not compared: ", before, after, &Inventory::no_allocations, remarks);
  for (const Inventory* one : {&before, &after})
    if (one->allocated && one->allocated->rate_bytes == 0)
      remarks.push_back("allocations are told by too little: " + one->name +
                        ": the program has switched sampling off (runtime.MemProfileRate is 0)");
}

std::uint64_t size_of(std::int64_t growth) {
  return growth < 0 ? 0 - static_cast<std::uint64_t>(growth) : static_cast<std::uint64_t>(growth);
}

}  // namespace

std::string_view to_text(Relation relation) {
  switch (relation) {
    case Relation::kSameProcess:
      return "same process";
    case Relation::kSameBuild:
      return "same build";
    case Relation::kOtherBuild:
      return "other build";
    case Relation::kUnknown:
      return "unknown";
  }
  return "";
}

Difference compare(const Inventory& before, const Inventory& after, Relation relation) {
  Difference difference;
  difference.before = sums_of(before);
  difference.after = sums_of(after);
  if (before.taken_unix_ns != 0 && after.taken_unix_ns != 0)
    difference.elapsed_ns = growth_of(static_cast<std::uint64_t>(before.taken_unix_ns),
                                      static_cast<std::uint64_t>(after.taken_unix_ns));
  if (relation == Relation::kSameProcess && has_begun_anew(before, after, difference.elapsed_ns))
    relation = Relation::kSameBuild;
  difference.relation = relation;
  add_remarks(before, after, difference.remarks);
  if (before.types && after.types) {
    difference.types = compare_types(*before.types, *after.types);
    difference.holders = compare_holders(before, after, relation);
  }
  difference.goroutines = compare_goroutines(before, after, relation);
  if (before.allocated && after.allocated)
    difference.allocations = compare_allocations(*before.allocated, *after.allocated, relation);
  if (before.balance && after.balance && before.balance->by_kernel == after.balance->by_kernel)
    difference.balance = compare_balances(*before.balance, *after.balance);
  std::uint64_t live =
      std::max(before.live.value_or(Amount{}).bytes, after.live.value_or(Amount{}).bytes);
  difference.least_bytes = std::max(live / kNoiseShare, kNoiseBytes);
  difference.least_goroutines =
      std::max(std::max(before.goroutines, after.goroutines) / kNoiseShare, kNoiseGoroutines);
  return difference;
}

bool matters(const TypeChange& change, const Difference& difference) {
  return size_of(change.growth()) >= difference.least_bytes;
}

bool matters(const HolderChange& change, const Difference& difference) {
  return size_of(change.growth()) >= difference.least_bytes;
}

// One that is leaked is never noise.
bool matters(const GoroutineChange& change, const Difference& difference) {
  return size_of(change.growth()) >= difference.least_goroutines ||
         change.after.proven > change.before.proven || change.after.likely > change.before.likely;
}

bool matters(const AllocationChange& change, const Difference& difference) {
  return size_of(change.growth()) >= difference.least_bytes;
}

}  // namespace goshawk::findings
