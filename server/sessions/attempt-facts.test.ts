import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { Template } from '../sandboxes/simulated/template.ts';
import { SimulatorSandbox } from '../sandboxes/simulator.ts';
import { attemptFacts } from './attempt-facts.ts';

const SECRETS = { values: ['hunter2-hunter2'], patterns: [] };

describe('what happened in a sandbox', () => {
	let sandbox: SimulatorSandbox;
	let at: number;
	const ran = (line: string, exitCode = 0, more = {}): Promise<void> => sandbox.recordCommand({ at: (at += 1000), terminal: 'main', line, exitCode, ...more });

	beforeAll(async () => {
		sandbox = await SimulatorSandbox.create(Template.build({ hosts: [] }), { id: 'facts' });
		at = sandbox.clock.now();
	});
	afterAll(() => sandbox.dispose());

	it('is told by command lines without those that only look around, by warnings, and by what was measured', async () => {
		await ran('ls -la');
		await ran('kubectl describe pod broken');
		await ran('kubectl describe pod broken');
		await ran('kubectl create secret generic x --from-literal=p=hunter2-hunter2', 1);
		await ran('vllm bench serve --label mig', 0, { measured: [{ label: 'mig', figures: { median_ttft_ms: 120 } }] });
		const pod = {
			apiVersion: 'v1',
			kind: 'Pod',
			metadata: { name: 'broken', namespace: 'default' },
			spec: { containers: [{ name: 'a', image: 'no.such/image:1' }] },
		};
		await sandbox.cluster.fetch(
			new Request('http://cluster/api/v1/namespaces/default/pods', {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(pod),
			}),
		);
		sandbox.simulator.apply({ at: sandbox.simulator.now + 30_000, kind: 'tick' });
		const { events, runs } = await attemptFacts(sandbox, SECRETS, sandbox.clock.now());
		expect(events.filter(({ what }) => what.startsWith('$')).map(({ what, type }) => [what, type])).toEqual([
			['$ kubectl describe pod broken', 'detect'],
			['$ kubectl create secret generic x --from-literal=p=•••••• (exit 1)', 'action'],
			['$ vllm bench serve --label mig', 'detect'],
		]);
		expect(events.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^Pod default\/broken: Failed: .*no\.such\/image/));
		expect(events.map(({ at: when }) => when)).toEqual(events.map(({ at: when }) => when).sort());
		expect(runs).toEqual([{ at: expect.any(String) as string, label: 'mig', figures: { median_ttft_ms: 120 } }]);
	});

	it('is told by lines that do something behind moving about, and not by quoted words or filters', async () => {
		await ran('cd app && kubectl apply -f .');
		await ran('cat app.yaml | kubectl create -f -');
		await ran("cat > a.yaml <<'EOF'\nkubectl: apply; now\nEOF");
		await ran('cd ..; kubectl get pods | grep api');
		await ran('echo "a; kubectl delete pod x" | wc -l');
		const { events } = await attemptFacts(sandbox, SECRETS, sandbox.clock.now());
		expect(events.flatMap(({ what, type }) => (what.startsWith('$ c') ? [[what, type]] : []))).toEqual([
			['$ cd app && kubectl apply -f .', 'action'],
			['$ cat app.yaml | kubectl create -f -', 'action'],
			['$ cd ..; kubectl get pods | grep api', 'detect'],
		]);
		expect(events.some(({ what }) => what.startsWith('$ echo'))).toBe(false);
	});

	it('has the times of the clock on the wall where the sandbox’s own stands behind', async () => {
		const now = sandbox.clock.now();
		const [own, moved, ahead] = await Promise.all([now, now + 600_000, now - 600_000].map((wall) => attemptFacts(sandbox, SECRETS, wall)));
		const times = (facts = own): number[] => (facts?.events ?? []).map(({ at: when }) => Date.parse(when));
		expect(times().length).toBeGreaterThan(2);
		expect(times(moved).map((when, i) => Math.abs(when - (times()[i] ?? 0) - 600_000) < 5_000)).not.toContain(false);
		expect(times(ahead)).toEqual(times());
	});

	it('keeps the newest LIMITS.attemptCommands lines, of LIMITS.attemptLine characters, and LIMITS.attemptRuns runs', async () => {
		for (let i = 0; i < LIMITS.attemptCommands + 5; i++)
			await ran(`helm upgrade a${i} ${'x'.repeat(LIMITS.attemptLine)}`, 0, i < LIMITS.attemptRuns + 5 ? { measured: [{ label: `r${i}`, figures: {} }] } : {});
		const { events, runs } = await attemptFacts(sandbox, SECRETS, sandbox.clock.now());
		const lines = events.filter(({ what }) => what.startsWith('$'));
		expect(lines).toHaveLength(LIMITS.attemptCommands);
		expect(lines[0]?.what).toMatch(/^\$ helm upgrade a5 /);
		expect(lines[0]?.what.length).toBe(LIMITS.attemptLine + 2);
		expect(runs).toHaveLength(LIMITS.attemptRuns);
		expect(runs.at(-1)?.label).toBe(`r${LIMITS.attemptRuns + 4}`);
	});

	it('keeps the newest LIMITS.attemptWarnings warnings', async () => {
		for (let i = 0; i < LIMITS.attemptWarnings + 3; i++) {
			const event = {
				apiVersion: 'v1',
				kind: 'Event',
				metadata: { name: `w${i}`, namespace: 'default' },
				involvedObject: { kind: 'Pod', namespace: 'default', name: `p${i}` },
				type: 'Warning',
				reason: 'Odd',
				message: 'odd',
				firstTimestamp: new Date(sandbox.clock.now() + i * 1000).toISOString().replace(/\.\d+/, ''),
			};
			const answer = await sandbox.cluster.fetch(
				new Request('http://cluster/api/v1/namespaces/default/events', {
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify(event),
				}),
			);
			expect(answer.status).toBe(201);
		}
		const { events } = await attemptFacts(sandbox, SECRETS, sandbox.clock.now());
		const odd = events.filter(({ what }) => what.includes(': Odd:'));
		expect(odd).toHaveLength(LIMITS.attemptWarnings);
		expect(odd.at(-1)?.what).toContain(`p${LIMITS.attemptWarnings + 2}:`);
	});
});
