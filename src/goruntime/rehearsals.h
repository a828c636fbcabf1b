// What is done ahead of a picture, while the target runs: what the picture will ask for is asked
// for, and kept (target/reading_ahead.h), and references are decoded.
#pragma once

#include "goruntime/capture.h"
#include "goruntime/heap/heap.h"
#include "goruntime/instant.h"
#include "goruntime/picture_reader.h"
#include "goruntime/program.h"
#include "target/target.h"

namespace goshawk::goruntime {

class Rehearsals {
 public:
  // All outlive it.
  Rehearsals(target::Target& target, const CaptureRequest& request, const Program& program)
      : target_(target), request_(request), program_(program) {}

  // Where the target wants to be read ahead, and references only are asked for; else nothing. One
  // short stop, whose pause is counted by `instants`, then rounds until little is left for the stop
  // of the picture.
  void begin(InstantFinder& instants);
  // Between two stops: once more, if much was written; begins where the stop has shown that it is
  // better.
  void go_on(InstantFinder& instants);
  // Once the stop of the picture has gone on: what that may make use of. Null: it is read in
  // another way.
  DecodedAhead* complete();

 private:
  bool read_round(bool whole);  // whether there was one
  std::uint64_t count_changed_bytes();
  void give_up_if_hopeless(std::uint64_t changed_bytes);
  bool is_in_vain(const Heap& heap);
  Result<void> rehearse(PictureReader& reader);

  target::Target& target_;
  const CaptureRequest& request_;
  const Program& program_;
  DecodedAhead decoded_;
  int begins_ = 0;
};

}  // namespace goshawk::goruntime
