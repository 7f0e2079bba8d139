#!/usr/bin/env bash
# Runs Kubernetes' own command-line suite (test/cmd of a 1.28 source tree) against a simulated cluster and counts
# assertions by file. Nothing of the tree is changed: what has to be is copied into the output folder.
#   test/conformance/test-cmd.sh TREE KUBECTL [OUT [run_function…]]
#   KUBECTL_CONVERT=path   a kubectl-convert binary, where there is one: three assertions need it
#   SOFT=1                 a failed assertion does not end its function, so that one fault is counted once
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
house=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(cd "$1" && pwd) kubectl=$(realpath "$2") RESULTS=${3:-$(mktemp -d)}
shift $(($# < 3 ? $# : 3))
mkdir -p "$RESULTS"
RESULTS=$(cd "$RESULTS" && pwd)
root=$RESULTS/root
rm -rf "$root" "$RESULTS/ready" && mkdir -p "$root/bin" "$root/hack" "$root/test/e2e" "$RESULTS/tmp"

# A fresh cluster: the suite counts on finding nothing that it has not made.
PATH=$house/node_modules/.bin:$PATH node --no-warnings "$house/server/cli/cluster.ts" --profile apiserver --kubeconfig "$RESULTS/kubeconfig" \
	>"$RESULTS/ready" 2>"$RESULTS/server.err" &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do [ -s "$RESULTS/ready" ] && break || sleep 0.1; done
API_URL=$(sed -E 's/.*"server":"([^"]+)".*/\1/' "$RESULTS/ready")
SECURE_API_PORT=${API_URL##*:}

# The parts of the tree that the suite reads. It writes beside its test data, so those are copies.
for part in api third_party docs cluster staging; do [ ! -e "$tree/$part" ] || ln -s "$tree/$part" "$root/$part"; done
for part in hack/testdata hack/lib test/cmd test/fixtures test/images test/e2e/testing-manifests; do
	[ ! -e "$tree/$part" ] || cp -r "$tree/$part" "$root/$part"
done
ln -s "$kubectl" "$root/bin/kubectl"
[ -z "${KUBECTL_CONVERT:-}" ] || ln -s "$(realpath "$KUBECTL_CONVERT")" "$root/bin/kubectl-convert"
cp "$tree/hack/testdata/ca/ca.crt" "$RESULTS/tmp/apiserver.crt" # any PEM does for the tests of `kubectl config`

# In SOFT mode functions go on; the suite's own check that a failure is noticed needs the one that it has in legacy-script.sh.
[ "${SOFT:-0}" = 0 ] || find "$root/test/cmd" -name '*.sh' ! -name legacy-script.sh -exec sed -i -E 's/^( +)set -o errexit$/\1set +o errexit/' {} +

cd "$root"
export KUBE_ROOT=$root KUBE_OUTPUT_HOSTBIN=$root/bin KUBE_JUNIT_REPORT_DIR=$RESULTS/junit TMPDIR=$RESULTS/tmp
export API_URL SECURE_API_PORT SOFT=${SOFT:-0} ALLOW_SKEW=1 SED=sed LANG=C TERM=dumb ASSERTIONS=$RESULTS/assertions
export SUPPORTED_RESOURCES=('*')
: >"$ASSERTIONS"
set +eu
tput() { :; }
source hack/lib/logging.sh && source hack/lib/util.sh && source hack/lib/test.sh
# One line an assertion: how it went, its function, its file and line.
record() {
	eval "plain::$(declare -f "$1")"
	eval "$1() { local rc=0; plain::$1 \"\$@\" || rc=\$?
		echo \"\$([ \$rc = 0 ] && echo ok || echo FAIL) \$(basename \"\${BASH_SOURCE[1]}\") \${BASH_LINENO[0]} \${FUNCNAME[1]:-}\" >>\"\$ASSERTIONS\"
		[ \"\$SOFT\" = 1 ] || return \$rc; }"
}
for name in get_object_assert wait_object_assert get_object_jsonpath_assert describe_object_assert describe_object_events_assert \
	describe_resource_assert describe_resource_events_assert describe_resource_chunk_size_assert if_sort_by_has_correct_order \
	if_has_string if_has_not_string if_empty_string version::diff_assert results::diff; do record "kube::test::$name"; done
source test/cmd/legacy-script.sh
set +e

# What its setup does, without building or starting anything; the node stands in for a kubelet.
kube::util::ensure-temp-dir
export HOME=$KUBE_TEMP CONTEXT=test
{
	kubectl config set-credentials test-admin --token admin-token
	kubectl config set-cluster local --insecure-skip-tls-verify --server "$API_URL"
	kubectl config set-context "$CONTEXT" --user test-admin --cluster local
	kubectl config use-context "$CONTEXT"
	printf '{"apiVersion":"v1","kind":"Node","metadata":{"name":"127.0.0.1","annotations":{"save-managers":"true"}},"status":{"capacity":{"memory":"1Gi"}}}' | kubectl create -f -
} >"$RESULTS/setup" 2>&1

# With functions named, only those run, after the same preparations as all of them would have (they are in runTests).
eval "plain_$(declare -f record_command)"
if [ $# -gt 0 ]; then
	chosen="$*" WHAT=chosen
	record_command() { for name in $chosen; do plain_record_command "$name"; done; }
fi
started=$SECONDS
(runTests) >"$RESULTS/log" 2>&1
took=$((SECONDS - started))
awk '{ n[$2]++; if ($1 == "ok") ok[$2]++ } END { for (f in n) { printf "%-26s %5d %5d\n", f, n[f], ok[f]; a += n[f]; b += ok[f] } printf "%-26s %5d %5d\n", "~ all", a, b }' "$ASSERTIONS" | sort
grep -h '^FAIL' "$ASSERTIONS" | sort | uniq -c
echo "functions that failed: $(grep '^FAILED TESTS' "$RESULTS/log" | tail -1)"
echo "$took s; log: $RESULTS/log"
! grep -q '^FAIL' "$ASSERTIONS"
