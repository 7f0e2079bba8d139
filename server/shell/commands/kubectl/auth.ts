/** `kubectl auth`: can-i and whoami. Upstream: pkg/cmd/auth. */
import type { Obj } from './client.ts';
import { ruleRows } from './describe/policy.ts';
import { CliError } from './errors.ts';
import { reconcile } from './auth-reconcile.ts';
import { bool, type Flags, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { PRINT_FLAGS, printerFor } from './printers.ts';
import type { Subcommand } from './subcommand.ts';
import { TableText } from './tabs.ts';

const VERBS = [
	'get',
	'list',
	'watch',
	'create',
	'update',
	'patch',
	'delete',
	'deletecollection',
	'use',
	'bind',
	'escalate',
	'impersonate',
	'approve',
	'sign',
	'attest',
	'*',
	'proxy',
];
const URL_VERBS = ['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*'];

async function listRules(kube: Kube, flags: Flags): Promise<number> {
	const body = { kind: 'SelfSubjectRulesReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: { namespace: kube.namespace } };
	const { status } = await kube.client.json('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { method: 'POST', body });
	if (status?.incomplete) kube.warn(`the list may be incomplete: ${status.evaluationError ?? ''}`);
	const rules = ruleRows([...(status?.resourceRules ?? []), ...(status?.nonResourceRules ?? [])]).map((r) => [
		r.resource,
		r.urls,
		r.names,
		`[${r.verbs.join(' ')}]`,
	]);
	kube.out(new TableText().rows(flags.bool('no-headers') ? rules : [['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'], ...rules]));
	return 0;
}

async function resourceAttributes(kube: Kube, flags: Flags, verb: string, word: string): Promise<Obj> {
	const [type = '', name] = word.split('/');
	const everywhere = flags.bool('all-namespaces');
	let [group, resource] = ['', type];
	if (type !== '*') {
		try {
			const mapping = await kube.mapper.byWord(type);
			[group, resource] = [mapping.group, mapping.resource];
			if (!mapping.namespaced && !everywhere) kube.warn(`resource '${resource}' is not namespace scoped${group === '' ? '' : ` in group '${group}'`}\n`);
		} catch (err) {
			if (!(err instanceof CliError)) throw err;
			const [base = '', ...rest] = type.split('.');
			kube.warn(`the server doesn't have a resource type '${base}'${rest.length === 0 ? '' : ` in group '${rest.join('.')}'`}\n`);
		}
	}
	if (!VERBS.includes(verb)) kube.warn(`verb '${verb}' is not a known verb\n`);
	return {
		...(everywhere ? {} : { namespace: kube.namespace }),
		verb,
		...(group === '' ? {} : { group }),
		resource,
		...(flags.str('subresource') === '' ? {} : { subresource: flags.str('subresource') }),
		...(name === undefined ? {} : { name }),
	};
}

const canI: Subcommand = {
	name: 'can-i',
	flags: [bool('all-namespaces', { short: 'A' }), bool('list'), bool('no-headers'), bool('quiet', { short: 'q' }), text('subresource')],
	async run(kube, args, flags) {
		if (flags.bool('list')) {
			if (args.length > 0) throw new CliError('list option must be specified with no arguments');
			return listRules(kube, flags);
		}
		const [verb, word] = args;
		if (args.length !== 2 || verb === undefined || word === undefined) {
			throw new CliError("you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.");
		}
		if (flags.bool('no-headers')) throw new CliError('--no-headers cannot be set without --list specified');
		let spec: Obj;
		if (word.startsWith('/')) {
			if (!URL_VERBS.includes(verb)) kube.warn(`verb '${verb}' is not a known verb\n`);
			spec = { nonResourceAttributes: { verb, path: word } };
		} else spec = { resourceAttributes: await resourceAttributes(kube, flags, verb, word) };
		const body = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec };
		const { status } = await kube.client.json('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { method: 'POST', body });
		const why = [status?.reason, status?.evaluationError]
			.filter((t) => t)
			.map((t) => ` - ${t}`)
			.join('');
		if (!flags.bool('quiet')) kube.out(status?.allowed ? 'yes\n' : `no${why}\n`);
		return status?.allowed ? 0 : 1;
	},
};

const whoami: Subcommand = {
	name: 'whoami',
	flags: PRINT_FLAGS,
	async run(kube, _args, flags) {
		const body = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: {} };
		const answer = await kube.client.json('/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', body });
		const printer = await printerFor(kube, flags, { keepOrder: true });
		if (printer !== undefined) {
			const { username, uid, groups, extra } = (answer['status']?.userInfo ?? {}) as Obj;
			const userInfo = { ...(username ? { username } : {}), ...(uid ? { uid } : {}), ...(groups ? { groups } : {}), ...(extra ? { extra } : {}) };
			kube.out(printer({ kind: answer.kind, apiVersion: answer.apiVersion, metadata: answer.metadata, status: { userInfo } } as Obj));
			return 0;
		}
		const user = (answer['status']?.userInfo ?? {}) as Obj;
		const table = [['ATTRIBUTE', 'VALUE']];
		if (user['username']) table.push(['Username', user['username']]);
		if (user['uid']) table.push(['UID', user['uid']]);
		if ((user['groups'] ?? []).length > 0) table.push(['Groups', `[${user['groups'].join(' ')}]`]);
		for (const k of Object.keys(user['extra'] ?? {}).sort()) table.push([`Extra: ${k}`, `[${user['extra'][k].join(' ')}]`]);
		kube.out(new TableText().rows(table));
		return 0;
	},
};

export const auth: Subcommand = { name: 'auth', flags: [], children: [canI, reconcile, whoami] };
