// Findings for what shows test results: JUnit XML as Jenkins, GitLab and others read it (no
// standard; the schema that comes nearest is Jenkins' junit-10.xsd).
#pragma once

#include <optional>
#include <span>

#include "findings/finding.h"
#include "report/judged.h"
#include "report/output.h"

namespace goshawk::report {

// A suite for each process, a case for each finding; one that passes where there is none. A finding
// of `fails_from` or of a higher confidence has failed, others have passed; no value: from likely
// on. What is suppressed or in a baseline is skipped.
void render_junit(Output& out, std::span<const Judged> processes,
                  std::optional<findings::Confidence> fails_from);

}  // namespace goshawk::report
