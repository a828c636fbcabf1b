// Which program was looked at, how, and what was odd about it.
#include "goruntime/target_facts.h"

#include <fmt/format.h>

#include "target/target.h"

namespace goshawk::goruntime {
namespace {

// Its memory is to this runtime what C's is: cgo's rules forbid it to keep Go pointers that are not
// pinned, so that proofs stand.
std::string describe_other_runtimes(const Modules& modules) {
  std::vector<std::string> others;
  for (const RuntimeName& other : modules.other_runtimes) others.push_back(other.text());
  bool one = others.size() == 1;
  RuntimeName judged{std::string(target::without_deleted(modules.image.path)),
                     modules.build.version.text};
  return fmt::format(
      "{} in this process, {}: {} goroutines are not in these counts, which are those of {}; "
      "--runtime PATH reads another one",
      one ? "another Go runtime is" : fmt::format("{} other Go runtimes are", others.size()),
      fmt::join(others, ", "), one ? "its" : "their", judged.text());
}

}  // namespace

void write_target_facts(const target::Target& target, const Program& program,
                        snapshot::Snapshot& picture) {
  picture.target = {.kind = target.kind(),
                    .pid = target.pid(),
                    .executable = target.executable_path(),
                    .go_version = program.modules.build.version.text,
                    .arch = program.modules.build.arch,
                    .build_id = program.build_id(),
                    .debug_file = program.debug_file()};
  for (const std::string& remark : program.remarks) picture.doubts.push_back({remark, false});
  if (!program.modules.other_runtimes.empty())
    picture.doubts.push_back({describe_other_runtimes(program.modules), false});
  for (const std::string& remark : program.debug.remarks) picture.doubts.push_back({remark, false});
  picture.picture.bytes_read = target.memory().bytes_read();
}

}  // namespace goshawk::goruntime
