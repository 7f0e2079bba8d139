/** What one learner does to others on the real server, with one worker thread for all of them: as ratios within one run. */
import { rm, truncate, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../server/limits.ts';
import { FaultServer, type Learner } from './harness.ts';

/** How many times slower a neighbour's commands may be: a shell's slice of 8 ms before each of a command's few turns, with room for a busy machine. */
const FAIR = 20;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a shell that runs away', () => {
	let server: FaultServer;
	let wild: Learner;
	let neighbour: Learner;
	let quiet: number;

	beforeAll(async () => {
		server = await FaultServer.start();
		wild = await server.learner('wild');
		neighbour = await server.learner('neighbour');
		await neighbour.pace(5);
		quiet = await neighbour.pace();
	});
	afterAll(() => server.discard());

	const endless: readonly string[] = [
		'while true; do :; done',
		'yes',
		'yes > /dev/null',
		'yes | sort',
		'while true; do kubectl get pods -A > /dev/null; done',
		'i=0; while true; do kubectl create configmap c$((i++)) > /dev/null; done',
	];
	it.each(endless)('%s leaves a neighbour in peace and ends at Ctrl-C', async (line) => {
		wild.type(`${line}\r`);
		await pause(200);
		const during = await neighbour.pace(7);
		const began = performance.now();
		await wild.interrupt();
		const interrupt = performance.now() - began;
		expect(during / quiet).toBeLessThan(FAIR);
		// As quick as the few commands that a prompt is worth.
		expect(interrupt / Math.max(quiet, during)).toBeLessThan(FAIR * 2);
	});

	const bounded: readonly (readonly [string, RegExp])[] = [
		['f(){ f; }; f', /maximum function nesting level exceeded/],
		['x=a; while true; do x=$x$x; done', new RegExp(`cannot allocate \\d+ bytes .*${LIMITS.shellCharacters}`)],
		['yes | sort', /^sort: memory exhausted\n/],
		['yes | xargs echo', /^xargs: memory exhausted\n/],
		['x=$(yes)', new RegExp(`more than ${LIMITS.shellCharacters} characters`)],
		['yes > big.txt', /big\.txt: File too large: .* 4 MiB/],
		['[[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa =~ ^(a+)+b$ ]]', new RegExp(`given up after ${LIMITS.patternMs} ms`)],
		['echo {1..100000000}', /too many words/],
		['printf "%1000000000d" 1', /cannot allocate memory/],
		['echo $((1 << 1000000000)) $((3 ** 1000000000 > 0))', /^\d+ [01]\n$/],
	];
	it.each(bounded)('%s ends by itself and says why', async (line, words) => {
		expect(await wild.run(line, 30_000)).toMatch(words);
		expect(await neighbour.run('echo fine')).toBe('fine\n');
	});

	it('a fork bomb runs into the limit, and the terminal comes back', async () => {
		wild.type(':(){ :|:& };:\r');
		await wild.shows('Resource temporarily unavailable');
		const during = await neighbour.pace(7);
		await wild.interrupt();
		expect(await wild.run('echo alive')).toMatch(/alive\n/);
		expect(during / quiet).toBeLessThan(FAIR);
	});

	it('a full home says so, keeps what is there, and takes more once there is room', async () => {
		expect(await wild.write('full.txt', 'x'.repeat(LIMITS.fileBytes - 10))).toBe('done');
		expect(await wild.run('for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cp full.txt full-$i.txt || break; done; ls | grep -c full', 40_000)).toMatch(
			/48 MiB[\s\S]*\n1[12]\n$/,
		);
		expect(await wild.write('more.txt', 'x'.repeat(1_000_000))).toBe('workstation-full');
		expect(await wild.run('rm -f full*.txt; echo new > small.txt; cat small.txt')).toBe('new\n');
	});

	it('containers that run away cost nobody the processor', async () => {
		await wild.run(
			'for i in 1 2 3; do kubectl run busy$i --image=busybox --restart=Never -- sh -c "while true; do :; done"; done; kubectl run yes --image=busybox --restart=Never -- yes',
		);
		await wild.run('kubectl wait --for=condition=Ready pod --all --timeout=30s', 40_000);
		const during = await neighbour.pace(7);
		expect(during / quiet).toBeLessThan(FAIR);
		expect(neighbour.page.messages.filter((m) => m.type === 'error')).toEqual([]);
	});
});

describe('a worker that hangs', () => {
	it('is replaced; whoever hung it is set aside with a way back, the neighbour keeps all', async () => {
		// Patterns that backtrack without end are the way to hang a worker; the server under test is told not to mend them.
		process.env['FOOTHOLD_BACKTRACKING'] = '1';
		const server = await FaultServer.start().finally(() => delete process.env['FOOTHOLD_BACKTRACKING']);
		try {
			const wild = await server.learner('wild');
			const neighbour = await server.learner('neighbour');
			expect(await neighbour.write('kept.txt', 'kept')).toBe('done');
			await neighbour.run('kubectl create configmap kept');
			// A pod whose program cannot be interrupted: it hangs again whenever the sandbox comes back.
			wild.type(`kubectl run hang --image=busybox --restart=Never -- sh -c '[[ ${'a'.repeat(40)} =~ ^(a+)+b$ ]]'\r`);
			await neighbour.page.find((m) => m.type === 'error' && m.code === 'worker-restarted', 50_000);
			await wild.page.find((m) => m.type === 'error' && m.code === 'sandbox-broken', 60_000);
			// The terminal is drawn again when its worker is back: a prompt that comes with it is no answer yet.
			const kept = () => neighbour.run('cat kept.txt; kubectl get configmap kept -o name', 40_000);
			await expect.poll(kept, { timeout: 60_000 }).toContain('keptconfigmap/kept\n');
			expect(neighbour.page.messages.filter((m) => m.type === 'error' && m.code !== 'worker-restarted')).toEqual([]);
			expect(await wild.page.ask({ type: 'lab.reset' })).toMatchObject({ type: 'done' });
			expect(await wild.run('kubectl get pods', 40_000)).toContain('No resources found');
		} finally {
			await server.discard();
		}
	}, 120_000);
});

/** A file system of 24 MiB that only the server sees; where the machine does not allow that, the test says that it was left out. */
const small = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"'];
const mounts = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;

describe('a full disk', () => {
	it.skipIf(!mounts)('refuses what it cannot keep, loses nothing acknowledged, and goes on when there is room', async () => {
		const data = mkdtempSync(join(tmpdir(), 'foothold-full-'));
		const server = await FaultServer.start({ data, before: [...small, data], inside: true });
		const filler = join(server.inside, 'filler');
		try {
			const learner = await server.learner('local');
			expect(await learner.write('before.txt', 'before')).toBe('done');
			for (let size = 24; size > 0; size -= 0.05)
				if (
					await writeFile(filler, Buffer.alloc(size * 1_048_576)).then(
						() => true,
						() => false,
					)
				)
					break;
			const refused = await learner.page.ask({ type: 'files.write', path: '/home/learner/big.txt', content: 'x'.repeat(3_000_000) });
			expect(refused).toMatchObject({
				type: 'error',
				code: 'disk-full',
				message: expect.stringContaining('is full'),
				next: expect.stringContaining('Free some space'),
			});
			expect(await learner.run('cat before.txt; ls big.txt')).toMatch(/^beforels: .*No such file/);
			await truncate(filler, 0);
			expect(await learner.write('after.txt', 'after')).toBe('done');
			expect(await learner.run('cat before.txt after.txt; kubectl create configmap after')).toContain('beforeafterconfigmap/after created');
		} finally {
			await server.stop('SIGKILL');
			rmSync(data, { recursive: true, force: true });
		}
	});
});

describe('300 sessions', () => {
	it('stand side by side, and the first one’s terminal answers as before', async () => {
		const server = await FaultServer.start({ workers: 2 });
		try {
			const first = await server.learner('first');
			await first.pace(5);
			const quiet = await first.pace();
			const learners: Learner[] = [];
			for (let i = 0; i < 300; i += 10) learners.push(...(await Promise.all(Array.from({ length: 10 }, (_, k) => server.learner(`l${i + k}`)))));
			for (const l of learners) l.add('kubectl get namespace default -o name\r');
			const during = await first.pace(7);
			for (const l of learners) await l.shows('namespace/default');
			const after = await first.pace(7);
			expect(during / quiet).toBeLessThan(FAIR * 5);
			expect(after / quiet).toBeLessThan(FAIR);
			expect(learners.flatMap((l) => l.page.messages.filter((m) => m.type === 'error'))).toEqual([]);
		} finally {
			await server.discard();
		}
	}, 120_000);
});

describe('kill -9', () => {
	it('loses nothing that was acknowledged, and says nothing worse than that it resumed', async () => {
		const server = await FaultServer.start();
		const learner = await server.learner('local');
		expect(await learner.write('a.txt', 'a')).toBe('done');
		await learner.run('kubectl create configmap kept; echo b > b.txt');
		await server.stop('SIGKILL');
		const again = await FaultServer.start({ data: server.data });
		try {
			const back = await again.learner('local');
			expect(back.page.messages.find((m) => m.type === 'session')).toMatchObject({ resumed: true });
			expect(back.shown).toContain('configmap/kept created');
			expect(await back.run('cat a.txt b.txt; kubectl get configmap kept -o name')).toBe('ab\nconfigmap/kept\n');
			expect(back.page.messages.filter((m) => m.type === 'error')).toEqual([]);
		} finally {
			await again.stop('SIGKILL');
			await rm(server.data, { recursive: true, force: true });
		}
	});
});
