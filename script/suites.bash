# Sourced after script/steps.bash: what script/test runs, which script/test-all runs too.
# shellcheck disable=SC2154  # python, workers, logs and suite_results come from there

end_to_end() {
  GOSHAWK=${1:-$PWD/build/goshawk} "$python" -m pytest tests/end_to_end -n "$workers" \
    --junitxml="$suite_results/results.xml" -q
}

# What is in the tables of layouts is what a toolchain says today: the newest release, each
# architecture and experiment.
check_layout_tables() {
  local newest
  newest=$(tail -n 1 tests/go_versions.txt)
  "$python" tools/runtime_layouts/generate.py --only "${newest%.*}" --check
}

# Every command's help, the manual page and the completions come from one table and must be readable
# by the programs that they are for.
check_documents() {
  local goshawk=build/goshawk
  "$goshawk" --help | grep -q leaks
  diff docs/goshawk.1 <("$goshawk" man) || { echo "renew it: build/goshawk man > docs/goshawk.1"; return 1; }
  "$goshawk" man | man --warnings -l - 2>"$logs/man.warnings" | grep -q NAME
  [[ ! -s $logs/man.warnings ]] || { cat "$logs/man.warnings"; return 1; }
  "$goshawk" completion bash | bash -n
  "$goshawk" completion zsh | zsh -n
  "$goshawk" completion fish | fish -n
}

# script/test-all looks at all of them.
tidy_sources() { tidy_recent 20; }

run_all_suites() {
  step format check_format
  step shellcheck check_shell
  step floors tools/check_floors
  step floors-self-test tools/check_floors --self-test
  step release-build build_release
  step go-releases script/go-toolchain --all
  step dev-build build_dev
  suite unit-tests unit_tests build/dev
  step layout-tables check_layout_tables
  step clang-tidy tidy_sources
  suite end-to-end end_to_end
  step readme-output script/readme-output --check
  step documents check_documents
  step kubernetes-document tools/kubernetes_document --check
  step demo script/demo
  step bench-smoke bench/run --smoke
  step fuzz script/fuzz all 0.17
}
