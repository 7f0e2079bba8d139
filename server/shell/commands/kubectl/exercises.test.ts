/** Exercises as examiners set them, by a learner's kubectl: what the cluster's own tools and a container's files say. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SimulatorFork } from '../../../sandboxes/simulator.ts';
import { ForkHost } from '../../../sandboxes/simulated/host.ts';
import { Simulator } from '../../../simulator/simulator.ts';
import { Bench } from './testing.ts';

let base: Simulator;
let sandbox: SimulatorFork;
let bench: Bench;

beforeAll(() => {
	base = Simulator.boot({ seed: 11, now: Date.parse('2026-11-20T10:00:00Z'), settleMs: 30_000 });
});

beforeEach(() => {
	sandbox = new SimulatorFork('exercise', new ForkHost(base.fork()));
	bench = new Bench({ cluster: sandbox.cluster, now: () => sandbox.clock.now() });
});

/** What a command in a container prints; virtual time passes while it runs. */
async function inside(pod: string, command: string): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }> {
	let over = false;
	const running = bench.sh(`exec ${pod} -- ${command}`).finally(() => {
		over = true;
	});
	while (!over) {
		await sandbox.clock.advance(100);
		await new Promise((resolve) => setImmediate(resolve));
	}
	return running;
}

const ETCD = '-n kube-system etcd-foothold-control-plane';
const PKI = '/etc/kubernetes/pki/etcd';
const WITH_CERTIFICATE = `--endpoints=https://127.0.0.1:2379 --cacert=${PKI}/ca.crt --cert=${PKI}/server.crt --key=${PKI}/server.key`;

describe('etcd', () => {
	test('a snapshot is saved, looked at and laid out', async () => {
		const saved = await inside(ETCD, `etcdctl ${WITH_CERTIFICATE} snapshot save /var/lib/etcd/snap.db`);
		expect(saved.stdout).toBe('Snapshot saved at /var/lib/etcd/snap.db\nServer version 3.6.0\n');
		expect(saved.stderr).toMatch(/"msg":"created temporary db file","path":"\/var\/lib\/etcd\/snap.db.part"/);
		const status = await inside(ETCD, 'etcdutl snapshot status /var/lib/etcd/snap.db -w table');
		expect(status.stdout.replace(/[0-9a-f]{8} /, 'xxxxxxxx ').replace(/ +\d+ \| +\d+ \| +[\d.]+ MB /, ' 1 | 2 | 3 MB ')).toMatch(
			/^(\+-+){5}\+\n\| {3}HASH {3}\| REVISION \| TOTAL KEYS \| TOTAL SIZE \| STORAGE VERSION \|\n(\+-+){5}\+\n\| xxxxxxxx \| 1 \| 2 \| 3 MB \| {11}3\.6\.0 \|\n(\+-+){5}\+\n$/,
		);
		const restored = await inside(ETCD, 'etcdutl snapshot restore /var/lib/etcd/snap.db --data-dir=/var/lib/etcd/again');
		expect([restored.code, restored.stderr]).toEqual([0, expect.stringContaining('restored snapshot')]);
		expect((await inside(ETCD, 'etcdutl snapshot restore /var/lib/etcd/snap.db --data-dir=/var/lib/etcd/again')).stderr).toContain(
			'Error: data-dir "/var/lib/etcd/again" not empty or could not be read',
		);
	});

	test('lets nobody in without a certificate', async () => {
		const result = await inside(ETCD, 'etcdctl get / --prefix --keys-only');
		expect([result.code, result.stdout]).toEqual([1, '']);
		expect(result.stderr).toMatch(/Error: context deadline exceeded\n/);
		expect((await inside(ETCD, `sh -c 'ETCDCTL_API=3 etcdctl ${WITH_CERTIFICATE} member list'`)).stdout).toBe(
			'aec36adc501070cc, started, foothold-control-plane, https://172.18.0.2:2380, https://172.18.0.2:2379, false\n',
		);
		expect((await inside(ETCD, 'etcdctl --cacert=/nope --cert=/nope --key=/nope member list')).stderr).toContain(
			'Error: open /nope: no such file or directory\n',
		);
	});
});

const NAMES = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: head}
spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: ext}
spec: {type: ExternalName, externalName: example.com}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {hostname: one, subdomain: head, containers: [{name: c, image: "nginx:1.29"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: new}
spec: {containers: [{name: c, image: "busybox:1.37", command: [sleep, "1000"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: old}
spec: {containers: [{name: c, image: "busybox:1.28", command: [sleep, "1000"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bind}
spec: {containers: [{name: c, image: "registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7"}]}
`;

describe('names', () => {
	const ip = async (): Promise<string> => (await bench.sh('get svc web -o jsonpath={.spec.clusterIP}')).stdout;

	beforeEach(async () => {
		await bench.run(['apply', '-f', '-'], { stdin: NAMES });
		await sandbox.clock.advance(20_000);
	});

	test('busybox asks every search domain, and fails where one of them has nothing', async () => {
		const short = await inside('new', 'nslookup web');
		const found = `Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.default.svc.cluster.local\nAddress: ${await ip()}\n\n`;
		const others = ['svc.cluster.local', 'cluster.local'].map((d) => `** server can't find web.${d}: NXDOMAIN\n\n`).join('');
		expect([short.code, short.stdout]).toEqual([1, `${found}${others}\n${others}`]);
		expect(await inside('new', 'nslookup web.default.svc.cluster.local')).toEqual({ code: 0, stderr: '', stdout: `${found}\n` });
		// A name with a dot is asked for as it stands.
		expect((await inside('new', 'nslookup web.default')).stdout).toContain("** server can't find web.default: NXDOMAIN\n");
	});

	test('busybox up to 1.28 goes by the resolver, and names addresses', async () => {
		expect(await inside('old', 'nslookup web')).toEqual({
			code: 0,
			stderr: '',
			stdout: `Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nName:      web\nAddress 1: ${await ip()} web.default.svc.cluster.local\n`,
		});
		expect((await inside('old', 'nslookup nope')).stderr).toContain("nslookup: can't resolve 'nope'\n");
	});

	test("BIND's goes through the search domains, and shows aliases, services and pointers", async () => {
		const head = 'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n';
		expect((await inside('bind', 'nslookup web')).stdout).toBe(`${head}Name:\tweb.default.svc.cluster.local\nAddress: ${await ip()}\n\n`);
		expect((await inside('bind', 'nslookup ext')).stdout).toContain('ext.default.svc.cluster.local\tcanonical name = example.com.\nName:\texample.com\n');
		expect((await inside('bind', 'nslookup -type=srv _http._tcp.head.default.svc.cluster.local')).stdout).toBe(
			`${head}_http._tcp.head.default.svc.cluster.local\tservice = 0 100 80 one.head.default.svc.cluster.local.\n\n`,
		);
		expect((await inside('bind', 'nslookup 10.96.0.1')).stdout).toBe('1.0.96.10.in-addr.arpa\tname = kubernetes.default.svc.cluster.local.\n\n');
	});

	test('dig by type', async () => {
		expect((await inside('bind', 'dig +short SRV _http._tcp.web.default.svc.cluster.local')).stdout).toBe('0 100 80 web.default.svc.cluster.local.\n');
		expect((await inside('bind', 'dig -x 10.96.0.10 +short')).stdout).toBe('kube-dns.kube-system.svc.cluster.local.\n');
		expect((await inside('bind', 'dig +noall +answer one.head.default.svc.cluster.local A')).stdout).toMatch(
			/^one\.head\.default\.svc\.cluster\.local\.\t30\tIN\tA\t10\.244\.\d\.\d+\n$/,
		);
		expect((await inside('bind', 'dig nope.default.svc.cluster.local')).stdout).toContain('status: NXDOMAIN');
	});

	test('a Corefile with another zone, hosts and a rewritten name', async () => {
		const corefile = (await bench.sh("get cm coredns -n kube-system -o jsonpath='{.data.Corefile}'")).stdout;
		const changed = corefile
			.replace('kubernetes cluster.local', 'kubernetes custom-domain cluster.local')
			.replace(
				'    forward .',
				'    hosts {\n      10.1.2.3 my.example.org\n      fallthrough\n    }\n    rewrite name api.internal web.default.svc.cluster.local\n    forward .',
			);
		expect((await inside('bind', 'nslookup web.default.svc.custom-domain')).code).toBe(1);
		await bench.run(['patch', 'cm', 'coredns', '-n', 'kube-system', '--type=merge', '-p', JSON.stringify({ data: { Corefile: changed } })]);
		const answer = async (name: string): Promise<string> => (await inside('bind', `dig +short ${name}`)).stdout.trim();
		for (const name of ['web.default.svc.custom-domain', 'web.default.svc.cluster.local', 'api.internal']) expect(await answer(name)).toBe(await ip());
		expect(await answer('my.example.org')).toBe('10.1.2.3');
		expect(await answer('google.com')).not.toBe('');
	});
});
