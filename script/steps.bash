# Sourced by script/check, script/test and script/test-all: steps that are timed, logged and counted.
#
#   step NAME COMMAND...        one check: it passed or it failed
#   suite NAME COMMAND...       many tests: COMMAND writes JUnit files into $suite_results; a suite
#                               that ran no test at all has failed
#   finish                      prints the sum; its exit code says whether all was well
#
# A failed step does not end the run: one run shows everything that is wrong.

logs=build/logs
# shellcheck disable=SC2034  # used by script/suites.bash and script/test-all
workers=${GOSHAWK_WORKERS:-2} # how many end-to-end tests at once
passed=0 failed=0 skipped=0
failures=()

# begin_steps FOLDER: where the logs go.
begin_steps() {
  logs=$1
  mkdir -p "$logs"
  python=/usr/bin/python3  # the one that has Debian's pytest
  [[ -x $python ]] || python=python3
}

# run_logged NAME COMMAND...: the output goes to the log, the outcome to step_code and step_seconds.
# It must not be called behind "if" or "||": there, bash goes on after an error inside a function.
run_logged() {
  local log=$logs/$1.log start=$SECONDS
  printf '%-22s ' "$1"
  shift
  set +e
  (set -e; "$@") >"$log" 2>&1 </dev/null
  step_code=$?
  set -e
  step_seconds=$((SECONDS - start))
}

# What script/test-all has words of its own for: is_wanted NAME chooses, and after_step is told of every outcome
# (NAME SECONDS PASSED FAILED SKIPPED).
is_wanted() { true; }
after_step() { true; }

report() {
  local name=$1 verdict=$2 count=$3
  printf '%-6s %4d s  %s\n' "$verdict" "$step_seconds" "$count"
  if [[ $verdict == FAILED ]]; then
    failures+=("$name")
    tail -n "${GOSHAWK_TAIL:-40}" "$logs/$name.log" | sed 's/^/    /'
    echo "    (all of it: $logs/$name.log)"
  fi
}

step() {
  local name=$1
  is_wanted "$name" || return 0
  run_logged "$@"
  if [[ $step_code -eq 0 ]]; then
    passed=$((passed + 1))
    report "$name" ok ''
    after_step "$name" "$step_seconds" 1 0 0
  else
    failed=$((failed + 1))
    report "$name" FAILED "exit code $step_code"
    after_step "$name" "$step_seconds" 0 1 0
  fi
}

suite() {
  local name=$1 good=0 bad=0 left_out=0 verdict=ok
  is_wanted "$name" || return 0
  export suite_results=$PWD/$logs/$name
  rm -rf "$suite_results"
  mkdir -p "$suite_results"
  run_logged "$@"
  read -r good bad left_out < <("$python" tools/count_tests "$suite_results" 2>>"$logs/$name.log" || echo 0 0 0)
  # A crash after the last result, or no test at all, is a failure that no result shows.
  if [[ $bad -eq 0 && ($step_code -ne 0 || $good -eq 0) ]]; then
    bad=1
    echo "$name: exit code $step_code, $good tests passed, none reported as failed" >>"$logs/$name.log"
  fi
  # What this machine cannot run is said; the machine that decides about a change must run it all.
  if [[ -n ${CI:-} && $left_out -gt 0 ]]; then bad=$((bad + left_out)) left_out=0; fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left_out))
  [[ $bad -eq 0 ]] || verdict=FAILED
  report "$name" "$verdict" "$good passed, $bad failed, $left_out skipped"
  grep '^left out: ' "$logs/$name.log" | cut -c1-160 | sed 's/^/    /' || true
  if grep -q '^  skipped: ' "$logs/$name.log"; then sed -n 's/^  skipped: /    skipped: /p' "$logs/$name.log" | head -n 20; fi
  after_step "$name" "$step_seconds" "$good" "$bad" "$left_out"
}

finish() {
  [[ ${#failures[@]} -eq 0 ]] || echo "failed: ${failures[*]}"
  echo "$passed passed, $failed failed, $skipped skipped"
  [[ $failed -eq 0 && $passed -gt 0 ]]
}

# --- what the steps do ---

cpp_files() { git ls-files -co --exclude-standard -- '*.h' '*.cpp' | while read -r f; do [[ ! -f $f ]] || echo "$f"; done; }

bash_files() {
  git ls-files -co --exclude-standard | while read -r f; do
    if [[ -f $f ]] && head -n 1 "$f" | grep -qaE '^#!.*\bbash\b'; then echo "$f"; fi
  done
  echo script/steps.bash
  echo script/suites.bash
}

check_format() {
  cpp_files | xargs -r clang-format-19 --dry-run -Werror
  local unformatted
  unformatted=$(git ls-files -co --exclude-standard -- '*.go' | xargs -r "$(go_root)"/bin/gofmt -l)
  [[ -z $unformatted ]] || { echo "gofmt would change: $unformatted"; return 1; }
}

# gofmt stands beside the compiler, not always on the PATH.
go_root() { (cd / && go env GOROOT); }

check_shell() { bash_files | xargs shellcheck --shell=bash --external-sources; }

build_dev() {
  cmake --preset "${1:-dev}"
  cmake --build --preset "${1:-dev}"
}

build_release() {
  cmake --preset release
  cmake --build --preset release
  build/goshawk --version
}

# Every test program of a build, each writing its own result file.
unit_tests() {
  GTEST_OUTPUT="xml:$suite_results/" ctest --test-dir "$1" --output-on-failure -j "$(nproc)" --timeout 300
}

# clang-tidy reads how each file is compiled from the dev build's database.
tidy_all() { tools/run_tidy build/dev; }

# tidy_recent COMMITS: the sources that so many commits have changed, which is what a change is likely to break; all of
# them take a third of the time that script/test has, and are script/test-all's. All, too, where the history is shorter,
# or the checks themselves are others.
tidy_recent() {
  local since=HEAD~$1 changed files
  if ! git rev-parse -q --verify "$since" >/dev/null || ! git diff --quiet "$since" -- .clang-tidy; then tidy_all; return; fi
  changed=$(git diff --name-only --diff-filter=d "$since" -- src; git ls-files -o --exclude-standard -- src)
  mapfile -t files < <(grep -E '\.cpp$' <<<"$changed" | grep -v '_test\.cpp$' | sort -u)
  [[ ${#files[@]} -gt 0 ]] || { echo "no source has changed since $since"; return; }
  tools/run_tidy build/dev "${files[@]}"
}

# It believes that a return out of a statement expression (TRY) runs no destructors; what really leaks
# is AddressSanitizer's to find.
analyze_all() { tools/run_tidy build/dev --checks='-*,clang-analyzer-*,-clang-analyzer-cplusplus.NewDeleteLeaks'; }
