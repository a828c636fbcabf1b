// What a dump prints of each goroutine is what a picture has of it, without the heap; so lists,
// filters and comparisons do for both.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "findings/function_name.h"
#include "inspection/dump_source.h"

namespace goshawk::inspection {

using dumps::Dumps;
using snapshot::Snapshot;
using snapshot::Status;

namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;

// runtime/traceback.go gStatusStrings: what is printed where there is no wait reason.
constexpr auto kStatuses =
    std::to_array<std::pair<std::string_view, Status>>({{"idle", Status::kIdle},
                                                        {"runnable", Status::kRunnable},
                                                        {"running", Status::kRunning},
                                                        {"syscall", Status::kSyscall},
                                                        {"waiting", Status::kWaiting},
                                                        {"dead", Status::kDead},
                                                        {"copystack", Status::kCopystack},
                                                        {"preempted", Status::kPreempted}});

// Of "key: value, \"a key\": \"its \\\"value\\\"\"" the next text, and what stands behind it.
std::string take_label_text(std::string_view& rest, std::string_view end) {
  std::string text;
  if (!rest.starts_with('"')) {
    std::size_t length = std::min(rest.find(end), rest.size());
    text = rest.substr(0, length);
    rest.remove_prefix(length);
  } else {
    std::size_t at = 1;
    for (; at < rest.size() && rest[at] != '"'; ++at) {
      if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
      text += rest[at];
    }
    rest.remove_prefix(std::min(at + 1, rest.size()));
  }
  rest.remove_prefix(rest.starts_with(end) ? end.size() : 0);
  return text;
}

class PictureOfDump {
 public:
  explicit PictureOfDump(const Dumps& dumps) : dumps_(dumps) {}

  Snapshot make(const dumps::Dump& dump) {
    for (const dumps::Goroutine& goroutine : dumps_.goroutines_of(dump)) add(goroutine);
    std::ranges::sort(picture_.goroutines, {}, &snapshot::Goroutine::goid);
    return std::move(picture_);
  }

 private:
  void add(const dumps::Goroutine& told) {
    snapshot::Goroutine goroutine;
    goroutine.goid = told.goid;
    goroutine.creator_goid = told.creator_goid;
    goroutine.status = Status::kWaiting;
    std::string_view state = dumps_.text(told.state);
    auto known = std::ranges::find(kStatuses, state, [](const auto& row) { return row.first; });
    if (known != kStatuses.end())
      goroutine.status = known->second;
    else
      goroutine.wait_reason = picture_.strings.intern(state);
    if (told.leaked) goroutine.status = Status::kLeaked;
    goroutine.scanning = told.scanning;
    goroutine.locked_to_thread = told.locked_to_thread;
    goroutine.wait_ns = told.wait_minutes * kMinuteNs;
    const dumps::Stack& stack = dumps_.tables.stack(told.stack);
    goroutine.stack = stack_of(told.stack);
    goroutine.created_by = frame_of(stack.creator);
    goroutine.stack_complete =
        !told.unavailable && !told.incomplete && stack.elided_after == dumps::kNone;
    goroutine.system = is_of_runtime(told);
    add_labels(goroutine, dumps_.text(told.labels));
    add_ancestors(goroutine, told);
    picture_.goroutines.push_back(goroutine);
  }

  bool is_of_runtime(const dumps::Goroutine& told) const {
    auto frames = dumps_.tables.frames_of(told.stack);
    return told.goid != 1 && !frames.empty() && std::ranges::all_of(frames, [&](dumps::FrameId id) {
             return findings::package_of(dumps_.text(dumps_.tables.frame(id).function)) ==
                    "runtime";
           });
  }

  snapshot::FrameId frame_of(dumps::FrameId id) {
    if (id == dumps::kNone) return snapshot::kNone;
    auto [found, is_new] = frames_.try_emplace(id);
    if (!is_new) return found->second;
    const dumps::Frame& told = dumps_.tables.frame(id);
    snapshot::Frame frame;
    frame.function = frame.symbol = picture_.strings.intern(dumps_.text(told.function));
    frame.file = picture_.strings.intern(dumps_.text(told.file));
    frame.line = told.line;
    return found->second = picture_.stacks.add_frame(frame);
  }

  snapshot::StackId stack_of(dumps::StackId id) {
    auto [found, is_new] = stacks_.try_emplace(id);
    if (!is_new) return found->second;
    std::vector<snapshot::FrameId> frames;
    for (dumps::FrameId frame : dumps_.tables.frames_of(id)) frames.push_back(frame_of(frame));
    return found->second = picture_.stacks.intern(frames);
  }

  void add_labels(snapshot::Goroutine& goroutine, std::string_view text) {
    goroutine.first_label = static_cast<std::uint32_t>(picture_.labels.size());
    while (!text.empty()) {
      std::string key = take_label_text(text, ": ");
      std::string value = take_label_text(text, ", ");
      picture_.labels.push_back({picture_.strings.intern(key), picture_.strings.intern(value)});
      ++goroutine.label_count;
    }
  }

  void add_ancestors(snapshot::Goroutine& goroutine, const dumps::Goroutine& told) {
    goroutine.first_ancestor = static_cast<std::uint32_t>(picture_.ancestors.size());
    goroutine.ancestor_count = told.ancestor_count;
    for (std::uint32_t i = 0; i < told.ancestor_count; ++i) {
      const dumps::Ancestor& ancestor = dumps_.ancestors[told.first_ancestor + i];
      picture_.ancestors.push_back({ancestor.goid,
                                    frame_of(dumps_.tables.stack(ancestor.stack).creator),
                                    stack_of(ancestor.stack)});
    }
  }

  const Dumps& dumps_;
  Snapshot picture_;
  std::map<dumps::FrameId, snapshot::FrameId> frames_;
  std::map<dumps::StackId, snapshot::StackId> stacks_;
};

}  // namespace

Snapshot picture_of_last(const DumpFile& file) {
  const dumps::Dump& last = file.dumps.dumps[file.whole.back()];
  Snapshot picture = PictureOfDump(file.dumps).make(last);
  picture.target = facts_of(file);
  picture.picture.way = "dump";
  picture.picture.bytes_read = file.dumps.bytes;
  std::vector<std::string> doubts = doubts_of(file, std::span(&file.whole.back(), 1));
  if (file.lives.size() > 1)
    doubts.push_back(fmt::format(
        "the file has dumps of {} processes, and this is the last one in it{}; goshawk leaks "
        "judges all",
        file.lives.size(),
        file.lives.back().writer.empty() ? "" : ", of " + file.lives.back().writer));
  for (std::string& doubt : doubts)
    picture.doubts.push_back({.what = std::move(doubt), .spoils_proof = true});
  return picture;
}

}  // namespace goshawk::inspection
