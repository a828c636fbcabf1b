// A sample is the list of gs, read in large pieces, and one word of mheap_. No stack is read: where
// goroutines come from is in their g (gopc), and its text is made when a go statement is first
// seen.
//
// What this cannot see: what goroutines wait for, and whether anybody could wake them; a go
// statement of a plugin that was loaded after the beginning has no name.
#include "goruntime/sampling.h"

#include "goruntime/facts/mheap.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/goroutines/system_goroutine.h"

namespace goshawk::goruntime {

Sampler::Sampler(std::unique_ptr<target::Target> target, Program program)
    : target_(std::move(target)), program_(std::make_unique<Program>(std::move(program))) {
  if (auto pages = program_->layout->field("runtime.mheap", "pagesInUse"))
    pages_in_use_ = program_->globals.mheap.address + pages->offset;
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
  if (!pages_in_use_) return sample;
  if (auto pages = target_->memory().read_value<std::uint64_t>(*pages_in_use_))
    sample.heap_bytes = *pages * kPageBytes;
  return sample;
}

}  // namespace goshawk::goruntime
