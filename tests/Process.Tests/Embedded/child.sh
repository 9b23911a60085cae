#!/bin/sh
# shellcheck disable=SC1091,SC2034
# Stands in for the program where the supervisor itself is tested: a test writes what each verb does into behaviour.sh.
verb=$1
arguments=$*
while [ $# -gt 0 ]; do
    case $1 in
        --state-dir) state=$2 ;;
        --join) state=$(dirname "${2#@}") ;;
        --slot) slot=$2 ;;
        --api-port) port=$2 ;;
    esac
    shift
done
name=$verb${slot:+-$slot}

# publish PORT: what a coordinator does when its API answers.
publish() {
    printf '{"url":"http://127.0.0.1:%s","token":"%s","pid":%s,"coordinatorPid":%s}' \
        "$1" "$CLUSTERBENCH_TOKEN" "$CLUSTERBENCH_PARENT_PID" $$ >"$state/cluster.json"
    ready
}
ready() { echo 'clusterbench: ready'; }
until_closed() { exec cat >/dev/null; }
coordinator() { publish 4242; until_closed; }
worker() { ready; until_closed; }

[ ! -f "$state/behaviour.sh" ] || . "$state/behaviour.sh"
echo "$arguments" >>"$state/$name.arguments"
echo $$ >>"$state/$name.pids"
"$verb"
