# shellcheck shell=bash
# Builds with the presets of CMakePresets.json: cli, dev, release, web, fuzz.

# build PRESET LABEL [TARGET...]: configures when needed and builds. The toolchain must be set up.
build() {
    local preset=$1 label=$2
    shift 2
    step "$label" configure_and_build "$preset" "$@"
}

configure_and_build() {
    local preset=$1
    shift
    configured "$preset" || cmake --preset "$preset"
    # -k 0: what does not depend on the first error is still built, so that all errors are seen at once.
    ninja -C "build/$preset" -j "$JOBS" -k 0 "$@"
}

# Is the build folder there, made from the presets of now? One that another compiler made is removed.
configured() {
    local folder=$ROOT/build/$1 compiler
    case $1 in
    web) compiler="$(command -v emcc) $(emcc_version)" ;;
    *) compiler=$(command -v "${CXX:-c++}") ;;
    esac
    if [ -f "$folder/compiler.stamp" ] && [ "$compiler" != "$(cat "$folder/compiler.stamp")" ]; then
        rm -rf "$folder"
    fi
    mkdir -p "$folder"
    printf '%s\n' "$compiler" >"$folder/compiler.stamp"
    [ "$folder/build.ninja" -nt "$ROOT/CMakePresets.json" ]
}

build_page() { build web "Page (WebAssembly)" dist; }
build_cli() { build cli "Command line" mmscope; }

build_everything() {
    setup_cli
    build_cli
    setup_web
    build_page
    say "build/web/dist: $(dist_size); build/cli/mmscope"
}

dist_size() { du -sk "$ROOT/build/web/dist" | cut -f 1 | sed 's/$/ KiB/'; }

run_cli() {
    setup_cli
    build_cli
    # Paths among the arguments are those of whoever calls.
    cd "$CALLER" && "$ROOT/build/cli/mmscope" "$@"
}

# run_oracle [DIR] [OPTIONS...]: the recordings of the project when no folder is named.
run_oracle() {
    case ${1:-} in '' | -*) set -- "$ROOT/tests/oracle" "$@" ;; esac
    run_cli oracle "$@"
}

serve() {
    local port=8000
    while [ $# -gt 0 ]; do
        case $1 in
        --port)
            [ $# -gt 1 ] || die "--port needs a number from 1 to 65535"
            port=$2
            shift 2
            ;;
        --port=*)
            port=${1#*=}
            shift
            ;;
        *) die "./dev serve does not know $1; it takes --port N" ;;
        esac
    done
    # Told before anything is built.
    is_port "$port" || die "--port $port: a port is a number from 1 to 65535"
    setup_web
    build_page
    exec node "$ROOT/tools/serve.mjs" "$ROOT/build/web/dist" "$port"
}

is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && [ "$1" -le 65535 ]; }
