/** `create serviceaccount`, `role`, `rolebinding`, `clusterrole`, `clusterrolebinding`. */
import type { Obj } from '../client.ts';
import type { Mapping } from '../discovery.ts';
import { CliError } from '../errors.ts';
import { array, type FlagSpec, type Flags, list, text } from '../flags.ts';
import type { Kube } from '../kube.ts';
import { type Generator, labelPairs, oneName } from './generator.ts';

const RBAC = 'rbac.authorization.k8s.io';

export const serviceAccount: Generator = {
	name: 'serviceaccount',
	aliases: ['sa'],
	flags: [],
	namespaced: true,
	failure: 'failed to create serviceaccount:',
	build: (kube, args) => ({ kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: oneName(kube, args) } }),
};

const RULE_FLAGS: readonly FlagSpec[] = [list('resource'), array('resource-name'), list('verb')];

function verbsOf(flags: Flags): string[] {
	const verbs = [
		...new Set(
			flags
				.list('verb')
				.map((v) => v.trim())
				.filter((v) => v !== ''),
		),
	];
	return verbs.includes('*') ? ['*'] : verbs;
}

/** Rules by API group, in the order the groups were first named. */
/** Upstream hands on the mapper's own error here, which kubectl prints without `error: `. */
async function resourceNamed(kube: Kube, word: string): Promise<Mapping> {
	try {
		return await kube.mapper.byWord(word);
	} catch (err) {
		throw err instanceof CliError ? new CliError(err.message, { raw: true }) : err;
	}
}

/** `validResourceVerbs` of pkg/cmd/create/create_role.go. */
const STANDARD_VERBS: ReadonlySet<string> = new Set(
	'* get delete list create update patch watch proxy deletecollection use bind escalate impersonate approve sign attest'.split(' '),
);

async function resourceRules(kube: Kube, flags: Flags, verbs: readonly string[]): Promise<Obj[]> {
	const groups = new Map<string, string[]>();
	for (const word of flags.list('resource')) {
		const [typed = '', sub] = word.split('/') as [string, string?];
		if (typed === '') throw new CliError('resource must be specified if apiGroup/subresource specified');
		let mapping: Pick<Mapping, 'group' | 'resource'>;
		if (typed === '*') mapping = { group: '*', resource: '*' };
		else mapping = await resourceNamed(kube, typed);
		const name = sub === undefined ? mapping.resource : `${mapping.resource}/${sub}`;
		const known = groups.get(mapping.group) ?? [];
		if (!known.includes(name)) groups.set(mapping.group, [...known, name]);
	}
	for (const verb of verbs) if (!STANDARD_VERBS.has(verb)) kube.warn(`'${verb}' is not a standard resource verb`);
	const names = flags.list('resource-name');
	return [...groups]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([group, resources]) => ({ verbs: [...verbs], apiGroups: [group], resources, ...(names.length > 0 ? { resourceNames: [...names] } : {}) }));
}

export const role: Generator = {
	name: 'role',
	flags: RULE_FLAGS,
	namespaced: true,
	async build(kube, args, flags) {
		const name = oneName(kube, args);
		const verbs = verbsOf(flags);
		if (verbs.length === 0) throw new CliError('at least one verb must be specified');
		if (flags.list('resource').length === 0) throw new CliError('at least one resource must be specified');
		return { kind: 'Role', apiVersion: `${RBAC}/v1`, metadata: { name }, rules: await resourceRules(kube, flags, verbs) };
	},
};

async function clusterRules(kube: Kube, flags: Flags): Promise<Obj[] | null> {
	const verbs = verbsOf(flags);
	const urls = flags.list('non-resource-url');
	if (flags.str('aggregation-rule') !== '') {
		if (urls.length > 0 || verbs.length > 0 || flags.list('resource').length > 0)
			throw new CliError('aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames');
		return null;
	}
	if (verbs.length === 0) throw new CliError('at least one verb must be specified');
	if (flags.list('resource').length === 0 && urls.length === 0) throw new CliError('one of resource or nonResourceURL must be specified');
	for (const url of urls) {
		if (url !== '*' && !url.startsWith('/')) throw new CliError('nonResourceURL should start with /');
		if (url.slice(0, -1).includes('*')) throw new CliError("nonResourceURL only supports wildcard matches when '*' is at the end");
	}
	const rules = await resourceRules(kube, flags, verbs);
	return urls.length > 0 ? [...rules, { verbs, nonResourceURLs: [...urls] }] : rules;
}

export const clusterRole: Generator = {
	name: 'clusterrole',
	flags: [...RULE_FLAGS, list('non-resource-url'), text('aggregation-rule')],
	namespaced: false,
	async build(kube, args, flags) {
		const name = oneName(kube, args);
		const rules = await clusterRules(kube, flags);
		const aggregation = flags.str('aggregation-rule');
		return {
			kind: 'ClusterRole',
			apiVersion: `${RBAC}/v1`,
			metadata: { name },
			rules,
			...(aggregation === '' ? {} : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: labelPairs(aggregation) }] } }),
		};
	},
};

const SUBJECT_FLAGS: readonly FlagSpec[] = [list('group'), list('serviceaccount'), list('user')];

export function subjectsOf(flags: Flags): Obj[] {
	const accounts = flags.list('serviceaccount').map((sa) => {
		const parts = sa.split(':');
		if (parts.length !== 2 || parts[0] === '' || parts[1] === '') throw new CliError('serviceaccount must be <namespace>:<name>');
		return { kind: 'ServiceAccount', name: parts[1], namespace: parts[0] };
	});
	return [
		...flags.list('user').map((name) => ({ kind: 'User', apiGroup: RBAC, name })),
		...flags.list('group').map((name) => ({ kind: 'Group', apiGroup: RBAC, name })),
		...accounts,
	];
}

function binding(kind: string, name: string, roleKind: string, roleName: string, flags: Flags): Obj {
	const subjects = subjectsOf(flags);
	return {
		kind,
		apiVersion: `${RBAC}/v1`,
		metadata: { name },
		...(subjects.length > 0 ? { subjects } : {}),
		roleRef: { apiGroup: RBAC, kind: roleKind, name: roleName },
	};
}

export const roleBinding: Generator = {
	name: 'rolebinding',
	flags: [...SUBJECT_FLAGS, text('clusterrole'), text('role')],
	namespaced: true,
	failure: 'failed to create rolebinding:',
	build(kube, args, flags) {
		const name = oneName(kube, args);
		const [own, cluster] = [flags.str('role'), flags.str('clusterrole')];
		if ((own === '') === (cluster === '')) throw new CliError('exactly one of clusterrole or role must be specified');
		return binding('RoleBinding', name, own === '' ? 'ClusterRole' : 'Role', own || cluster, flags);
	},
};

export const clusterRoleBinding: Generator = {
	name: 'clusterrolebinding',
	flags: [...SUBJECT_FLAGS, text('clusterrole')],
	required: ['clusterrole'],
	namespaced: false,
	failure: 'failed to create clusterrolebinding:',
	build: (kube, args, flags) => binding('ClusterRoleBinding', oneName(kube, args), 'ClusterRole', flags.str('clusterrole'), flags),
};
