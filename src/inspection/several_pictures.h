// Several pictures of one process, the last of which is judged: also by what grows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "inspection/inspection.h"

namespace goshawk::inspection {

struct Schedule {
  std::int64_t every_ns = 0;  // from one picture to the next
  std::uint32_t samples = 0;  // at least two
};

// Between two pictures, with the number of the next one. Returns when that is due; false: the next
// one is to be the last.
using WaitForNext = std::function<bool(std::uint32_t next, std::int64_t due_in_ns)>;
// After each picture, with its number, from 1.
using AfterPicture = std::function<void(std::uint32_t number, const snapshot::Snapshot& picture)>;

// Of the pictures those that were taken; what kept the next one from being taken, if one is
// missing.
struct PicturesTaken {
  std::uint32_t count = 0;
  std::optional<Error> missing;
};

// Calls `take` for each picture when it is due, with its number and whether it is the last one.
// Fails where it fails before there are as many as are worth something.
Result<PicturesTaken> take_pictures(
    const Schedule& schedule, std::uint32_t least, const WaitForNext& wait_for_next,
    const std::function<Result<void>(std::uint32_t number, bool last)>& take);
// In a sentence for a reader; something is missing.
std::string explain_missing(const PicturesTaken& taken, const Schedule& schedule);

// All pictures but the last are of the goroutines only: a shorter stop, no heap. If the process
// ends or executes another program meanwhile, the last picture of it is judged by what grows, and a
// doubt says so; before there are two pictures that is an error. `goid`: the story of that
// goroutine too; Missing: there is no such goroutine in the last picture.
Result<Inspection> inspect_growth(const Source& source, const Accepted& accepted,
                                  const Schedule& schedule, const WaitForNext& wait_for_next,
                                  const AfterPicture& after_picture,
                                  std::optional<std::uint64_t> goid = {});

}  // namespace goshawk::inspection
