/** Probes and lifecycle hooks. */
import type { V1Container, V1Pod, V1Probe } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { AGNHOST } from '../images.ts';
import { box, isReady, pod, started, web } from '../pods.ts';
import { also, spec } from '../spec.ts';

const QUICK: V1Probe = { initialDelaySeconds: 5, periodSeconds: 2, failureThreshold: 1, timeoutSeconds: 1 };
const agnhost = (args: readonly string[], more: Partial<V1Container> = {}): V1Container => ({ name: 'agnhost', image: AGNHOST, args: [...args], ...more });

const restarts = async (c: Cluster): Promise<number> => (await c.at<V1Pod>('v1/pods').get('p')).status?.containerStatuses?.[0]?.restartCount ?? 0;
async function restarted(c: Cluster, container: V1Container, times = 1): Promise<void> {
	await c.at('v1/pods').create(pod('p', { containers: [container] }));
	await c.until(`it has restarted ${times} times`, async () => (await restarts(c)) >= times, 900);
}
async function steady(c: Cluster, container: V1Container): Promise<void> {
	await started(c, pod('p', { containers: [container] }));
	await c.pass(240);
	expect(await restarts(c)).toBe(0);
}

spec('Pod liveness probe, using local file, restart', (c) =>
	restarted(
		c,
		box('c', 'echo ok >/tmp/health; sleep 10; rm -f /tmp/health; sleep 600', { livenessProbe: { ...QUICK, exec: { command: ['cat', '/tmp/health'] } } }),
	),
);
spec('Pod liveness probe, using local file, no restart', (c) =>
	steady(c, box('c', 'echo ok >/tmp/health; sleep 6000', { livenessProbe: { ...QUICK, exec: { command: ['cat', '/tmp/health'] } } })),
);
spec('Pod liveness probe, using http endpoint, restart', (c) =>
	restarted(c, agnhost(['liveness'], { livenessProbe: { ...QUICK, httpGet: { path: '/healthz', port: 8080 } } })),
);
spec('Pod liveness probe, using http endpoint, multiple restarts (slow)', (c) =>
	restarted(c, agnhost(['liveness'], { livenessProbe: { ...QUICK, httpGet: { path: '/healthz', port: 8080 } } }), 5),
);
spec('Pod liveness probe, using http endpoint, failure', (c) =>
	steady(c, web('web', { livenessProbe: { ...QUICK, failureThreshold: 5, httpGet: { path: '/', port: 80 } } })),
);
spec('Pod liveness probe, using tcp socket, no restart', (c) => steady(c, agnhost(['netexec'], { livenessProbe: { ...QUICK, tcpSocket: { port: 8080 } } })));
spec('Pod liveness probe, using grpc call, success', (c) =>
	steady(c, agnhost(['grpc-health-checking'], { livenessProbe: { ...QUICK, grpc: { port: 5000 } } })),
);
spec('Pod liveness probe, using grpc call, failure', async (c) => {
	// Nothing listens at this port.
	await restarted(c, agnhost(['grpc-health-checking'], { livenessProbe: { ...QUICK, grpc: { port: 2333 } } }));
	const events = await c.get<{ items: { message?: string; reason?: string }[] }>('/api/v1/namespaces/default/events');
	expect(events.items.find((e) => e.reason === 'Unhealthy')?.message).toMatch(
		/^Liveness probe failed: timeout: failed to connect service "10\.244\.\d+\.\d+:2333" within 1s: context deadline exceeded$/,
	);
});
also('a gRPC server that says NOT_SERVING is not ready', async (c) => {
	const made = await started(
		c,
		pod('p', { containers: [agnhost(['grpc-health-checking'], { readinessProbe: { ...QUICK, initialDelaySeconds: 0, grpc: { port: 5000 } } })] }),
	);
	await c.sandbox.network.request({ method: 'GET', url: `http://${made.status?.podIP}:8080/make-not-serving`, fromPod: { namespace: 'default', name: 'p' } });
	await c.until('it is not ready', async () => !isReady(await c.at<V1Pod>('v1/pods').get('p')));
});

spec('Pod readiness probe, with initial delay', async (c) => {
	const made = await started(
		c,
		pod('p', { containers: [web('web', { readinessProbe: { httpGet: { port: 80 }, initialDelaySeconds: 30, periodSeconds: 1 } })] }),
	);
	const at = (value: Date | undefined): number => new Date(value ?? 0).getTime();
	const ready = at(made.status?.conditions?.find((x) => x.type === 'Ready')?.lastTransitionTime);
	expect((ready - at(made.status?.containerStatuses?.[0]?.state?.running?.startedAt)) / 1000).toBeGreaterThanOrEqual(30);
	expect(await restarts(c)).toBe(0);
});

spec('Pod readiness probe, failure', async (c) => {
	await c.at('v1/pods').create(pod('p', { containers: [web('web', { readinessProbe: { exec: { command: ['/bin/false'] }, periodSeconds: 1 } })] }));
	await c.pass(120);
	const held = await c.at<V1Pod>('v1/pods').get('p');
	expect([isReady(held), held.status?.phase, await restarts(c)]).toEqual([false, 'Running', 0]);
});

also('a startup probe holds the others back; a slow exec probe fails by its timeout', async (c) => {
	const containers = [
		box('slow', 'sleep 20; touch /tmp/up; sleep 6000', {
			startupProbe: { exec: { command: ['cat', '/tmp/up'] }, periodSeconds: 2, failureThreshold: 30 },
			livenessProbe: { exec: { command: ['cat', '/tmp/up'] }, periodSeconds: 1, failureThreshold: 1 },
		}),
	];
	await started(c, pod('p', { containers }));
	expect(await restarts(c)).toBe(0);
	await c.at('v1/pods').delete('p', { gracePeriodSeconds: 0 });
	await restarted(c, box('c', 'sleep 6000', { livenessProbe: { ...QUICK, exec: { command: ['sh', '-c', 'sleep 10'] } } }));
});

/** A server that notes what it is asked, and where it is. */
async function listener(c: Cluster): Promise<string> {
	const made = await started(c, pod('listener', { containers: [web()] }));
	return made.status?.podIP ?? '';
}
const heard = async (c: Cluster, path: string): Promise<boolean> =>
	(await c.send('GET', '/api/v1/namespaces/default/pods/listener/log')).text.includes(`GET ${path} `);

spec(['Pod Lifecycle, post start http hook', 'Pod Lifecycle, prestop http hook'], async (c) => {
	const host = await listener(c);
	const httpGet = (path: string): object => ({ httpGet: { host, port: 80, path } });
	await started(c, pod('p', { containers: [web('web', { lifecycle: { postStart: httpGet('/post'), preStop: httpGet('/pre') } })] }));
	expect([await heard(c, '/post'), await heard(c, '/pre')]).toEqual([true, false]);
	await c.at('v1/pods').delete('p');
	await c.until('it is gone', () => c.at('v1/pods').gone('p'));
	expect(await heard(c, '/pre')).toBe(true);
});

spec(['Pod Lifecycle, post start exec hook', 'Pod Lifecycle, prestop exec hook', 'Pods, prestop hook'], async (c) => {
	const host = await listener(c);
	const exec = (path: string): object => ({ exec: { command: ['sh', '-c', `wget -q -O- "http://${host}/index.html?${path}"`] } });
	await started(
		c,
		pod('p', { containers: [box('c', 'sleep 6000', { lifecycle: { postStart: exec('post'), preStop: exec('pre') } })], terminationGracePeriodSeconds: 15 }),
	);
	const file = '/index.html?';
	expect([await heard(c, `${file}post`), await heard(c, `${file}pre`)]).toEqual([true, false]);
	await c.at('v1/pods').delete('p');
	await c.until('it is gone', () => c.at('v1/pods').gone('p'));
	expect(await heard(c, `${file}pre`)).toBe(true);
});

also('a sleep hook holds the end up', async (c) => {
	await started(c, pod('p', { containers: [web('web', { lifecycle: { preStop: { sleep: { seconds: 8 } } } })], terminationGracePeriodSeconds: 30 }));
	await c.at('v1/pods').delete('p');
	await c.pass(6);
	expect(await c.at('v1/pods').gone('p')).toBe(false);
	await c.until('it is gone', () => c.at('v1/pods').gone('p'), 6);
});
