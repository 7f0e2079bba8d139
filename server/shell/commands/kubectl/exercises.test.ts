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
