# shellcheck shell=bash
# Files that the command line writes and the project keeps: ./dev generate writes them, ./dev test compares them.

# What is generated, and by which arguments of the command line.
GENERATED=(
    "docs/ops.md                 ops --markdown"
    "web/schema/mmscope-1.schema.json schema"
    "docs/conformance.md         oracle --table"
    "web/conformance.json        oracle --json"
    "web/find/functions.json     functions.mjs"
    "scenarios/earlier/published.json published.mjs"
)

# What the program in $1, or a script of tools/ on it, prints for the arguments of a row.
print_generated() {
    case $2 in
        *.mjs) node "tools/$2" "$1" ;;
        *) "$@" ;;
    esac
}

generate_files() {
    local row file arguments
    setup_cli
    build_cli
    for row in "${GENERATED[@]}"; do
        read -r file arguments <<<"$row"
        mkdir -p "$(dirname "$file")"
        # shellcheck disable=SC2086 # words of the table
        print_generated build/cli/mmscope $arguments >"$file.new" || true
        if [ -s "$file.new" ]; then
            mv "$file.new" "$file"
            say "  $file"
        else
            rm -f "$file.new"
            die "mmscope $arguments printed nothing"
        fi
    done
    node tools/published.mjs --keep
}

# Each generated file is what the program of today would write.
suite_generated() {
    local row file arguments fresh passed=0 failed=0
    for row in "${GENERATED[@]}"; do
        read -r file arguments <<<"$row"
        fresh=$LOGS/generated-$(basename "$file")
        # shellcheck disable=SC2086 # words of the table
        print_generated build/dev/mmscope $arguments >"$fresh" || true
        if diff "$file" "$fresh"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "$file is not what mmscope $arguments prints; ./dev generate writes it"
        fi
    done
    echo "@counts $passed $failed"
}
