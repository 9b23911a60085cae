# shellcheck shell=bash disable=SC2154
# What ./clusterbench and ./check share: finding the SDK, knowing whether there is anything to build, building it. Sourced; needs $root.

outputs=release_linux-x64
program=$root/artifacts/bin/Cli/$outputs/clusterbench
stamp=$root/artifacts/.stamp
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

die() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit "${2:-2}"
}

# The program's own starter looks for .NET in DOTNET_ROOT and in the system's folders only, not on PATH.
find_dotnet() {
    local dotnet
    if [[ -z ${DOTNET_ROOT:-} ]]; then
        dotnet=$(command -v dotnet || true)
        [[ -n $dotnet || ! -x $HOME/.dotnet/dotnet ]] || dotnet=$HOME/.dotnet/dotnet
        [[ -z $dotnet ]] || dotnet=$(readlink -f "$dotnet")
        DOTNET_ROOT=${dotnet%/*}
    fi
    [[ -n ${DOTNET_ROOT:-} && -x $DOTNET_ROOT/dotnet ]] ||
        die 'the .NET 10 SDK is needed and no dotnet was found; get it from https://dotnet.microsoft.com/download, put it on PATH (or name its folder in DOTNET_ROOT) and call again'
    export DOTNET_ROOT
}

require_sdk() {
    [[ $(uname -sm) == 'Linux x86_64' ]] || die "ClusterBench runs on 64-bit x86 Linux, this is $(uname -sm)"
    (cd "$root" && "$DOTNET_ROOT/dotnet" --version) >/dev/null 2>&1 ||
        die "the .NET 10 SDK is needed; $DOTNET_ROOT has: $("$DOTNET_ROOT/dotnet" --list-sdks 2>/dev/null | tr '\n' ' ')- get it from https://dotnet.microsoft.com/download"
}

# Folders count too, so that a deleted file is noticed; what a build writes lies under artifacts/.
stale() {
    [[ -f $stamp && -x $program ]] || return 0
    local newer
    newer=$(cd "$root" && find src build hocon ./*.props ./*.targets global.json -newer "$stamp" -print -quit 2>/dev/null)
    [[ -n $newer ]]
}

# run_build PROJECT: builds in Release. The stamp gets the time of the start, so that an edit during the build is not missed.
# No build server is left behind: it would outlive the call (and hold the lock).
run_build() {
    local log=$root/artifacts/build.log
    touch "$stamp.new"
    if ! (cd "$root" && "$DOTNET_ROOT/dotnet" build "$1" -c Release -v quiet -nologo --tl:off -nodeReuse:false -p:UseSharedCompilation=false) \
        >"$log" 2>&1 9>&-; then
        rm -f "$stamp.new"
        { grep -E '(error|warning) [A-Z]*[0-9]+:' "$log" | sort -u | head -n 50 || true; } >&2
        die "the build failed; the whole output is in $log" 1
    fi
    mv "$stamp.new" "$stamp"
}

lock() {
    mkdir -p "$root/artifacts"
    exec 9>"$root/artifacts/.lock"
    flock 9
}

unlock() { exec 9>&-; }
