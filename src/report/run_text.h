// What a program that has ended leaked, by the tests that did it: for those who read a test run.
#pragma once

#include <functional>
#include <string>

#include "findings/finding.h"
#include "report/code_lines.h"
#include "report/judged.h"
#include "report/output.h"

namespace goshawk::report {

// "goshawk: shop.test leaks 3 goroutines ...", and each finding with its stack. Nothing where there
// is nothing to tell.
void render_run_text(Output& out, const Judged& process, const TextStyle& style);

// The same as output of a test binary that is told to be verbose, which `go tool test2json` reads:
// for each test that leaked a subtest "TestFetch/goshawk", and one "goshawk" for what no test is
// known to have leaked. It fails where one of its findings `fails`. `marked`: -test.v=test2json.
void render_run_as_tests(Output& out, const Judged& process,
                         const std::function<bool(const findings::Finding&)>& fails, bool marked,
                         const TextStyle& style);

// A finding, indented by so many columns; ends with a newline.
void render_run_finding(Output& out, const findings::Finding& finding, std::size_t indent,
                        const TextStyle& style);

}  // namespace goshawk::report
