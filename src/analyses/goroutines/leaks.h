// Which goroutines can never run again (design: how a leak is proven), grouped into findings.
#pragma once

#include <span>

#include "analyses/goroutines/judgement.h"
#include "findings/finding.h"
#include "snapshot/holding_path.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// `describer`: how the holders of what is only likely leaked are told; without one they are not.
// What fits a suppression is judged as all the rest, and then shown apart: it changes neither what
// else is found nor any fingerprint.
findings::Verdict find_leaks(const Judgement& judgement,
                             snapshot::PathDescriber* describer = nullptr,
                             std::span<const findings::Suppression> suppressions = {});

}  // namespace goshawk::analyses::goroutines
