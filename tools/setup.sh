# shellcheck shell=bash
# Gets what a build needs, once a machine: Debian packages, Emscripten, sources of libraries, the browser driver.
# Everything that is not a Debian package goes to $CACHE. On Debian 12 as root nothing needs to be there before.

EMSCRIPTEN_MINIMUM=3.1.50 # -sSTACK_SIZE, and a libc++ with all of C++20 that the engine uses
EMSCRIPTEN_DEBIAN=3.1.69+dfsg-3
BINARYEN_DEBIAN=120-4

# Checksums of the Debian source packages, which are repacked: they differ from upstream's tarballs.
IMGUI_SHA256=e7bd201d56b5ee90d24d5dac85e5c12f98bdb95410252a62d27b7f89e4566d48
SDL2_SHA256=d364cded8bf41f3f503014d3fb6473f1a7077ff468da1638dae4a6bec6ef2277
BENCHMARK_SHA256=6430e4092653380d9dc4ccb45a1e2dc9259d581f4866dc0759713126056bc1d7
ZLIB_SHA256=71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1

# shellcheck disable=SC2153 # ROOT is from lib.sh
# version_of IMGUI: the version that CMake builds with.
version_of() { sed -n "s/^set($1_VERSION \(.*\))\$/\1/p" "$ROOT/cmake/Versions.cmake"; }

on_debian() { grep -qx 'ID=debian' /etc/os-release 2>/dev/null; }
on_debian_12() { on_debian && grep -qx 'VERSION_ID="12"' /etc/os-release; }

# The Debian mirror that this machine's apt uses.
debian_mirror() {
    local mirror
    # shellcheck disable=SC2016 # apt's own variable
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | awk '/\/debian\/?$/ && !n++')
    [ -n "$mirror" ] || die "no Debian mirror among the sources of apt; see apt-get indextargets"
    printf '%s' "$mirror"
}

# ---- Debian packages -------------------------------------------------------------------------------------------------

# packages_for cli|native|wasm|browser|firefox|fuzz|check|format|fonts: the packages of one kind of work. Where a command is all that
# matters, another way to have it is as good.
packages_for() {
    case $1 in
    cli)
        package_of c++ g++
        package_of cmake cmake
        package_of ninja ninja-build
        echo ccache nlohmann-json3-dev zlib1g-dev
        ;;
    native)
        packages_for cli
        package_of git git
        package_of xz xz-utils
        echo ca-certificates googletest
        ;;
    wasm)
        packages_for native
        package_of python3 python3
        if ! emcc_is_new_enough; then
            if on_debian_12; then echo clang-19 lld-19 llvm-19; else echo emscripten; fi
        fi
        ;;
    browser)
        browser_program >/dev/null || echo chromium
        echo fonts-dejavu-core fonts-wqy-microhei
        ;;
    firefox)
        firefox_program >/dev/null || echo firefox-esr
        package_of Xvfb xvfb
        echo fonts-dejavu-core fonts-wqy-microhei
        ;;
    npm) package_of node nodejs && package_of npm npm ;;
    fuzz) packages_for native && echo clang-19 libclang-rt-19-dev ;;
    check) package_of shellcheck shellcheck ;;
    format) echo clang-format-19 ;;
    fonts) echo python3-fonttools fonts-jetbrains-mono fonts-inter fonts-wqy-microhei ;;
    esac
}

# package_of COMMAND PACKAGE: the package, unless the command is there.
package_of() { have "$1" || echo "$2"; }

package_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need_packages KIND...: installs what is missing, or says what to install.
need_packages() {
    on_debian || return 0
    local kind package missing=()
    for kind in "$@"; do
        for package in $(packages_for "$kind"); do
            package_installed "$package" || missing+=("$package")
        done
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
    if [ "$(id -u)" != 0 ]; then
        die "these Debian packages are missing; install them and start again:
  sudo apt-get install --no-install-recommends ${missing[*]}"
    fi
    step "Debian packages (${#missing[@]})" install_packages "${missing[@]}"
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -y -q --no-install-recommends "$@"
}

# need_commands COMMAND...: for systems other than Debian, where we do not install anything.
need_commands() {
    local command missing=()
    for command in "$@"; do have "$command" || missing+=("$command"); done
    [ ${#missing[@]} -eq 0 ] || die "not found on the PATH: ${missing[*]}"
}

# with_debian_release DIR LINE... -- COMMAND...: runs the command with an apt of its own that knows only these sources;
# the machine's sources and lists are not touched.
with_debian_release() {
    local dir=$1 line mirror
    shift
    mirror=$(debian_mirror) || return 1
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
    : >"$dir/sources.list"
    while [ "$1" != -- ]; do
        line=$1
        echo "${line%% *} [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror ${line#* } main" \
            >>"$dir/sources.list"
        shift
    done
    shift
    cat >"$dir/apt.conf" <<CONF
Dir::Etc::SourceList "$dir/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::Lists "$dir/lists";
Dir::Cache "$dir/cache";
APT::Sandbox::User "root";
Acquire::Check-Valid-Until "false";
CONF
    (
        export APT_CONFIG=$dir/apt.conf
        apt-get update -q
        "$@"
    )
}

# ---- Emscripten ------------------------------------------------------------------------------------------------------

emcc_version() { emcc --version 2>/dev/null | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p'; }

emcc_is_new_enough() { have emcc && version_at_least "$(emcc_version)" "$EMSCRIPTEN_MINIMUM"; }

# setup_emscripten: afterwards emcc is on the PATH. One from the PATH is used if it is new enough.
setup_emscripten() {
    local prefix=$CACHE/emscripten-3.1.69
    if emcc_is_new_enough; then return; fi
    ! have emcc || say "  emcc $(emcc_version) on the PATH is older than $EMSCRIPTEN_MINIMUM"
    on_debian_12 ||
        die "emcc $EMSCRIPTEN_MINIMUM or newer is needed; see https://emscripten.org/docs/getting_started/downloads.html"
    [ -r "$prefix/env.sh" ] || step "Emscripten 3.1.69" locked unpack_emscripten "$prefix"
    # shellcheck disable=SC1091
    . "$prefix/env.sh"
}

# Debian 13's Emscripten in a folder of its own on Debian 12: Python and JavaScript as they are, the compiler from
# Debian 12's clang-19, and binaryen started through the C library it was linked with.
unpack_emscripten() {
    local prefix=$1 root lib tool name deb
    [ ! -r "$prefix/env.sh" ] || return 0
    rm -rf "$prefix"
    mkdir -p "$prefix/debs" "$prefix/binaryen/bin"
    root=$prefix/root
    lib=$root/usr/lib/$(uname -m)-linux-gnu

    echo "downloading"
    cd "$prefix/debs" || return
    with_debian_release "$prefix/apt" "deb trixie" -- apt-get download -q \
        "emscripten=$EMSCRIPTEN_DEBIAN" "binaryen=$BINARYEN_DEBIAN" libc6/trixie libstdc++6/trixie libgcc-s1/trixie \
        node-acorn/trixie
    for deb in *.deb; do
        echo "unpacking $deb"
        dpkg-deb -x "$deb" "$root"
    done
    cd "$prefix" || return
    rm -rf debs apt "$root/usr/share/doc" "$root/usr/share/emscripten/test"

    for tool in "$root"/usr/bin/wasm-*; do
        name=$(basename "$tool")
        printf '#!/bin/bash\nexec %q --argv0 %q --library-path %q %q "$@"\n' \
            "$(echo "$lib"/ld-linux-*.so.*)" "$name" "$lib" "$tool" >"binaryen/bin/$name"
        chmod +x "binaryen/bin/$name"
    done

    cat >config.py <<CONF
EMSCRIPTEN_ROOT = '$root/usr/share/emscripten'
LLVM_ROOT = '/usr/bin'
BINARYEN_ROOT = '$prefix/binaryen'
FROZEN_CACHE = True
LLVM_ADD_VERSION = '19'
CLANG_ADD_VERSION = '19'
CONF
    # Emscripten finds its JavaScript parser only beside itself.
    mkdir "$root/usr/share/emscripten/node_modules"
    ln -s "$root/usr/share/nodejs/acorn" "$root/usr/share/emscripten/node_modules/acorn"

    # Written last: its presence says that the rest is complete.
    # shellcheck disable=SC2016 # the PATH of whoever reads the file
    printf 'export EM_CONFIG=%q\nexport PATH=%q:$PATH\n' "$prefix/config.py" "$root/usr/share/emscripten" >env.sh
}

# ---- Sources of libraries --------------------------------------------------------------------------------------------

# setup_source NAME VERSION SHA256 DEBIAN_SOURCE DEBIAN_RELEASE GIT_URL GIT_TAG: the sources of one pinned version, in
# $CACHE/src/NAME-VERSION. From the Debian source package where there is one, else from git.
setup_source() {
    local dir=$CACHE/src/$1-$2
    [ -d "$dir" ] || step "Sources of $1 $2" locked fetch_source "$dir" "$@"
}

fetch_source() {
    local dir=$1 name=$2 version=$3 sha256=$4 package=$5 releases=$6 url=$7 tag=$8 part=$1.part
    [ ! -d "$dir" ] || return 0
    rm -rf "$part"
    if on_debian && download_debian_source "$part" "$package" "$version" "$releases"; then
        echo "$sha256  $(echo "$part"/download/*.orig.tar.*)" | sha256sum --check
        unpack_debian_source "$part"
    elif git -c advice.detachedHead=false clone --quiet --depth 1 --branch "$tag" "$url" "$part/tree"; then
        echo "cloned $url at $tag"
    elif on_debian && download_debian_source "$part" "$package" "${version%.*}." "$releases"; then
        # Debian's unstable releases move on. apt has checked the signature of what it downloaded.
        echo "no $name $version to be had; taking $(basename "$part"/download/*.orig.tar.*)"
        unpack_debian_source "$part"
    else
        echo "no source of $name $version: neither a Debian mirror nor $url could be reached"
        return 1
    fi
    mv "$part/tree" "$dir"
    rm -rf "$part"
}

unpack_debian_source() {
    mkdir "$1/tree"
    tar -xf "$1"/download/*.orig.tar.* -C "$1/tree" --strip-components=1
}

# download_debian_source PART PACKAGE VERSION RELEASES: succeeds with the tarball in PART/download if one of the Debian
# releases has a version that contains VERSION.
download_debian_source() {
    local part=$1 package=$2 version=$3 release lines=()
    for release in $4; do lines+=("deb-src $release"); done
    mkdir -p "$part/download"
    (
        cd "$part/download" &&
            with_debian_release "$part/apt" "${lines[@]}" -- download_matching_source "$package" "$version"
    )
}

download_matching_source() {
    local package=$1 version=$2 full
    full=$(apt-cache showsrc "$package" | sed -n 's/^Version: //p' | grep -F "$version" | sort -V | tail -n 1)
    [ -n "$full" ] && apt-get source -q --download-only "$package=$full"
}

# setup_sources [NAME...]: these libraries, or all, in the versions that CMake builds with.
setup_sources() {
    local name version
    [ $# -gt 0 ] || set -- imgui sdl2 benchmark zlib json googletest
    for name in "$@"; do
        version=$(version_of "$(printf '%s' "$name" | tr '[:lower:]' '[:upper:]')")
        case $name in
        imgui)
            setup_source imgui "$version" "$IMGUI_SHA256" imgui "forky sid" https://github.com/ocornut/imgui.git "v$version"
            ;;
        sdl2)
            setup_source sdl2 "$version" "$SDL2_SHA256" libsdl2 trixie https://github.com/libsdl-org/SDL.git "release-$version"
            ;;
        benchmark)
            setup_source benchmark "$version" "$BENCHMARK_SHA256" benchmark bookworm \
                https://github.com/google/benchmark.git "v$version"
            ;;
        zlib)
            setup_source zlib "$version" "$ZLIB_SHA256" zlib bookworm https://github.com/madler/zlib.git "v$version"
            ;;
        # Debian has these two as packages, which CMake finds.
        json)
            on_debian || setup_source json "$version" - - - https://github.com/nlohmann/json.git "v$version"
            ;;
        googletest)
            on_debian || setup_source googletest "$version" - - - https://github.com/google/googletest.git "release-$version"
            ;;
        *) die "there are no sources of $name" ;;
        esac
    done
}

# ---- The browsers and their driver ------------------------------------------------------------------------------------

setup_browser() {
    need_packages browser
    browser_program >/dev/null || die "no chromium, chromium-browser or google-chrome on the PATH"
    setup_node_packages
}

setup_firefox() {
    need_packages firefox
    has_firefox || die "$NO_FIREFOX"
    setup_node_packages
}

NO_FIREFOX='Firefox, and outside of macOS Xvfb, are not there: apt-get install firefox-esr xvfb, dnf install firefox
xorg-x11-server-Xvfb, or brew install --cask firefox'

has_firefox() { firefox_program >/dev/null && { [ "$(uname)" = Darwin ] || have Xvfb; }; }

# The same programs are in tests/browser/driver/browsers.mjs.
firefox_program() {
    command -v firefox-esr || command -v firefox || command -v /Applications/Firefox.app/Contents/MacOS/firefox
}

browser_program() {
    command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable
}

# ---- Packages for node: what bundles the page, what drives the browser -----------------------------------------------

setup_node_packages() {
    need_packages npm
    need_commands node npm
    [ "$ROOT/node_modules/.package-lock.json" -nt "$ROOT/package-lock.json" ] ||
        step "Packages for node" npm --prefix "$ROOT" ci --loglevel=error --no-audit --no-fund --prefer-offline
}

# ---- What each kind of work needs ------------------------------------------------------------------------------------

# The command line: the engine and JSON, and nothing that draws.
setup_cli() {
    need_packages cli
    need_commands cmake ninja c++
    setup_sources json
}

setup_native() {
    need_packages native
    need_commands cmake ninja c++ git
    setup_sources
}

setup_web() {
    need_packages wasm
    need_commands cmake ninja git
    setup_node_packages
    setup_emscripten
    setup_sources
}
