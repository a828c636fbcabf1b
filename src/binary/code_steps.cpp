// What is not modelled leaves its registers in Step::written, so that a reader never takes an old
// value for the present one. Of memory only whole words are followed; a narrower or wider store to
// a known place is one of unknown content.
//
// A call clobbers what the caller's convention says, which is the reader's business.
#include "binary/code_steps.h"

#include "binary/decoder.h"
#include "binary/step_decoding.h"

namespace goshawk::binary {
namespace {

constexpr std::size_t kMostSteps = 1 << 18;

}  // namespace

Result<std::vector<Step>> decode_steps(Machine machine, ByteView code, Address start) {
  Decoder decoder = TRY(Decoder::open(machine, code, start));
  bool is_arm64 = machine == Machine::kArm64;
  auto add = is_arm64 ? add_arm64_steps : add_x86_64_steps;
  auto add_undecoded = is_arm64 ? add_undecoded_arm64 : add_undecoded_x86_64;
  std::vector<Step> steps;
  Address expected = start;
  while (const cs_insn* instruction = decoder.next()) {
    Address at(instruction->address);
    if (at != expected)
      add_undecoded(slice(code, expected - start, at - expected), expected, steps);
    add(decoder.handle(), *instruction, steps);
    expected = at + instruction->size;
    if (steps.size() > kMostSteps) return steps;
  }
  if (expected - start < code.size())
    add_undecoded(code.subspan(expected - start), expected, steps);
  return steps;
}

}  // namespace goshawk::binary
