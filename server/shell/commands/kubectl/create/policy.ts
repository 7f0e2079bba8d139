/** `create namespace`, `quota`, `poddisruptionbudget`, `priorityclass`. */
import { CliError } from '../errors.ts';
import { bool, type FlagSpec, int, text } from '../flags.ts';
import { type Generator, intOrString, oneName } from './generator.ts';

export const namespace: Generator = {
	name: 'namespace',
	aliases: ['ns'],
	short: 'Create a namespace with the specified name',
	usage: 'namespace NAME [--dry-run=server|client|none]',
	flags: [],
	namespaced: false,
	build: (kube, args) => ({ kind: 'Namespace', apiVersion: 'v1', metadata: { name: oneName(kube, args) }, spec: {}, status: {} }),
};

const QUANTITY = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

/** `cpu=1,pods=2` as a resource list. */
export function resourceList(spec: string, wording = 'Invalid argument syntax'): Record<string, string> {
	const out: Record<string, string> = {};
	for (const part of spec.split(',').filter((p) => p !== '')) {
		const pair = part.split('=');
		if (pair.length !== 2 || pair[0] === undefined || pair[1] === undefined) throw new CliError(`${wording} ${part}, expected <resource>=<value>`);
		if (!QUANTITY.test(pair[1])) throw new CliError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
		out[pair[0]] = pair[1];
	}
	return out;
}

export const quota: Generator = {
	name: 'quota',
	aliases: ['resourcequota'],
	short: 'Create a quota with the specified name',
	usage: 'quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]',
	flags: [
		text('hard', 'A comma-delimited set of resource=quantity pairs that define a hard limit.'),
		text('scopes', 'A comma-delimited set of quota scopes that must all match each object tracked by the quota.'),
	],
	namespaced: true,
	failure: 'failed to create quota:',
	build(kube, args, flags) {
		const name = oneName(kube, args);
		const hard = resourceList(flags.str('hard'));
		const scopes = flags.str('scopes') === '' ? [] : flags.str('scopes').split(',');
		if (scopes.includes('')) throw new CliError('invalid resource quota scope ""');
		const spec = { ...(Object.keys(hard).length > 0 ? { hard } : {}), ...(scopes.length > 0 ? { scopes } : {}) };
		return { kind: 'ResourceQuota', apiVersion: 'v1', metadata: { name }, spec, status: {} };
	},
};

export const budget: Generator = {
	name: 'poddisruptionbudget',
	aliases: ['pdb'],
	short: 'Create a pod disruption budget with the specified name',
	usage: 'poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]',
	flags: [
		text('max-unavailable', 'The maximum number or percentage of unavailable pods this budget requires.'),
		text('min-available', 'The minimum number or percentage of available pods this budget requires.'),
		text('selector', 'A label selector to use for this budget. Only equality-based selector requirements are supported.'),
	],
	namespaced: true,
	failure: 'failed to create poddisruptionbudgets:',
	build(kube, args, flags) {
		const name = oneName(kube, args);
		const [min, max] = [flags.str('min-available'), flags.str('max-unavailable')];
		if (flags.str('selector') === '') throw new CliError('a selector must be specified');
		if (min === '' && max === '') throw new CliError('one of min-available or max-unavailable must be specified');
		if (min !== '' && max !== '') throw new CliError('min-available and max-unavailable cannot be both specified');
		for (const [flag, value] of [
			['min-available', min],
			['max-unavailable', max],
		] as const) {
			if (value !== '' && !/^\d+%?$/.test(value)) throw new CliError(`invalid format specified for ${flag}`);
		}
		const matchLabels: Record<string, string> = {};
		for (const part of flags.str('selector').split(',')) {
			const [key = '', value = ''] = part.split(/==?/);
			matchLabels[key.trim()] = value.trim();
		}
		return {
			kind: 'PodDisruptionBudget',
			apiVersion: 'policy/v1',
			metadata: { name },
			spec: {
				...(min === '' ? {} : { minAvailable: intOrString(min) }),
				selector: { matchLabels },
				...(max === '' ? {} : { maxUnavailable: intOrString(max) }),
			},
			status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
		};
	},
};

const PRIORITY_FLAGS: readonly FlagSpec[] = [
	text('description', 'description is an arbitrary string that usually provides guidelines on when this priority class should be used.'),
	bool('global-default', 'global-default specifies whether this PriorityClass should be considered as the default priority.'),
	text('preemption-policy', 'preemption-policy is the policy for preempting pods with lower priority.', { def: 'PreemptLowerPriority' }),
	int('value', 'the value of this priority class.', 0),
];

export const priorityClass: Generator = {
	name: 'priorityclass',
	aliases: ['pc'],
	short: 'Create a priority class with the specified name',
	usage: 'priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]',
	flags: PRIORITY_FLAGS,
	namespaced: false,
	failure: 'failed to create priorityclass:',
	build(kube, args, flags) {
		const name = oneName(kube, args);
		return {
			kind: 'PriorityClass',
			apiVersion: 'scheduling.k8s.io/v1',
			metadata: { name },
			value: flags.int('value'),
			...(flags.bool('global-default') ? { globalDefault: true } : {}),
			...(flags.str('description') === '' ? {} : { description: flags.str('description') }),
			preemptionPolicy: flags.str('preemption-policy'),
		};
	},
};
