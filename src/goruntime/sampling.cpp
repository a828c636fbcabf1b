// A sample is the list of gs, read in large pieces, one word of mheap_, the length of each
// processor's heap of timers, and the spans' counts. No stack is read: where goroutines come from
// is in their g (gopc), and its text is made when a go statement is first seen.
//
// All but the spans costs what goroutines and processors cost. Those of a gigabyte take some ten
// milliseconds: they are read again once two thousand times that has passed.
//
// What this cannot see: what goroutines wait for, and whether anybody could wake them; a go
// statement of a plugin that was loaded after the beginning has no name.
#include "goruntime/sampling.h"

#include "goruntime/facts/mheap.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/goroutines/system_goroutine.h"
#include "goruntime/goroutines/timer_count.h"

namespace goshawk::goruntime {
namespace {

constexpr int kRestForSizeClasses = 2000;  // times what reading them took

}  // namespace

Sampler::Sampler(std::unique_ptr<target::Target> target, Program program)
    : target_(std::move(target)), program_(std::make_unique<Program>(std::move(program))) {
  if (auto pages = program_->layout->field("runtime.mheap", "pagesInUse"))
    pages_in_use_ = program_->globals.mheap.address + pages->offset;
  if (auto heap = HeapLayout::bind(*program_->layout, program_->modules.build.arch))
    heap_layout_ = *std::move(heap);
}

Result<Sampler> Sampler::open(std::unique_ptr<target::Target> target) {
  std::vector<target::Mapping> mappings = TRY(target->read_mappings());
  Modules modules = TRY(read_modules(*target, mappings));
  Program program = TRY(bind_program(*target, std::move(mappings), std::move(modules)));
  return Sampler(std::move(target), std::move(program));
}

SiteNumber Sampler::number_of(Address gopc) {
  auto [found, is_new] = numbers_.try_emplace(gopc, static_cast<SiteNumber>(sites_.size()));
  if (is_new) {
    CreationSite site;
    if (auto frame = program_->functions.creation_frame(gopc))
      site = {std::string(frame->function), std::string(frame->file), frame->line};
    sites_.push_back(std::move(site));
  }
  return found->second;
}

bool Sampler::is_of_runtime(Address startpc) {
  auto [found, is_new] = of_runtime_.try_emplace(startpc, false);
  if (is_new) {
    FunctionId function = program_->functions.find(startpc);
    found->second = function != kNoFunction &&
                    classify_entry(program_->functions.name(function)) != Entry::kProgram;
  }
  return found->second;
}

Result<Sample> Sampler::read() {
  std::uint64_t dead = 0;
  auto gs = read_gs(target_->memory(), program_->g, program_->globals, dead);
  if (!gs) {
    if (auto reason = target_->why_unreadable()) return fail(*std::move(reason));
    return fail(gs.error());
  }
  Sample sample;
  std::unordered_map<SiteNumber, std::uint64_t> counts;
  for (const G& g : *gs) {
    sample.stack_bytes += g.stack.size_bytes();
    if (is_of_runtime(g.startpc)) continue;
    ++sample.goroutines;
    ++counts[number_of(g.gopc)];
  }
  sample.sites.reserve(counts.size());
  for (auto [site, count] : counts) sample.sites.push_back({site, count});
  PageCache cache(target_->memory());
  sample.timers = count_timers(cache, program_->m, program_->timer, program_->globals);
  read_size_classes(sample);
  if (!pages_in_use_) return sample;
  if (auto pages = target_->memory().read_value<std::uint64_t>(*pages_in_use_))
    sample.heap_bytes = *pages * kPageBytes;
  return sample;
}

void Sampler::read_size_classes(Sample& sample) {
  auto began = std::chrono::steady_clock::now();
  if (!heap_layout_ || began < size_classes_due_) return;
  auto use = read_size_class_use(target_->memory(), heap_layout_->mheap, heap_layout_->mspan,
                                 program_->globals.mheap.address);
  size_classes_due_ = began + (std::chrono::steady_clock::now() - began) * kRestForSizeClasses;
  if (use) sample.size_classes = *std::move(use);
}

}  // namespace goshawk::goruntime
