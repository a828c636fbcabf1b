#include "findings/story.h"

namespace goshawk::findings {

std::string_view to_text(Fate fate) {
  switch (fate) {
    case Fate::kAlive:
      return "alive";
    case Fate::kLeaked:
      return "leaked";
    case Fate::kLikelyLeaked:
      return "likely leaked";
    case Fate::kParked:
      return "parked on purpose";
    case Fate::kUndecided:
      return "undecided";
  }
  return "";
}

}  // namespace goshawk::findings
