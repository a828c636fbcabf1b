// Every line of the balance is there, also of zero bytes: the names are always the same ones.
#include "report/heap_json.h"

#include "report/heap_lines_json.h"
#include "report/json_parts.h"

namespace goshawk::report {

namespace {

std::optional<std::uint64_t> known(std::uint64_t bytes) {
  return bytes == 0 ? std::nullopt : std::optional(bytes);
}

void write_memory(JsonWriter& json, const findings::Balance& balance) {
  json.begin_object();
  json.member("counted_by", balance.by_kernel ? "kernel" : "core");
  json.member("total_bytes", balance.total_bytes);
  json.member("live_bytes", balance.live_bytes);
  json.member("absent_live_bytes", balance.absent_live_bytes);
  json.member("kernel_rss_bytes", known(balance.kernel_rss_bytes));
  json.member("swapped_bytes", balance.swapped_bytes);
  json.member("page_table_bytes", known(balance.page_table_bytes));
  json.end_object();
}

void write_types(JsonWriter& json, const std::optional<findings::TypeTable>& table) {
  if (!table) {
    json.null_member("types");
    json.null_member("unknown_types");
    return;
  }
  json.key("types");
  json.begin_array();
  for (const findings::TypeRow& type : table->types) {
    json.begin_object();
    json.member("type", type.type);
    json.member("objects", type.objects);
    json.member("bytes", type.bytes);
    json.member("retained_bytes", type.retained_bytes);
    json.end_object();
  }
  json.end_array();
  json.key("unknown_types");
  json.begin_array();
  for (const findings::UnknownObjects& unknown : table->unknown) {
    json.begin_object();
    json.member("slot_bytes", known(unknown.slot_bytes));
    json.member("has_pointers", unknown.has_pointers);
    json.key("held_by");
    unknown.held_by.empty() ? json.null() : json.value(unknown.held_by);
    json.member("objects", unknown.objects);
    json.member("bytes", unknown.bytes);
    json.end_object();
  }
  json.end_array();
}

// "0xc000123450", null where it is no object.
void write_address(JsonWriter& json, const findings::HeapHolder& holder) {
  if (holder.address == 0)
    json.null_member("address");
  else
    json.member("address", address_text(Address(holder.address)));
}

void write_holder(JsonWriter& json, const findings::HeapHolder& holder) {
  json.begin_object();
  json.key("type");
  holder.type.empty() ? json.null() : json.value(holder.type);
  json.member("count", holder.count);
  write_address(json, holder);
  json.member("shallow_bytes", holder.shallow_bytes);
  json.member("retained_bytes", holder.retained_bytes);
  json.member("retained_objects", holder.retained_objects);
  json.member("depth", holder.depth);
  json.key("path");
  json.begin_array();
  if (!holder.path.empty()) json.value(holder.path);
  json.end_array();
  json.member("shared", holder.is_shared);
  json.key("held_by");
  json.begin_array();
  for (const std::string& path : holder.held_by) json.value(path);
  json.end_array();
  json.end_object();
}

// What every finding of the heap begins with.
void write_common(JsonWriter& json, const findings::Finding& finding) {
  json.member("rule", finding.rule);
  json.member("confidence", findings::to_text(finding.confidence));
  json.member("count", finding.count);
  json.member("fingerprint", finding.fingerprint);
  json.key("cost");
  json.begin_object();
  json.member("retained_bytes", finding.cost.retained_bytes);
  json.end_object();
  json.member("advice", finding.advice);
}

void write_suspect(JsonWriter& json, const findings::HeapSuspect& suspect) {
  json.begin_object();
  write_common(json, suspect.finding);
  json.key("holder");
  write_holder(json, suspect.holder);
  json.key("accumulation");
  write_holder(json, suspect.accumulation);
  json.key("contents");
  json.begin_array();
  for (const findings::HeapHolder& one : suspect.contents) write_holder(json, one);
  json.end_array();
  json.member("entries", suspect.entries);
  write_allocated_in(json, "allocated_in", suspect.allocated_in);
  json.end_object();
}

void write_text(JsonWriter& json, std::string_view name, const std::string& text) {
  json.key(name);
  text.empty() ? json.null() : json.value(text);
}

void write_waiters(JsonWriter& json, std::string_view name,
                   const findings::ChannelWaiters& waiters) {
  json.key(name);
  json.begin_object();
  json.member("count", waiters.count);
  write_text(json, "function", waiters.function);
  json.end_object();
}

void write_channels(JsonWriter& json, const findings::ChannelUse& use) {
  json.begin_object();
  json.member("queued", use.queued);
  json.member("capacity", use.capacity);
  json.member("held_bytes", use.held_bytes);
  json.member("closed", use.closed);
  write_waiters(json, "senders", use.senders);
  write_waiters(json, "receivers", use.receivers);
  json.end_object();
}

void write_where(JsonWriter& json, const findings::HeapFinding& found) {
  write_text(json, "place", found.place);
  write_text(json, "type", found.type);
  write_text(json, "path", found.path);
  json.key("addresses");
  json.begin_array();
  if (found.address != 0) json.value(address_text(Address(found.address)));
  json.end_array();
}

void write_pictures(JsonWriter& json, const std::vector<findings::HeapPicture>& pictures) {
  json.key("pictures");
  json.begin_array();
  for (const findings::HeapPicture& picture : pictures) {
    json.begin_object();
    json.member("seconds", picture.seconds);
    json.member("live_bytes", picture.live_bytes);
    json.member("total_bytes", picture.rss_bytes);
    json.member("pause_ns", picture.pause_ns);
    json.member("stopped", picture.is_stopped);
    json.end_object();
  }
  json.end_array();
}

void write_finding(JsonWriter& json, const findings::HeapFinding& found) {
  const findings::Finding& finding = found.finding;
  json.begin_object();
  write_common(json, finding);
  write_where(json, found);
  json.member("total_bytes", found.total_bytes);
  json.member("used_bytes", found.used_bytes);
  json.member("entries", found.entries);
  json.member("unreferenced", found.unreferenced);
  json.key("channels");
  found.channels ? write_channels(json, *found.channels) : json.null();
  write_allocated_in(json, "created_in", found.created_in);
  json.member("goid", finding.goids.empty() ? std::nullopt : std::optional(finding.goids.front()));
  json.end_object();
}

void write_growing(JsonWriter& json, const findings::HeapFinding& found) {
  const findings::Growth& growth = *found.finding.growth;
  json.begin_object();
  write_common(json, found.finding);
  write_where(json, found);
  json.member("slot_bytes", found.type.empty() ? known(found.slot_bytes) : std::nullopt);
  json.key("growth");
  json.begin_array();
  for (const findings::Growth::Sample& sample : growth.samples) {
    json.begin_object();
    json.member("seconds", sample.seconds);
    json.member("count", sample.count);
    json.end_object();
  }
  json.end_array();
  json.member("rate", growth.per_second());
  json.key("came_with");
  json.begin_array();
  for (const findings::TypeCost& type : found.came_with) {
    json.begin_object();
    write_text(json, "type", type.type);
    json.member("objects", type.objects);
    json.member("bytes", type.bytes);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_holders(JsonWriter& json, const findings::HeapAnswer& answer) {
  const findings::HeapHolders& holders = answer.holders;
  if (!holders.known) {
    json.null_member("findings");
    json.null_member("dominators");
    return;
  }
  json.key("findings");
  json.begin_array();
  for (const findings::HeapSuspect& suspect : holders.suspects) write_suspect(json, suspect);
  for (const findings::HeapFinding& found : answer.findings)
    found.finding.growth ? write_growing(json, found) : write_finding(json, found);
  json.end_array();
  json.key("dominators");
  json.begin_array();
  for (const findings::HeapHolder& holder : holders.tree) write_holder(json, holder);
  json.end_array();
}

}  // namespace

void render_heap_json(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::HeapAnswer& answer, std::span<const StageTime> timings) {
  JsonWriter json(out);
  json.begin_object();
  write_head(json, snapshot, timings);
  write_doubts(json, snapshot);
  json.key("memory");
  write_memory(json, answer.balance);
  json.key("balance");
  json.begin_array();
  for (const findings::BalanceLine& line : answer.balance.lines) {
    json.begin_object();
    json.member("name", line.name);
    json.member("bytes", line.bytes);
    json.member("count", line.count);
    json.end_object();
  }
  json.end_array();
  write_pictures(json, answer.pictures);
  write_holders(json, answer);
  write_heap_lines(json, answer.holders.known ? &answer.lines : nullptr);
  write_types(json, answer.types);
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
