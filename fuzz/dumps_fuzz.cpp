// Goroutine dumps in logs. The input is a log, which is read whole and in small pieces: both must
// find the same. All that was found is looked at.
#include <cstdlib>

#include "dumps/log_text.h"
#include "dumps/reader.h"
#include "fuzz/fuzz.h"

namespace goshawk::fuzz {
namespace {

dumps::Dumps read(std::string_view text, std::size_t piece_bytes) {
  dumps::Reader reader;
  dumps::LogText log(reader);
  for (std::size_t at = 0; at < text.size(); at += piece_bytes)
    log.feed(text.substr(at, piece_bytes));
  log.finish();
  return reader.finish();
}

void use_stack(const dumps::Dumps& found, dumps::StackId stack) {
  auto use_frame = [&](dumps::FrameId id) {
    const dumps::Frame& frame = found.tables.frame(id);
    use(found.text(frame.function));
    use(found.text(frame.file));
    use(std::uint64_t{frame.line});
  };
  for (dumps::FrameId id : found.tables.frames_of(stack)) use_frame(id);
  if (found.tables.stack(stack).creator != dumps::kNone)
    use_frame(found.tables.stack(stack).creator);
}

void use_all(const dumps::Dumps& found) {
  for (const dumps::Dump& dump : found.dumps) {
    use(found.text(dump.opening));
    for (const dumps::Goroutine& goroutine : found.goroutines_of(dump)) {
      use(found.text(goroutine.state));
      use(found.text(goroutine.labels));
      const dumps::Stack& stack = found.tables.stack(goroutine.stack);
      bool has_stack = stack.count > 0 || stack.creator != dumps::kNone;
      if (!has_stack && !goroutine.unavailable && !goroutine.incomplete) std::abort();
      use_stack(found, goroutine.stack);
      for (std::uint32_t i = 0; i < goroutine.ancestor_count; ++i)
        use_stack(found, found.ancestors.at(goroutine.first_ancestor + i).stack);
    }
  }
}

}  // namespace

void run(ByteView input) {
  dumps::Dumps whole = read(as_text(input), input.size() + 1);
  dumps::Dumps pieces = read(as_text(input), 37);
  if (whole.goroutines.size() != pieces.goroutines.size() || whole.damaged != pieces.damaged)
    std::abort();
  use_all(whole);
}

std::vector<std::string> seeds() {
  const std::string goroutines =
      "goroutine 1 gp=0xc0000061c0 m=4 mp=0xc000080008 [running, locked to thread]:\n"
      "main.main()\n\t/a/m.go:9 +0x1d fp=0xc000047f78 sp=0xc000047f50 pc=0x47c2d3\n\n"
      "goroutine 18 [chan receive (leaked) (scan), 5 minutes, synctest bubble 3] {a: \"b c\"}:\n"
      "main.(*T[...]).f(0xc000012340, {0x4d7a58?, 0x1}, {...})\n\t/a/m.go:12 +0x25\n"
      "...23 frames elided...\nnon-Go function\n\tpc=0x4011c6\n"
      "created by main.main in goroutine 1\n\t/a/m.go:3 +0x2c\n"
      "[originating from goroutine 6]:\nmain.g(...)\n\t/m.go:2 +0x1\n\n"
      "goroutine 19 [running]:\n\tgoroutine running on other thread; stack unavailable\n";
  std::string prefixed, docker, utf16 = "\xff\xfe";
  for (std::size_t at = 0; at < goroutines.size();) {
    std::size_t end = goroutines.find('\n', at);
    std::string line = goroutines.substr(at, end - at);
    prefixed += "2026-11-29T18:30:53.1Z stderr F " + line + "\r\n";
    docker += R"({"log":"\u001b[31m)" + line +
              R"(\n","stream":"stderr"})"
              "\n";
    at = end + 1;
  }
  for (char c : goroutines) utf16 += {c, '\0'};
  return {
      "SIGQUIT: quit\n\ngoroutine 0 [idle]:\n\n" + goroutines,
      "panic: oops\n\n" + goroutines + "\n-----\n\n" + goroutines,
      prefixed,
      utf16,
      "2026-11-29T18:30:53.1Z stderr P goroutine 7 [run\n2026-11-29T18:30:53.2Z stderr F ning]:\n",
      docker,
      "x {\"stack\":\"goroutine 7 [running]:\\nmain.f()\\n\\t/m.go:1 +0x1\\n\"}\n",
      "2026/11/29 18:30:53 goroutine 7 [running]:\n  main.f()\n  \t/m.go:1 +0x1\n"};
}

}  // namespace goshawk::fuzz
