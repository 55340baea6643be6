# shellcheck shell=bash
# ./dev bench, fuzz, fmt, screenshot, pack, fonts.

# run_benchmarks [--keep] [ARGS of Google Benchmark...]: --keep writes the figures to tests/bench/RESULTS.md.
run_benchmarks() {
    local results=$LOGS/bench.md keep=
    if [ "${1:-}" = --keep ]; then
        keep=1
        shift
    fi
    setup_native
    setup_web
    setup_browser
    build release "Benchmarks, native" mmscope_bench mmscope
    build web "Benchmarks and page, WebAssembly" mmscope_bench dist
    {
        echo "# Benchmarks"
        printf '\n%s, %s, %s processors; commit %s\n' \
            "$(date -u +%Y-%m-%d)" "$(processor_name)" "$JOBS" "$(git rev-parse --short HEAD)"
        bench_section "Native ($(c++ --version | head -n 1))" build/release/mmscope_bench "$@"
        bench_section "WebAssembly in node $(node --version)" node build/web/mmscope_bench.js "$@"
        bench_section "Page in headless Chromium" node tests/bench/page.mjs
        bench_section "Frames in headless Chromium, machine of 64 GiB" node tests/bench/frames.mjs
    } | tee "$results"
    bench_section "Presses per lesson: written steps, ops" build/release/mmscope check --presses scenarios/*.json | tee -a "$results"
    bench_section "Aims" node tests/bench/aims.mjs "$results" | tee -a "$results"
    [ -z "$keep" ] || cp "$results" tests/bench/RESULTS.md
}

bench_section() {
    printf '\n## %s\n\n```\n' "$1"
    shift
    "$@" 2>/dev/null | grep -vE '^(TAP version|1\.\.0$|# [a-z_]+ [0-9.]+$)' # what node's test runner adds
    printf '```\n'
}

processor_name() {
    awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo 2>/dev/null || uname -m
}

# All targets run side by side for SECONDS. What they found interesting is kept in build/corpus and is where the next run
# starts. What a target prints is its log; its last figures, or how it failed, are shown.
run_fuzzers() {
    local seconds=${1:-30} target name names=() pids=() i failed=0
    [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "./dev fuzz takes a number of seconds from 1 on, not $seconds"
    need_packages fuzz
    need_commands cmake ninja git
    setup_sources
    CXX=$(clang_with_fuzzer) || die "clang++ with libFuzzer is needed (Debian: clang-19 and libclang-rt-19-dev)"
    CC=${CXX/++/}
    export CC CXX
    build fuzz "Fuzz targets"
    for target in build/fuzz/mmscope_fuzz_*; do
        name=${target##*/}
        names+=("$name")
        fuzz_target "$target" "$name" "$seconds" >"$LOGS/$name.log" 2>&1 &
        pids+=($!)
    done
    say "${names[*]}: $seconds s, side by side"
    for i in "${!names[@]}"; do
        name=${names[$i]}
        if wait "${pids[$i]}"; then
            say "  $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$LOGS/$name.log") inputs, 0 findings"
        else
            failed=$((failed + 1))
            say "  $name: a finding; the end of $LOGS/$name.log:"
            tail -n 60 "$LOGS/$name.log" >&2
        fi
    done
    [ "$failed" = 0 ] || die "$failed of ${#names[@]} targets found something"
}

# Files to start from: tests/fuzz/NAME/ beside tests/fuzz/NAME.cpp.
fuzz_target() {
    local target=$1 name=$2 seconds=$3 corpora=("build/corpus/$2")
    mkdir -p "build/corpus/$name"
    [ ! -d "tests/fuzz/${name#mmscope_fuzz_}" ] || corpora+=("tests/fuzz/${name#mmscope_fuzz_}")
    "$target" -max_total_time="$seconds" -timeout=30 -len_control=0 -print_final_stats=1 \
        -artifact_prefix="build/corpus/$name-" "${corpora[@]}"
}

clang_with_fuzzer() {
    local compiler
    for compiler in clang++ clang++-19; do
        if have "$compiler" && echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, long) { return 0; }' |
            "$compiler" -x c++ - -fsanitize=fuzzer,address -o /dev/null 2>/dev/null; then
            echo "$compiler"
            return
        fi
    done
    return 1
}

format_sources() {
    local formatter=clang-format-19 files
    need_packages format
    have "$formatter" || formatter=clang-format
    need_commands "$formatter"
    files=$(find engine shell tests -name '*.cpp' -o -name '*.h')
    case ${1:-} in
    --check) echo "$files" | xargs "$formatter" --dry-run --Werror ;;
    '') echo "$files" | xargs "$formatter" -i ;;
    *) die "./dev fmt does not know $1; it takes --check" ;;
    esac
}

take_screenshots() {
    setup_web
    setup_browser
    build_page
    node tests/browser/screenshots.mjs "${1:-build/screenshots}"
}

# pack [--course LESSON...]: what is wrong with the command line is told before anything is built.
pack() {
    case ${1:-} in
    --course) pack_course "$@" ;;
    '') pack_npm ;;
    *) die "./dev pack does not know $1; it takes nothing, or --course LESSON... (docs/courses.md)" ;;
    esac
}

pack_npm() {
    setup_web
    build_page
    exec node "$ROOT/tools/pack-npm.mjs" --page "$ROOT/build/web/dist" --out "$ROOT/build/pack"
}

pack_course() {
    local argument own=
    need_packages npm
    need_commands node
    node "$ROOT/tools/pack-course.mjs" --check "$@" || exit
    for argument in "$@"; do
        case $argument in *.json) own=1 ;; esac
    done
    if [ -n "$own" ]; then
        setup_cli
        build_cli
        set -- "$@" --checker "$ROOT/build/cli/mmscope"
    fi
    setup_web
    build_page
    exec node "$ROOT/tools/pack-course.mjs" --page "$ROOT/build/web/dist" "$@"
}

# ---- The fonts of the canvas, shell/fonts/* --------------------------------------------------------------------------
# They are committed; this is how they came about, and how a character is added: Debian's fonts reduced to the
# characters below and the Chinese of the files that shell/fonts/chinese-from.txt names (a folder, and how their names end),
# without hinting and layout tables.

FONT_CHARACTERS=(
    U+0020-007E U+00A0 U+00A7 U+00B0-00B3 U+00B5 U+00B7 U+00BD U+00D7                   # ASCII, · × ± ° µ
    U+2013 U+2014 U+2018 U+2019 U+201C U+201D U+2026 U+2039 U+203A                      # – — ‘ ’ “ ” … ‹ ›
    U+2190-2195 U+21B5 U+2212 U+221E U+2248 U+2260 U+2264 U+2265                        # arrows, − ∞ ≈ ≠ ≤ ≥
    U+2500-257F U+2588 U+258C U+2591-2593                                               # boxes and shades
    U+25A0 U+25A1 U+25B2 U+25B6 U+25B8 U+25BC U+25C0 U+25C2 U+25CB U+25CF U+2713 U+2717 # ■ □ ▲ ▶ ▼ ◀ ● ✓ ✗
    U+FFFD
)

make_fonts() {
    need_packages fonts
    local fonts=/usr/share/fonts
    local characters
    characters=$(IFS=, && echo "${FONT_CHARACTERS[*]}")
    subset_font "$fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf" shell/fonts/mono.ttf --unicodes="$characters"
    subset_font "$fonts/opentype/inter/Inter-Regular.otf" shell/fonts/words.otf --unicodes="$characters"
    # Chinese: the characters of what the canvas itself says; all other text is the page's. A test compares (tests/shell/fonts_test.cpp).
    local folder suffix
    while read -r folder suffix; do
        find "$folder" -name "*$suffix" -exec grep -ohP '[\x{2e80}-\x{ffef}]' {} +
    done <shell/fonts/chinese-from.txt | LC_ALL=C sort -u | tr -d '\n' >build/chinese.txt
    subset_font "$fonts/truetype/wqy/wqy-microhei.ttc" shell/fonts/chinese.ttf --text-file=build/chinese.txt --font-number=0
    ls -l shell/fonts
}

# subset_font FONT RESULT WHICH...: the time stamp stays the original's, so that the same input gives the same bytes.
subset_font() {
    /usr/bin/python3 -m fontTools.subset "$1" --output-file="$2" "${@:3}" \
        --layout-features= --no-hinting --desubroutinize --notdef-outline --no-recalc-timestamp \
        --drop-tables+=GSUB,GPOS,GDEF,DSIG,vhea,vmtx,FFTM
}
