// Suppression files. The input is one, and what it says is asked of goroutines with many names.
#include "findings/function_name.h"
#include "findings/suppressions.h"
#include "fuzz/fuzz.h"

namespace goshawk::fuzz {
namespace {

using findings::SuppressionSubject;

std::vector<SuppressionSubject> subjects() {
  std::vector<SuppressionSubject> all;
  for (const char* name : {"", "main.main", "net/http.(*Server).Serve", "a.(*T[...]).f.func.#",
                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"})
    all.push_back({.rule = "goroutine/mutex",
                   .top = findings::normalize_function(name),
                   .created_by = "main.main",
                   .stack = {"sync.(*Mutex).Lock", findings::normalize_function(name)}});
  return all;
}

}  // namespace

void run(ByteView input) {
  static const std::vector<SuppressionSubject> kSubjects = subjects();
  auto file = findings::parse_suppressions(as_text(input), "input");
  if (!file) return use(describe(file.error()));
  for (const findings::Suppression& entry : file->entries) {
    use(entry.reason + describe(entry));
    use(std::uint64_t{is_expired(entry, "2026-11-28")});
    for (const SuppressionSubject& subject : kSubjects) use(std::uint64_t{matches(entry, subject)});
  }
}

std::vector<std::string> seeds() {
  return {
      "[[suppress]]\nreason = \"one a process\"\nrule = \"goroutine/blocked-receive\"\n"
      "top = \"example.com/bus.(*Bus).listen\"\nany = \"*.(*T[*]).f*\"\n"
      "created_by = \"main.main\"\nuntil = 2027-06-30\n",
      "suppress = [{reason = 'r', rule = 'mutex'}, {reason = \"\"\"a\nb\"\"\", any = 'net/*'}]",
      "# nothing\n[[suppress]]\nreason = \"\\u00e9\"\ntop = '''a*a*a*b'''\nuntil = 2000-02-29",
      "[[suppress]]\nreason = 1\n[a.b.c]\nd = [[[]], {e = 1979-05-27T07:32:00Z}]\nf = 0xff\n"};
}

}  // namespace goshawk::fuzz
