// The rows that the screen shows and as many more as there are: what is taken for noise is left out
// of both, and counted in "left_out".
#include "report/difference_json.h"

#include <optional>
#include <string>
#include <vector>

#include "report/changed_holders.h"
#include "report/json_parts.h"

namespace goshawk::report {

using findings::Difference;

namespace {

void write_amounts(JsonWriter& json, const findings::Amount& before,
                   const findings::Amount& after) {
  json.member("objects_before", before.objects);
  json.member("objects_after", after.objects);
  json.member("bytes_before", before.bytes);
  json.member("bytes_after", after.bytes);
}

void write_text(JsonWriter& json, std::string_view name, const std::string& text) {
  if (text.empty())
    json.null_member(name);
  else
    json.member(name, text);
}

void write_places(JsonWriter& json, std::string_view name,
                  const std::vector<findings::CodePlace>& places) {
  json.key(name);
  json.begin_array();
  for (const findings::CodePlace& place : places) write_place(json, place);
  json.end_array();
}

std::optional<std::uint64_t> known(std::uint64_t bytes) {
  return bytes == 0 ? std::nullopt : std::optional(bytes);
}

class DifferenceJson {
 public:
  DifferenceJson(Output& out, const Difference& difference, bool all,
                 std::span<const StageTime> timings)
      : json_(out), difference_(difference), all_(all), timings_(timings) {}

  void render(const snapshot::Snapshot& before, const snapshot::Snapshot& after) {
    json_.begin_object();
    json_.member("schema", kJsonSchema);
    write_timings(json_, timings_);
    json_.key("before");
    write_picture_and_sums(before, difference_.before);
    json_.key("after");
    write_picture_and_sums(after, difference_.after);
    json_.member("relation", findings::to_text(difference_.relation));
    json_.member("elapsed_ns", difference_.elapsed_ns);
    json_.key("not_compared");
    json_.begin_array();
    for (const std::string& remark : difference_.remarks) json_.value(remark);
    json_.end_array();
    write_threshold();
    write_balance();
    write_types();
    write_holders();
    write_goroutines();
    write_allocations();
    write_left_out();
    json_.end_object();
    json_.finish();
  }

 private:
  void write_picture_and_sums(const snapshot::Snapshot& picture, const findings::Sums& sums) {
    json_.begin_object();
    json_.member("name", picture.target.name);
    json_.key("target");
    write_target(json_, picture.target);
    json_.key("picture");
    write_picture(json_, picture.picture);
    write_doubts(json_, picture);
    json_.member("taken_unix_ns",
                 sums.taken_unix_ns == 0 ? std::nullopt : std::optional(sums.taken_unix_ns));
    auto live = [&](std::uint64_t findings::Amount::* part) {
      return sums.live ? std::optional((*sums.live).*part) : std::nullopt;
    };
    json_.member("live_objects", live(&findings::Amount::objects));
    json_.member("live_bytes", live(&findings::Amount::bytes));
    json_.member("rss_bytes", sums.is_rss ? sums.rss_bytes : std::nullopt);
    json_.member("goroutines", sums.goroutines);
    json_.end_object();
  }

  void write_threshold() {
    json_.key("threshold");
    json_.begin_object();
    json_.member("bytes", all_ ? std::uint64_t{0} : difference_.least_bytes);
    json_.member("goroutines", all_ ? std::uint64_t{0} : difference_.least_goroutines);
    json_.end_object();
  }

  void write_balance() {
    json_.key("balance");
    json_.begin_array();
    for (const findings::BalanceChange& change : difference_.balance) {
      json_.begin_object();
      json_.member("name", change.name);
      json_.member("bytes_before", change.before);
      json_.member("bytes_after", change.after);
      json_.end_object();
    }
    json_.end_array();
  }

  // The rows that matter; the others are counted. Absent: null.
  template <typename Change, typename Write>
  void write_rows(std::string_view name, const std::optional<std::vector<Change>>& changes,
                  Write&& write) {
    if (!changes) return json_.null_member(name);
    std::uint64_t left_out = 0;
    json_.key(name);
    json_.begin_array();
    for (std::size_t i = 0; i < changes->size(); ++i) {
      const Change& change = (*changes)[i];
      if (!all_ && !findings::matters(change, difference_)) {
        ++left_out;
        continue;
      }
      json_.begin_object();
      write(change, i);
      json_.end_object();
    }
    json_.end_array();
    left_out_.emplace_back(name, left_out);
  }

  // Of unknown type they have no name, and stand apart as in the report of the heap.
  void write_types() {
    std::optional<std::vector<findings::TypeChange>> known_ones, unknown_ones;
    if (difference_.types) {
      known_ones.emplace();
      unknown_ones.emplace();
      for (const findings::TypeChange& change : *difference_.types)
        (change.type.empty() ? unknown_ones : known_ones)->push_back(change);
    }
    write_rows("types", known_ones, [&](const findings::TypeChange& change, std::size_t) {
      json_.member("type", change.type);
      write_amounts(json_, change.before, change.after);
    });
    write_rows("unknown_types", unknown_ones, [&](const findings::TypeChange& change, std::size_t) {
      json_.member("slot_bytes", known(change.slot_bytes));
      json_.member("has_pointers", change.has_pointers);
      write_text(json_, "held_by", change.held_by);
      write_amounts(json_, change.before, change.after);
    });
  }

  void write_holders() {
    std::vector<std::vector<std::string>> steps;
    if (difference_.holders) steps = holder_steps(*difference_.holders);
    write_rows("holders", difference_.holders,
               [&](const findings::HolderChange& change, std::size_t i) {
                 json_.key("steps");
                 json_.begin_array();
                 for (const std::string& step : steps[i]) json_.value(step);
                 json_.end_array();
                 write_text(json_, "path", change.path);
                 json_.key("type");
                 change.is_object && !change.name.empty() ? json_.value(change.name) : json_.null();
                 json_.member("count_before", change.count_before);
                 json_.member("count_after", change.count_after);
                 write_amounts(json_, change.before, change.after);
               });
  }

  void write_count(std::string_view name, const findings::GoroutineKind::Count& count) {
    json_.key(name);
    json_.begin_object();
    json_.member("proven", count.proven);
    json_.member("likely", count.likely);
    json_.member("suspected", count.suspected);
    json_.end_object();
  }

  void write_goroutines() {
    std::optional<std::vector<findings::GoroutineChange>> changes = difference_.goroutines;
    write_rows("goroutines", changes, [&](const findings::GoroutineChange& change, std::size_t) {
      write_text(json_, "wait_reason", change.what.state);
      json_.key("at");
      write_place(json_, change.what.at);
      json_.key("created_by");
      write_place(json_, change.what.created_by);
      write_places(json_, "stack", change.what.stack);
      json_.member("count_before", change.before.all);
      json_.member("count_after", change.after.all);
      write_count("found_before", change.before);
      write_count("found_after", change.after);
    });
  }

  void write_allocations() {
    write_rows("allocations", difference_.allocations,
               [&](const findings::AllocationChange& change, std::size_t) {
                 write_places(json_, "stack", change.stack);
                 write_amounts(json_, change.before, change.after);
                 json_.member("allocated_bytes_before", change.allocated_before.bytes);
                 json_.member("allocated_bytes_after", change.allocated_after.bytes);
               });
  }

  void write_left_out() {
    json_.key("left_out");
    json_.begin_object();
    for (const auto& [name, count] : left_out_) json_.member(name, count);
    json_.end_object();
  }

  JsonWriter json_;
  const Difference& difference_;
  bool all_;
  std::span<const StageTime> timings_;
  std::vector<std::pair<std::string_view, std::uint64_t>> left_out_;
};

}  // namespace

void render_difference_json(Output& out, const snapshot::Snapshot& before,
                            const snapshot::Snapshot& after, const Difference& difference, bool all,
                            std::span<const StageTime> timings) {
  DifferenceJson(out, difference, all, timings).render(before, after);
}

}  // namespace goshawk::report
