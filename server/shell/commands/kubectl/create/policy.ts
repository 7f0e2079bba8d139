/** `create namespace`, `quota`, `poddisruptionbudget`, `priorityclass`. */
import { CliError } from '../errors.ts';
import { bool, type FlagSpec, int, text } from '../flags.ts';
import { type Generator, intOrString, oneName } from './generator.ts';

export const namespace: Generator = {
	name: 'namespace',
	aliases: ['ns'],
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
	flags: [text('hard'), text('scopes')],
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
	flags: [text('max-unavailable'), text('min-available'), text('selector')],
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
	text('description'),
	bool('global-default'),
	text('preemption-policy', { def: 'PreemptLowerPriority' }),
	int('value', 0),
];

export const priorityClass: Generator = {
	name: 'priorityclass',
	aliases: ['pc'],
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
