# shellcheck shell=bash
# ./dev test: everything that can be checked. A suite is a function that prints what it does and, once or more often, a
# line "@counts PASSED FAILED [SKIPPED]"; run_suite keeps it quiet, shows all of it when something failed, and adds it up.
# What is skipped, for a reason that the suite prints as "# SKIP REASON", is counted and shown too.

SUITE_ROWS=()
ALL_PASSED=0
ALL_FAILED=0
ALL_SKIPPED=0

# run_suite NAME FUNCTION ARGS...
run_suite() {
    local name=$1 log begin=$SECONDS status=0 passed failed skipped
    shift
    # shellcheck disable=SC2153 # LOGS is from lib.sh
    log=$LOGS/suite-$(printf '%s' "$name" | tr -cs '[:alnum:]' '-').log
    run_shown "$name" "$log" "$ROOT/tools/call.sh" "$@" || status=$?
    read -r passed failed skipped < <(
        awk '$1 == "@counts" { p += $2; f += $3; s += $4 } END { print p + 0, f + 0, s + 0 }' "$log"
    )
    # A suite that breaks before it has counted, or that counts nothing at all, has not passed.
    if [ "$failed" = 0 ] && { [ "$status" != 0 ] || [ "$passed" = 0 ]; }; then failed=1; fi
    if [ "$failed" != 0 ]; then
        say "  $name: FAILED; its output:"
        what_went_wrong "$log"
    else
        say "  $name: $passed passed, $((SECONDS - begin)) s"
    fi
    [ "$skipped" = 0 ] || say_skipped "$log"
    SUITE_ROWS+=("$(printf '%-44s %8d %8d %8d %8d' "$name" "$passed" "$failed" "$skipped" $((SECONDS - begin)))")
    ALL_SKIPPED=$((ALL_SKIPPED + skipped))
    ALL_PASSED=$((ALL_PASSED + passed))
    ALL_FAILED=$((ALL_FAILED + failed))
}

# Each reason with the number of tests that it kept from running.
say_skipped() {
    sed -n 's/.*# SKIP *//p' "$1" | sort | uniq -c | while read -r count reason; do say "    $count skipped: $reason"; done
}

# run_tests [--browser chromium|firefox]: everything, or all tests of the page in this browser.
run_tests() {
    case $* in
    '') run_all_suites ;;
    '--browser chromium' | '--browser firefox') run_browser_suite "$2" ;;
    *) die "./dev test takes --browser chromium or --browser firefox, or nothing, not $*" ;;
    esac
}

run_browser_suite() {
    local begin=$SECONDS
    setup_web
    if [ "$1" = firefox ]; then setup_firefox; else setup_browser; fi
    run_suite "WebAssembly build" suite_build web
    run_suite "Browser: $1" suite_browser "$1"
    print_summary "$begin"
}

run_all_suites() {
    local begin=$SECONDS
    need_packages native wasm browser firefox check
    setup_native
    setup_web
    setup_browser

    run_suite "Includes go left, scripts are clean" suite_sources
    run_suite "Development server and ./dev" suite_tools
    run_suite "Native build (warnings are errors)" suite_build dev
    run_suite "Unit tests, native, ASan and UBSan" suite_unit_native
    run_suite "Scenarios, native, ASan and UBSan" suite_scenarios
    run_suite "Oracle: recordings of real kernels" suite_oracle
    run_suite "Generated files are current" suite_generated
    run_suite "WebAssembly build" suite_build web
    run_suite "Unit tests, WebAssembly in node" suite_unit_wasm
    run_suite "Scenario hashes: native = WebAssembly" suite_hashes
    run_suite "Limits on work: native = WebAssembly" suite_work
    run_suite "Browser: Chromium" suite_browser chromium
    if has_firefox; then
        run_suite "Browser: Firefox (smoke)" suite_smoke firefox
    else
        say "  Browser: Firefox (smoke): not run. $NO_FIREFOX"
    fi
    print_summary "$begin"
}

# print_summary BEGIN: succeeds if nothing failed.
print_summary() {
    printf '\n%-44s %8s %8s %8s %8s\n' suite passed failed skipped seconds
    printf '%s\n' "${SUITE_ROWS[@]}"
    printf '%-44s %8d %8d %8d %8d\n\n' "all" "$ALL_PASSED" "$ALL_FAILED" "$ALL_SKIPPED" $((SECONDS - $1))
    echo "$ALL_PASSED passed, $ALL_FAILED failed, $ALL_SKIPPED skipped"
    [ "$ALL_FAILED" = 0 ]
}

# ---- Suites ----------------------------------------------------------------------------------------------------------

suite_sources() {
    node tools/check-includes.mjs
    check_scripts
}

# Shell scripts parse, and shellcheck, where it is installed, has nothing to say.
check_scripts() {
    local script failed=0 passed=0
    for script in dev .ci/run tools/*.sh; do
        if bash -n "$script" && { ! have shellcheck || shellcheck -x "$script"; }; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
    done
    echo "@counts $passed $failed"
}

suite_build() {
    [ "$1" != web ] || setup_emscripten
    configure_and_build "$1"
    echo "@counts 1 0"
}

suite_unit_native() {
    export ASAN_OPTIONS=print_legend=0 UBSAN_OPTIONS=print_stacktrace=1
    gtest_in_shards "$JOBS" build/dev/mmscope_tests
}

suite_unit_wasm() {
    gtest_in_shards "$JOBS" node build/web/mmscope_tests.js
}

# gtest_in_shards N COMMAND...: the tests in N processes at once. Of tests that pass nothing is printed.
gtest_in_shards() {
    local shards=$1 i pids=() logs=() status=0
    shift
    for ((i = 0; i < shards; i++)); do
        logs+=("$LOGS/shard-$$-$i.log")
        "$@" --shard="$i/$shards" --gtest_color=no >"${logs[$i]}" 2>&1 &
        pids+=($!)
    done
    for ((i = 0; i < shards; i++)); do
        wait "${pids[$i]}" || status=1
        # A test that began and did not end, because the program died in it, has failed.
        awk '/^\[ RUN      \]/ { begun++; run = $0; next }
             /^\[       OK \]/ { passed++; run = ""; next }
             /^(\[[-=]+\]|\[  PASSED  \]|Note: This is test shard|$)/ { next }
             run != "" { print run; run = "" }
             { print }
             END { print "@counts", passed + 0, begun - passed }' "${logs[$i]}"
        rm -f "${logs[$i]}"
    done
    return $status
}

# Scenarios: expectations hold, and each ends in the same state natively and as WebAssembly. Machines, which scenarios
# name, and the list of scenarios are no scenarios themselves.
scenario_files() { find scenarios -name '*.json' -not -path '*/machines/*' -not -path '*/earlier/*' -not -name index.json | sort; }

suite_scenarios() {
    local file passed=0 failed=0
    while read -r file; do
        if build/dev/mmscope check "$file"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    done < <(scenario_files)
    echo "@counts $passed $failed"
}

suite_hashes() {
    local native=$LOGS/hashes-native.txt wasm=$LOGS/hashes-wasm.txt files=() file
    while read -r file; do files+=("$file"); done < <(scenario_files)
    build/dev/mmscope check --hash "${files[@]}" >"$native" || true
    node build/web/mmscope.js check --hash "${files[@]}" >"$wasm" || true
    # A line is HASH  FILE. A file that one of the two does not list is a difference too.
    printf '%s\n' "${files[@]}" | awk -v native="$native" -v wasm="$wasm" '
        BEGIN { while ((getline line < native) > 0) { split(line, f, "  "); of_native[f[2]] = f[1] }
                while ((getline line < wasm) > 0) { split(line, f, "  "); of_wasm[f[2]] = f[1] } }
        $0 in of_native && of_native[$0] == of_wasm[$0] { passed++; next }
        { failed++; print $0 ": native " of_native[$0] ", WebAssembly " of_wasm[$0] }
        END { print "@counts", passed + 0, failed + 0 }'
}

# Files of tests/budget that ask for too much: refused in the same words natively and as WebAssembly, so at the same op.
suite_work() {
    local native=$LOGS/work-native.txt wasm=$LOGS/work-wasm.txt files=(tests/budget/*.json) file passed=0 failed=0
    for file in "${files[@]}"; do
        build/dev/mmscope run --until 0 "$file" >"$native" 2>&1 || true
        node build/web/mmscope.js run --until 0 "$file" >"$wasm" 2>&1 || true
        if cmp -s "$native" "$wasm"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "$file: native $(cat "$native"), WebAssembly $(cat "$wasm")"
        fi
    done
    echo "@counts $passed $failed"
}

# A check is one area of one recorded machine, often thousands of facts: each equal to the recording, or listed with its
# reason in known-differences.json.
suite_oracle() {
    local json=$LOGS/conformance.json status=0
    build/dev/mmscope oracle --json tests/oracle >"$json" || status=$?
    [ "$status" = 0 ] || build/dev/mmscope oracle tests/oracle || true
    [ -s "$json" ] && node -e '
        const { rows } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
        const passed = rows.filter((row) => row.different === 0).length;
        console.log("@counts", passed, rows.length - passed);' "$json"
    return "$status"
}

suite_tools() { node_tests "$JOBS" tests/tools/*.test.mjs; }

# suite_browser chromium|firefox
suite_browser() {
    export MMSCOPE_BROWSER=$1
    # Each file of tests has a browser and a server of its own. Many at once would wait for each other's drawing.
    node_tests $((JOBS < 4 ? JOBS : 4)) tests/browser/*.test.mjs
}

# The few tests that tell whether the page works in a browser at all.
suite_smoke() {
    export MMSCOPE_BROWSER=$1
    node_tests 1 tests/browser/smoke.test.mjs
}

# node_tests N FILES...: tests of node's own kind, so many files at once. Of tests that pass nothing is printed.
node_tests() {
    local at_once=$1 log=$LOGS/node-tests-$$.tap
    shift
    node --test --test-reporter=tap --test-concurrency="$at_once" "$@" >"$log" 2>&1 || true
    awk '/^ *# Subtest/ { show = 0 } /^ *not ok/ { show = 1 } show || /^ *ok .*# SKIP/' "$log"
    awk '/^# pass / { p = $3 } /^# fail / { f = $3 } /^# cancelled / { f += $3 } /^# skipped / { s = $3 }
         END { print "@counts", p + 0, f + 0, s + 0 }' "$log"
}
