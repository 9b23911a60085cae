#!/usr/bin/env bash
# ready-to-run.sh OUTPUT_FOLDER COMPILER FRAMEWORKS VERSION CACHE   compiles what runs at every start ahead of time, in place (ReadyToRun.targets).
# The compiled form stays exchangeable against the framework and all other assemblies, so it depends on nothing but its own assembly:
# CACHE holds one per name, with the SHA-256 of what it was made from.
set -euo pipefail
output=$1 compiler=$2 frameworks=$3 version=$4 cache=$5

# LanguageExt.Core, which Akka.Persistence.Sql brings, is not among them: ten minutes of compiling for code that hardly runs.
names=(clusterbench clusterbench-worker ClusterBench.Shared ClusterBench.Coordinator
    Akka Akka.Cluster Akka.Cluster.Sharding Akka.Cluster.Tools Akka.DistributedData Akka.Persistence Akka.Persistence.Sql Akka.Remote Akka.Streams
    DotNetty.Buffers DotNetty.Codecs DotNetty.Common DotNetty.Handlers DotNetty.Transport
    Google.Protobuf linq2db Newtonsoft.Json Spectre.Console System.CommandLine TorchSharp YamlDotNet)

compile() {
    local source=$output/$1.dll target=$cache/$1.dll hash references=() framework
    # An output that no build has copied anew since is compiled already.
    ! cmp -s "$source" "$target" || return 0
    hash=$(sha256sum <"$source")
    if [[ ! -f $target || ! -f $cache/$1.source || $(<"$cache/$1.source") != "$hash" ]]; then
        for framework in "$frameworks"/*/"$version"; do references+=(-r "$framework/*.dll"); done
        "$compiler" "$source" -o "$target.new.$$" -r "$output/*.dll" "${references[@]}" --targetos linux --targetarch x64 -O >"$target.log.$$" 2>&1 || {
            cat "$target.log.$$" >&2
            return 1
        }
        rm -f "$target.log.$$"
        mv "$target.new.$$" "$target"
        echo "$hash" >"$cache/$1.source"
    fi
    # A new file under the old name: the old one may be a hard link into the package folder, or mapped by a running process.
    cp "$target" "$source.new.$$"
    mv "$source.new.$$" "$source"
}

mkdir -p "$cache"
chmod +x "$compiler"
for name in "${names[@]}"; do
    [[ -f $output/$name.dll ]] || continue
    compile "$name" &
    (($(jobs -rp | wc -l) < $(nproc))) || wait -n
done
while [[ -n $(jobs -p) ]]; do wait -n; done
