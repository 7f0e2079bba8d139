import { describe, expect, it } from 'vitest';
import { type AuditAttributes, decide, readPolicy } from './policy.ts';

const policy = (rules: readonly object[], more: object = {}): unknown => ({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules, ...more });

function level(
	rules: readonly object[],
	asked: Partial<AuditAttributes> & { readonly at?: string; readonly group?: string; readonly ns?: string; readonly name?: string },
): string {
	const read = readPolicy(policy(rules));
	if ('error' in read) throw new Error(read.error);
	const { at, group = '', ns = '', name = '', ...rest } = asked;
	const [resource = '', subresource = ''] = (at ?? '').split('/');
	const base = { user: 'jane', groups: ['devs', 'system:authenticated'], verb: 'get', path: '/version', ...rest };
	return decide(read, at === undefined ? base : { ...base, resource: { group, resource, subresource, namespace: ns, name } }).level;
}

describe('an audit policy', () => {
	const core = (resources: readonly string[], more: object = {}): object => ({ level: 'Metadata', resources: [{ group: '', resources, ...more }] });

	it.each([
		['a resource', core(['pods']), 'pods', 'Metadata'],
		['not its subresources', core(['pods']), 'pods/exec', 'None'],
		['a subresource', core(['pods/exec']), 'pods/exec', 'Metadata'],
		['a resource with its subresources', core(['pods/*']), 'pods', 'Metadata'],
		['any group', { level: 'Metadata', resources: [{ group: '*', resources: ['pods'] }] }, 'pods', 'Metadata'],
		['all subresources of a resource', core(['pods/*']), 'pods/log', 'Metadata'],
		['a subresource of any resource', core(['*/status']), 'nodes/status', 'Metadata'],
		['everything of a group', core(['*']), 'pods/exec', 'Metadata'],
		['a group named alone', core([]), 'pods/exec', 'Metadata'],
		['no other group', { level: 'Metadata', resources: [{ group: 'apps' }] }, 'pods', 'None'],
	])('matches %s', (_name, rule, at, expected) => {
		expect(level([rule], { at })).toBe(expected);
	});

	it('goes by names, namespaces, verbs, users and groups', () => {
		const named = core(['secrets'], { resourceNames: ['a'] });
		expect(level([named], { at: 'secrets', name: 'a' })).toBe('Metadata');
		expect(level([named], { at: 'secrets', name: 'b' })).toBe('None');
		expect(level([{ level: 'Request', namespaces: ['prod'] }], { at: 'pods', ns: 'prod' })).toBe('Request');
		expect(level([{ level: 'Request', namespaces: ['prod'] }], { at: 'pods', ns: 'dev' })).toBe('None');
		// '' stands for what lies in no namespace.
		expect(level([{ level: 'Request', namespaces: [''] }], { at: 'nodes' })).toBe('Request');
		expect(level([{ level: 'Request', verbs: ['create'] }], { at: 'pods' })).toBe('None');
		expect(level([{ level: 'Request', users: ['jane'] }], {})).toBe('Request');
		expect(level([{ level: 'Request', userGroups: ['admins'] }], {})).toBe('None');
	});

	it('takes the first rule that matches, and none where there is none', () => {
		expect(level([{ level: 'None', users: ['jane'] }, { level: 'RequestResponse' }], { at: 'pods' })).toBe('None');
		expect(level([{ level: 'RequestResponse', users: ['joe'] }], { at: 'pods' })).toBe('None');
	});

	it('matches paths that are no resources, by their beginnings too', () => {
		const rule = { level: 'Metadata', nonResourceURLs: ['/healthz*', '/version'] };
		expect(level([rule], { path: '/healthz/etcd' })).toBe('Metadata');
		expect(level([rule], { path: '/version/x' })).toBe('None');
		expect(level([rule], { at: 'pods', path: '/version' })).toBe('None');
	});

	it('omits stages of the policy and of the rule together', () => {
		const read = readPolicy(policy([{ level: 'Metadata', omitStages: ['ResponseStarted'] }], { omitStages: ['RequestReceived'], omitManagedFields: true }));
		if ('error' in read) throw new Error(read.error);
		const asked = { user: 'jane', groups: [], verb: 'get', path: '/' };
		expect(decide(read, asked)).toEqual({ level: 'Metadata', omitStages: ['RequestReceived', 'ResponseStarted'], omitManagedFields: true });
	});

	it.each([
		[policy([]), 'loaded illegal policy with 0 rules'],
		[policy([{ level: 'All' }]), 'rules[0].level: Unsupported value: "All": supported values: "Metadata", "None", "Request", "RequestResponse"'],
		[policy([{}]), 'rules[0].level: Required value'],
		[
			policy([{ level: 'None', nonResourceURLs: ['/a'], namespaces: ['b'] }]),
			'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
		],
		[
			policy([{ level: 'None', nonResourceURLs: ['/a*b'] }]),
			'rules[0].nonResourceURLs[0]: Invalid value: "/a*b": non-resource URL wildcards \'*\' must be the final character of the rule',
		],
		[
			policy([{ level: 'None', resources: [{ group: '', resourceNames: ['a'] }] }]),
			'rules[0].resources[0].resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
		],
		[
			policy([{ level: 'None' }], { omitStages: ['Never'] }),
			'omitStages[0]: Unsupported value: "Never": supported values: "Panic", "RequestReceived", "ResponseComplete", "ResponseStarted"',
		],
	])('is refused: %j', (value, error) => {
		expect(readPolicy(value)).toEqual({ error });
	});

	it('is refused as another kind', () => {
		expect(readPolicy({ apiVersion: 'v1', kind: 'Pod' })).toMatchObject({ error: expect.stringContaining('no kind "Pod" is registered for version "v1"') });
	});
});
