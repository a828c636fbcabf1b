#include "analyses/goroutines/judgement.h"

namespace goshawk::analyses::goroutines {

Judgement::Judgement(const snapshot::Snapshot& picture)
    : snapshot(picture), standings(compute_standings(picture)), spoiled(spoiled_by(picture)) {
  if (!spoiled.empty()) {
    proof = prove_nothing(standings, spoiled);
    return;
  }
  wakes.emplace(picture, standings);
  proof = prove(picture, *wakes);
  holders.emplace(picture, *wakes, proof);
}

Holder Judgement::holder_of(std::size_t goroutine) const {
  return proof.states[goroutine] == State::kHeld ? holders->of(goroutine) : Holder::kNone;
}

}  // namespace goshawk::analyses::goroutines
