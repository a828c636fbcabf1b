// While several pictures of a process are taken: each is announced on a terminal, and Ctrl-C while
// waiting for the next one has that be the last.
#pragma once

#include <optional>

#include "base/interruptible_wait.h"
#include "frontends/inspect/progress.h"
#include "inspection/several_pictures.h"
#include "inspection/source.h"

namespace goshawk::frontends::inspect {

class Attendance {
 public:
  // Both must outlive it; the source tells its stages.
  Attendance(const inspection::Source& source, const inspection::Schedule& schedule, bool verbose);

  // It must outlive them.
  inspection::WaitForNext wait_for_next();
  inspection::AfterPicture after_picture();

 private:
  void announce(std::uint32_t number, const snapshot::Snapshot& picture) const;

  const inspection::Source& source_;
  const inspection::Schedule& schedule_;
  bool tells_;
  bool interrupted_ = false;
  InterruptibleWait patience_;
  std::optional<Progress> progress_;
};

}  // namespace goshawk::frontends::inspect
