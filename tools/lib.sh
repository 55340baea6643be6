# shellcheck shell=bash
# What every part of ./dev uses: where things are, messages, and steps that are quiet unless they fail.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${MMSCOPE_CACHE:-${HOME:-}/.cache/mmscope}
LOGS=$ROOT/build/logs
JOBS=${MMSCOPE_JOBS:-$(nproc 2>/dev/null || sysctl -n hw.ncpu)}
export ROOT CACHE LOGS JOBS MMSCOPE_CACHE=$CACHE

export npm_config_cache=$CACHE/npm npm_config_update_notifier=false

say() { printf '%s\n' "$*" >&2; }
die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# need_folder FOLDER HELP: the folder is there and files can be written in it, or ./dev ends and says what helps.
need_folder() {
    local probe=$1/.write-$$
    if ! { mkdir -p "$1" && : >"$probe"; } 2>/dev/null; then
        die "cannot write in $1; $2"
    fi
    rm -f "$probe"
}

need_folders() {
    need_folder "$LOGS" "logs and all that is built go to $ROOT/build: give yourself the right to write there, or remove it"
    need_folder "$CACHE" "downloads and the compiler cache go there: give yourself the right to write in it, or set MMSCOPE_CACHE to another folder"
}

# version_at_least 3.1.69 3.1.6: is the first at least the second?
version_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# step LABEL COMMAND...: runs the command with its output in a log. A terminal sees the last line of the log while it
# runs; a plain log sees a line every half minute. When it fails, all of the output is shown.
step() {
    local label=$1 log begin=$SECONDS
    shift
    log=$LOGS/$(printf '%s' "$label" | tr -cs '[:alnum:]' '-').log
    if run_shown "$label" "$log" "$@"; then
        say "  $label: $((SECONDS - begin)) s"
    else
        say "  $label: failed after $((SECONDS - begin)) s"
        what_went_wrong "$log"
        return 1
    fi
}

# run_shown LABEL LOG COMMAND...: runs the command into the log and shows that it is alive.
run_shown() {
    local label=$1 log=$2 pid begin=$SECONDS shown=$SECONDS status=0
    shift 2
    rm -f "$log" # another user's, perhaps
    "$@" >"$log" 2>&1 &
    pid=$!
    # Ended with ./dev: the command must not outlive it.
    trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        if [ -t 2 ]; then
            printf '\r\033[K  %s: %d s  %s' "$label" $((SECONDS - begin)) "$(last_line "$log" 60)" >&2
        elif [ $((SECONDS - shown)) -ge 30 ]; then
            shown=$SECONDS
            say "  $label: $((SECONDS - begin)) s so far  $(last_line "$log" 60)"
        fi
        sleep 0.2
    done
    wait "$pid" || status=$?
    trap - INT TERM
    [ ! -t 2 ] || printf '\r\033[K' >&2
    return $status
}

# Prints a log without the lines in which a build says that all is well.
what_went_wrong() {
    local fine='^(@counts |\[[0-9]+/[0-9]+\] |-- |Preset CMake variables|  [A-Z_]+(:[A-Z]+)?=")'
    grep -vE "$fine" "$1" | cat -s >&2 || true
}

last_line() { tail -n 1 "$1" 2>/dev/null | tr -d '\r' | cut -c "1-$2"; }

# locked COMMAND...: one at a time among all clones that share the cache.
locked() {
    if have flock; then
        (
            flock 9
            "$@"
        ) 9>"$CACHE/lock"
    else
        "$@"
    fi
}
