// A rehearsal is a picture of a target that runs. Of what it finds, which is of no single instant,
// nothing is believed but the references, where nothing changed since.
#include "goruntime/rehearsals.h"

#include <chrono>
#include <thread>
#include <utility>

#include "base/low_priority.h"
#include "goruntime/memory_forecast.h"
#include "target/failure_reason.h"
#include "target/reading_ahead.h"

namespace goshawk::goruntime {

namespace {

// So little is copied in a stop rather than read ahead once more: two milliseconds.
constexpr std::uint64_t kFewBytes = 6 << 20;
// What a program at rest writes.
constexpr std::uint64_t kNearlyNothing = 512 << 10;
constexpr std::uint64_t kSmallPart = 4;

}  // namespace

void Rehearsals::begin(InstantFinder& instants) {
  constexpr int kAttempts = 5, kRounds = 8;
  constexpr int kMostBegins = 3;
  bool wanted = request_.references && !request_.types && begins_ < kMostBegins;
  if (!wanted || !target_.wants_reading_ahead()) return;
  ++begins_;
  for (int attempt = 0; attempt < kAttempts && target_.wants_reading_ahead(); ++attempt) {
    auto stop = target_.stop();
    if (!stop) return;  // the next one will say why
    bool begun = (*stop)->begin_reading_ahead(find_resting((*stop)->threads(), program_.functions));
    auto let_go = (*stop)->let_go();
    instants.count_pause(**stop);
    if (begun) decoded_ = {};
    if (begun || !let_go) break;
    std::this_thread::sleep_for(std::chrono::microseconds(500 * (attempt + 1)));
  }
  std::uint64_t read_before = target_.memory().bytes_read(), before = ~std::uint64_t{0};
  for (int round = 1; round <= kRounds && target_.reading_ahead() != nullptr; ++round) {
    bool done = read_round(round == 1);
    if (done && round == 1) before = target_.memory().bytes_read() - read_before;
    std::uint64_t changed = count_changed_bytes();
    // The second shows what is written again and again, where anything is.
    if (changed <= (round == 1 ? kNearlyNothing : kFewBytes)) return;
    // Each round is to leave a small part of what it began with. Where it does not, more rounds
    // take processors from the target, and gain little.
    if (done && changed > before / kSmallPart) return give_up_if_hopeless(changed);
    if (done) before = changed;
  }
}

// Where another way is quicker by now.
void Rehearsals::give_up_if_hopeless(std::uint64_t changed_bytes) {
  target::ReadingAhead* reading = target_.reading_ahead();
  if (reading != nullptr && changed_bytes > reading->most_bytes().value_or(changed_bytes))
    reading->give_up("it writes faster than it can be read");
}

// By what was written while the spans were read, an eighth of the time that a round takes.
bool Rehearsals::is_in_vain(const Heap& heap) {
  constexpr std::uint64_t kPartOfRound = 8;
  target::ReadingAhead* reading = target_.reading_ahead();
  if (reading == nullptr || !reading->most_bytes()) return false;
  target::HeapPages pages = heap.pages();
  std::uint64_t heap_bytes = 0;
  for (AddressRange range : pages.objects) heap_bytes += range.size_bytes();
  reading->expect(std::move(pages));
  std::uint64_t changed = kPartOfRound * reading->count_changed_bytes();
  if (changed > heap_bytes / kSmallPart) give_up_if_hopeless(changed);
  return target_.reading_ahead() == nullptr;
}

std::uint64_t Rehearsals::count_changed_bytes() {
  target::ReadingAhead* reading = target_.reading_ahead();
  return reading != nullptr ? reading->count_changed_bytes() : 0;
}

void Rehearsals::go_on(InstantFinder& instants) {
  if (target_.reading_ahead() == nullptr) return begin(instants);
  std::uint64_t changed = count_changed_bytes();
  give_up_if_hopeless(changed);
  if (changed > kFewBytes) read_round(false);
}

DecodedAhead* Rehearsals::complete() {
  if (target_.reading_ahead() == nullptr) {
    decoded_ = {};  // another way wants the memory
    return nullptr;
  }
  decoded_.changed = decoded_.changed.joined(target_.reading_ahead()->changed());
  decoded_.is_in_vain = {};             // a question of rehearsals only
  decoded_.is_last = !request_.memory;  // for that the spans are read once more
  return &decoded_;
}

// `whole`: as the picture will be taken; else the references only. False: nothing was decoded.
bool Rehearsals::read_round(bool whole) {
  if (target_.reading_ahead() == nullptr) return false;
  target::ReadingAhead& reading = *target_.reading_ahead();
  // Each round adds to the edges, and leaves those behind that it has replaced.
  if (decoded_.edges_end > 2 * decoded_.references.edge_count) decoded_ = {};
  if (auto begun = reading.begin_round(); !begun) {
    reading.give_up(target::name_reason(begun.error()));
    return false;
  }
  decoded_.changed = decoded_.changed.joined(reading.changed());
  if (whole) decoded_.is_in_vain = [this](const Heap& heap) { return is_in_vain(heap); };
  // An instant at which the runtime was changing what was read shows nonsense, or nothing.
  CaptureRequest request{
      .references = true, .descriptors = false, .max_memory_bytes = request_.max_memory_bytes};
  std::vector<snapshot::Binding> bindings;
  PictureReader reader(target_, request, program_, bindings);
  auto done = at_low_priority(
      [&] { return whole ? rehearse(reader) : reader.read_references_only(&decoded_); });
  if (!done) {
    if (decoded_.references.edges.capacity() == 0) decoded_ = {};  // they were taken
    if (!check_memory(reader.predicted_bytes(), request_.max_memory_bytes))
      reading.give_up("goshawk has not the memory for that");
    return false;
  }
  decoded_.heap.emplace(std::move(*reader.heap()));
  decoded_.references = std::move(reader.picture().references);
  decoded_.changed = {};
  decoded_.is_in_vain = {};
  reading.expect(decoded_.heap->pages());
  return true;
}

Result<void> Rehearsals::rehearse(PictureReader& reader) {
  Instant instant;
  instant.cache = std::make_unique<PageCache>(target_.memory());
  instant.scheduler = TRY(read_scheduler(target_.memory(), *instant.cache, program_));
  if (auto now = target_.read_monotonic_ns()) instant.now_ns = *now;
  return reader.read(instant, &decoded_);
}

}  // namespace goshawk::goruntime
