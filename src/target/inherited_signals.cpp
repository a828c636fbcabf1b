// An ignored signal stays so over an exec: a program that is started by us would no longer die of a
// pipe that nobody reads.
#include "target/inherited_signals.h"

#include <csignal>
#include <cstddef>
#include <iterator>

namespace goshawk::target {
namespace {

constexpr int kIgnoredByUs[] = {SIGPIPE, SIGXFSZ};

struct sigaction inherited[std::size(kIgnoredByUs)];  // the usual ones until they are remembered

}  // namespace

void remember_inherited_signals() {
  for (std::size_t i = 0; i < std::size(kIgnoredByUs); ++i)
    ::sigaction(kIgnoredByUs[i], nullptr, &inherited[i]);
}

void restore_inherited_signals() {
  for (std::size_t i = 0; i < std::size(kIgnoredByUs); ++i)
    ::sigaction(kIgnoredByUs[i], &inherited[i], nullptr);
}

}  // namespace goshawk::target
