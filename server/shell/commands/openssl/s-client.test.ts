/** openssl s_client against a simulated cluster's API server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Template } from '../../../sandboxes/simulated/template.ts';
import { SimulatorSandbox } from '../../../sandboxes/simulator.ts';
import { buildSystem } from '../../../simulator/simulator.ts';
import { type TestTerminal, testTerminal } from '../../testing/terminal.ts';

let sandbox: SimulatorSandbox;
let t: TestTerminal;

beforeAll(async () => {
	sandbox = await SimulatorSandbox.create(Template.build({}, buildSystem()), { id: 's-client', seed: 7 });
	t = testTerminal(sandbox);
});
afterAll(() => sandbox.dispose());

test("the API server's certificate comes from the cluster's authority", async () => {
	const pipe = 'openssl s_client -connect foothold-control-plane:6443 </dev/null 2>/dev/null | openssl x509 -noout';
	expect(await t.run(`${pipe} -subject -issuer`)).toBe('subject=CN = kube-apiserver\nissuer=CN = kubernetes\n');
	expect(await t.run(`${pipe} -dates`)).toMatch(/^notBefore=.* GMT\nnotAfter=.* GMT\n$/);
	expect(await t.run(`${pipe} -text | grep -A1 Alternative`)).toContain('DNS:kubernetes.default.svc.cluster.local');
	await t.run("kubectl get cm kube-root-ca.crt -o jsonpath='{.data.ca\\.crt}' > ca.crt");
	await t.run('openssl s_client -connect 172.18.0.2:6443 -showcerts </dev/null 2>/dev/null | openssl x509 > api.crt');
	expect(await t.run('openssl verify -CAfile ca.crt api.crt')).toBe('api.crt: OK\n');
	expect(await t.run('openssl s_client -connect kubernetes.default.svc:443 -CAfile ca.crt </dev/null 2>/dev/null | grep "return code"')).toBe(
		'Verify return code: 0 (ok)\n',
	);
	expect(await t.run('openssl s_client -connect 172.18.0.2:6443 </dev/null 2>&1 | grep -c "unable to verify the first certificate"')).toBe('3\n');
	expect(await t.run('openssl s_client -connect foothold-worker:6443 </dev/null; echo $?')).toMatch(/connect:errno=\d+\n1\n$/);
});
