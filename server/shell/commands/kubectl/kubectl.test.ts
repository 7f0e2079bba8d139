/** kubectl against a simulated cluster: the learner's path, worded as the real client words it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelSocket } from '../../../sandboxes/sandbox.ts';
import { SimulatorFork } from '../../../sandboxes/simulator.ts';
import { ForkHost } from '../../../sandboxes/simulated/host.ts';
import { Simulator } from '../../../simulator/simulator.ts';
import { Bench } from './testing.ts';

const WEB = `apiVersion: v1
kind: Namespace
metadata: {name: notes}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: notes, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.29
        ports: [{containerPort: 80, name: http}]
        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 2}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: notes}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
`;

const BAD = `apiVersion: v1
kind: ConfigMap
metadata: {name: fine}
---
apiVersion: foo/v1
kind: Foo
metadata: {name: f}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: x
   labels: {}
`;

let sandbox: SimulatorFork;
let bench: Bench;
let stopped = false;

/** Lets virtual time pass while commands wait, as pacing does for a live sandbox. */
async function drive(): Promise<void> {
	while (!stopped) {
		await sandbox.clock.advance(100);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

beforeAll(() => {
	sandbox = new SimulatorFork('kubectl-test', new ForkHost(Simulator.boot({ seed: 7, now: Date.parse('2026-11-20T10:00:00Z') })));
	bench = new Bench({
		cluster: sandbox.cluster,
		now: () => sandbox.clock.now(),
		sleep: (ms) => sandbox.clock.advance(ms),
		files: { 'web.yaml': WEB, 'bad.yaml': BAD },
	});
	void drive();
});

afterAll(async () => {
	stopped = true;
	await sandbox.dispose();
});

const ok = (stdout: string) => ({ stdout, stderr: '', code: 0 });
const fails = (stderr: string, stdout = '') => ({ stdout, stderr, code: 1 });

describe('a first application', () => {
	test('apply creates, then finds nothing to do', async () => {
		expect(await bench.sh('apply -f web.yaml')).toEqual(ok('namespace/notes created\ndeployment.apps/web created\nservice/web created\n'));
		expect(await bench.sh('apply -f web.yaml')).toEqual(ok('namespace/notes unchanged\ndeployment.apps/web unchanged\nservice/web unchanged\n'));
	});

	test('server-side apply takes over from client-side apply', async () => {
		const settings = (data: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: handed-over}\ndata: ${data}\n`;
		await bench.run(['apply', '-f', '-'], { stdin: settings('{a: "1", b: "2"}') });
		expect((await bench.run(['apply', '--server-side', '-f', '-'], { stdin: settings('{a: "1", b: "2"}') })).stderr).toBe('');
		const managers = '{range .metadata.managedFields[*]}{.manager}/{.operation} {end}';
		expect((await bench.run(['get', 'cm', 'handed-over', '-o', `jsonpath=${managers}`, '--show-managed-fields'])).stdout).toBe(
			'kubectl/Apply kubectl-last-applied/Apply ',
		);
		// Fields that the old manager would still hold could not be taken out.
		await bench.run(['apply', '--server-side', '-f', '-'], { stdin: settings('{a: "1"}') });
		expect((await bench.sh('get cm handed-over -o jsonpath={.data}')).stdout).toBe('{"a":"1"}');
	});

	test('rollout status ends with success', async () => {
		const result = await bench.sh('rollout status deploy/web -n notes --timeout=120s');
		expect(result.code).toBe(0);
		expect(result.stdout.endsWith('deployment "web" successfully rolled out\n')).toBe(true);
	});

	test("get prints the server's table", async () => {
		const result = await bench.sh('get deploy -n notes');
		expect(result.stdout).toMatch(/^NAME {3}READY {3}UP-TO-DATE {3}AVAILABLE {3}AGE\nweb {4}2\/2 {5}2 {12}2 {11}\d+s\n$/);
	});

	test('a config change is merged, a removed field goes', async () => {
		const changed = WEB.replace('replicas: 2', 'replicas: 1')
			.replace('nginx:1.29', 'nginx:1.28.0')
			.replace('ports: [{containerPort: 80, name: http}]', 'ports: [{containerPort: 80, name: http}]\n        env: [{name: A, value: "1"}]');
		await bench.run(['apply', '-f', '-'], { stdin: changed });
		await bench.sh('rollout status deploy/web -n notes --timeout=120s');
		expect(
			(await bench.sh('get deploy web -n notes -o jsonpath={.spec.replicas}{.spec.template.spec.containers[0].image}{.spec.template.spec.containers[0].env}'))
				.stdout,
		).toBe('1nginx:1.28.0[{"name":"A","value":"1"}]');
		await bench.run(['apply', '-f', '-'], { stdin: WEB });
		await bench.sh('rollout status deploy/web -n notes --timeout=120s');
		expect((await bench.sh('get deploy web -n notes -o jsonpath={.spec.replicas}{.spec.template.spec.containers[0].env}')).stdout).toBe('2');
	});

	test('history, undo and their refusals', async () => {
		expect((await bench.sh('rollout history deploy/web -n notes')).stdout).toBe(
			'deployment.apps/web \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>\n\n',
		);
		expect(await bench.sh('rollout history deploy/web -n notes --revision=9')).toEqual(fails('error: unable to find the specified revision\n'));
		expect((await bench.sh('rollout undo deploy/web -n notes')).stdout).toBe('deployment.apps/web rolled back\n');
		expect((await bench.sh('get deploy web -n notes -o jsonpath={.spec.template.spec.containers[0].image}')).stdout).toBe('nginx:1.28.0');
	});

	test('exec passes output, input and exit code through', async () => {
		const sent: string[] = [];
		// The far side of the channel protocol, so that this says nothing about what runs in the container.
		const socket = (code: number): ChannelSocket => {
			let close = (): void => undefined;
			return {
				send: (channel, data) => void sent.push(`${channel}:${new TextDecoder().decode(data)}`),
				onMessage: (listener) =>
					queueMicrotask(() => {
						listener(1, new TextEncoder().encode('hi\n'));
						const failed = { status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: String(code) }] } };
						listener(3, new TextEncoder().encode(JSON.stringify(code === 0 ? { status: 'Success' } : failed)));
						close();
					}),
				onClose: (listener) => {
					close = listener;
				},
				close: () => close(),
			};
		};
		const urls: string[] = [];
		const cluster = {
			fetch: (request: Request) => sandbox.cluster.fetch(request),
			connect: (request: Request) => {
				urls.push(new URL(request.url).search);
				return Promise.resolve(socket(urls.length === 1 ? 3 : 0));
			},
		};
		const other = new Bench({ cluster, now: () => sandbox.clock.now(), sleep: (ms) => sandbox.clock.advance(ms) });
		expect(await other.run(['exec', '-n', 'notes', 'deploy/web', '--', 'sh', '-c', 'exit 3'])).toEqual({
			stdout: 'hi\n',
			stderr: 'command terminated with exit code 3\n',
			code: 3,
		});
		expect(await other.run(['exec', '-i', '-n', 'notes', 'deploy/web', '--', 'cat'], { stdin: 'piped' })).toEqual(ok('hi\n'));
		expect(urls[0]).toBe('?container=nginx&command=sh&command=-c&command=exit+3&stdout=true&stderr=true');
		expect(sent).toEqual(['0:piped', '255:\0']);
	});

	test('logs name the pod they chose', async () => {
		const result = await bench.sh('logs deploy/web -n notes --tail=1');
		expect(result.stderr).toMatch(/^(Found \d+ pods, using pod\/web-\S+\n)?$/);
		expect(result.code).toBe(0);
	});

	test('scale, set, label, patch say what they did', async () => {
		expect(await bench.sh('scale deploy/web -n notes --replicas=3')).toEqual(ok('deployment.apps/web scaled\n'));
		expect(await bench.sh('set image deploy/web -n notes nginx=nginx:1.27.5')).toEqual(ok('deployment.apps/web image updated\n'));
		expect(await bench.sh('label deploy web -n notes tier=front')).toEqual(ok('deployment.apps/web labeled\n'));
		expect(await bench.sh('label deploy web -n notes tier=back')).toEqual(fails("error: 'tier' already has a value (front), and --overwrite is false\n"));
		expect(await bench.run(['patch', 'deploy', 'web', '-n', 'notes', '-p', '{"spec":{"replicas":3}}'])).toEqual(
			ok('deployment.apps/web patched (no change)\n'),
		);
	});

	test('describe ends with events', async () => {
		const { stdout } = await bench.sh('describe deploy web -n notes');
		expect(stdout).toContain('Name:                   web\nNamespace:              notes\n');
		expect(stdout).toContain('    Readiness:  http-get http://:http/ delay=0s timeout=1s period=2s #success=1 #failure=3\n');
		expect(stdout).toMatch(/Events:\n {2}Type {4}Reason {13}Age .* From {19}Message\n/);
	});

	test('port-forward carries HTTP into a pod', async () => {
		await bench.sh('rollout status deploy/web -n notes --timeout=120s');
		await sandbox.clock.advance(40_000);
		const stop = new AbortController();
		const running = bench.run(['port-forward', '-n', 'notes', 'svc/web', '8080:80'], { signal: stop.signal });
		while (bench.ports.get(8080) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
		const response = await bench.ports.get(8080)?.(new Request('http://localhost:8080/'));
		expect(response?.status).toBe(200);
		expect(await response?.text()).toContain('nginx');
		stop.abort();
		const result = await running;
		expect(result.stdout).toBe('Forwarding from 127.0.0.1:8080 -> 80\nForwarding from [::1]:8080 -> 80\nHandling connection for 8080\n');
	});

	test('proxy serves the API on the loopback, and refuses what its filter does', async () => {
		const stop = new AbortController();
		const running = bench.run(['proxy', '--port=8001', '--reject-methods=DELETE'], { signal: stop.signal });
		while (bench.ports.get(8001) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
		const ask = (path: string, init: RequestInit = {}) => bench.ports.get(8001)?.(new Request(`http://localhost:8001${path}`, init));
		expect(await (await ask('/api/v1/namespaces/default'))?.json()).toMatchObject({ kind: 'Namespace', metadata: { name: 'default' } });
		expect((await ask('/api/v1/namespaces/nope'))?.status).toBe(404);
		expect((await ask('/api/v1/namespaces/default', { method: 'DELETE' }))?.status).toBe(403);
		expect((await ask('/api/v1/namespaces/notes/pods/x/exec'))?.status).toBe(403);
		stop.abort();
		expect((await running).stdout).toBe('Starting to serve on 127.0.0.1:8001\n');
	});

	test('a watch prints changes and ends at once when the signal fires', async () => {
		const stop = new AbortController();
		const running = bench.run(['get', 'deploy', '-n', 'notes', '-w'], { signal: stop.signal });
		while (!bench.stdout.includes('web')) await new Promise((resolve) => setTimeout(resolve, 5));
		stop.abort();
		expect((await running).code).toBe(130);
	});

	test('delete waits until it is gone', async () => {
		expect(await bench.sh('delete deploy web -n notes')).toEqual(ok('deployment.apps "web" deleted from notes namespace\n'));
		expect(await bench.sh('get deploy web -n notes')).toEqual(fails('Error from server (NotFound): deployments.apps "web" not found\n'));
	});
});

describe('faults', () => {
	test('one bad document does not keep the good ones back', async () => {
		expect(await bench.sh('apply -f bad.yaml')).toEqual(
			fails(
				'error parsing bad.yaml: error converting YAML to JSON: yaml: line 5: mapping values are not allowed in this context\nresource mapping not found for name: "f" namespace: "" from "bad.yaml": no matches for kind "Foo" in version "foo/v1"\nensure CRDs are installed first\n',
				'configmap/fine created\n',
			),
		);
	});

	test.each([
		['get foo', 'error: the server doesn\'t have a resource type "foo"\n'],
		['get pods -A x', 'error: a resource cannot be retrieved by name across all namespaces\n'],
		['get pods x -l a=b', 'error: name cannot be provided when a selector is specified\n'],
		['apply -f nope.yaml', 'error: the path "nope.yaml" does not exist\n'],
		['logs nope', 'error: error from server (NotFound): pods "nope" not found in namespace "default"\n'],
		['exec nope -- ls', 'Error from server (NotFound): pods "nope" not found\n'],
		['wait --for=condition=Ready pod/nope', 'Error from server (NotFound): pods "nope" not found\n'],
		['config use-context nope', 'error: no context exists with the name: "nope"\n'],
		['get pods --context=nope', 'Error in configuration: context was not found for specified context: nope\n'],
		['get pods --user=nope', 'error: auth info "nope" does not exist\n'],
		['get pods -s https://10.9.9.9:6443', 'The connection to the server 10.9.9.9:6443 was refused - did you specify the right host or port?\n'],
	])('kubectl %s', async (line, stderr) => {
		expect(await bench.sh(line)).toEqual(fails(stderr));
	});

	test('an empty namespace is said on stderr and is no failure', async () => {
		expect(await bench.sh('get pods -n nowhere')).toEqual({ stdout: '', stderr: 'No resources found in nowhere namespace.\n', code: 0 });
	});

	test('what a service account may not do', async () => {
		const result = await bench.sh('get pods --as=system:serviceaccount:default:default');
		expect(result).toEqual(
			fails(
				'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" in API group "" in the namespace "default"\n',
			),
		);
	});
});

describe('configuration and completion', () => {
	test("the context's namespace is the default one", async () => {
		expect(await bench.sh('config set-context --current --namespace=kube-system')).toEqual(ok('Context "kind-foothold" modified.\n'));
		expect((await bench.sh('get deploy -o name')).stdout).toBe('deployment.apps/coredns\n');
		await bench.sh('config set-context --current --namespace=default');
	});

	test('subcommands, types, names and namespaces are completed', async () => {
		const { kubectl } = await import('../kubectl.ts');
		const context = bench.context(undefined, new AbortController().signal);
		const words = (line: string) => kubectl.complete?.(line.split(' '), context);
		expect(await words('desc')).toEqual(['describe']);
		expect(await words('get deploym')).toEqual(['deployments']);
		expect(await words('get nodes foothold-w')).toEqual(['foothold-worker', 'foothold-worker2']);
		expect(await words('get pods -n kube-s')).toEqual(['kube-system']);
		expect(await words('rollout re')).toEqual(['restart', 'resume']);
	});
});
