/** `kubectl wait`. Upstream: pkg/cmd/wait. */
import type { Obj } from './client.ts';
import { groupResource } from './discovery.ts';
import { CliError, isNotFound, StatusError, throwAll } from './errors.ts';
import { bool, type Flags, text, time } from './flags.ts';
import { follow } from './follow.ts';
import { findAll, goText, relaxed } from './jsonpath.ts';
import type { Kube } from './kube.ts';
import { alwaysRecursive, FILE_FLAGS } from './manifests.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { getObject, type Info, infos, type SelectOptions } from './select.ts';
import type { Subcommand } from './subcommand.ts';
import { toError } from './errors.ts';

type Met = (object: Obj) => boolean;

function conditionMet(spec: string): Met {
	const eq = spec.indexOf('=');
	const [name, wanted] = eq < 0 ? [spec, 'true'] : [spec.slice(0, eq), spec.slice(eq + 1)];
	return (o) => {
		const found = ((o['status']?.conditions ?? []) as Obj[]).find((c) => String(c['type']).toLowerCase() === name.toLowerCase());
		if (found === undefined) return false;
		const observed = found['observedGeneration'] ?? o['status']?.observedGeneration;
		if (typeof observed === 'number' && observed < (o.metadata?.generation ?? 0)) return false;
		return String(found['status']).toLowerCase() === wanted.toLowerCase();
	};
}

/** Splits at single `=`; `==` belongs to the expression. */
function splitJsonPath(input: string): string[] {
	const out: string[] = [];
	let part = '';
	for (let i = 0; i < input.length; i++) {
		if (input[i] === '=' && input[i + 1] === '=') {
			part += '==';
			i++;
		} else if (input[i] === '=') {
			out.push(part);
			part = '';
		} else part += input[i];
	}
	return [...out, part];
}

function jsonPathMet(input: string): Met {
	const parts = splitJsonPath(input);
	if (parts.length < 1 || parts.length > 2)
		throw new CliError("jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'");
	if ((parts[0] ?? '') === '') throw new CliError('jsonpath expression cannot be empty');
	let path: string;
	try {
		path = relaxed(parts[0] ?? '');
	} catch (err) {
		throw new CliError(toError(err).message);
	}
	const value = parts[1]?.replace(/^['"]+|['"]+$/g, '');
	if (value === '') throw new CliError("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3");
	return (o) => {
		const found = findAll(path, o);
		if (found.length === 0) return false;
		if (found.length > 1) throw new CliError('given jsonpath expression matches more than one list');
		const [one] = found;
		if (value === undefined) return true;
		if (one !== null && typeof one === 'object') throw new CliError('jsonpath leads to a nested object or list which is not supported');
		return goText(one) === value;
	};
}

const NO_RESOURCES = 'no matching resources found';

async function waitFor(kube: Kube, info: Info, met: Met | 'delete', until: number, timeout: number): Promise<Obj> {
	const what = `${info.mapping.resource}/${info.name}`;
	if (timeout === 0) {
		const full = what;
		try {
			const now = await getObject(kube, info);
			if (met === 'delete' || !met(now)) throw new CliError(`condition not met for ${full}`);
			return now;
		} catch (err) {
			if (met === 'delete' && isNotFound(err)) return info.object ?? {};
			throw err;
		}
	}
	let result: Obj = info.object ?? {};
	const uid = info.object?.metadata?.uid;
	const end = await follow(kube, {
		mapping: info.mapping,
		namespace: info.namespace,
		name: info.name,
		timeoutMs: Math.max(0, until - kube.now),
		initial: (objects) => {
			const [object] = objects;
			if (met === 'delete') return object === undefined || (uid !== undefined && object.metadata?.uid !== uid);
			if (object === undefined) {
				throw new StatusError({
					kind: 'Status',
					apiVersion: 'v1',
					metadata: {},
					status: 'Failure',
					reason: 'NotFound',
					code: 404,
					message: `${groupResource(info.mapping)} "${info.name}" not found`,
				});
			}
			result = object;
			return met(object);
		},
		change: (type, object) => {
			if (met === 'delete') return type === 'DELETED';
			result = object;
			return type !== 'DELETED' && met(object);
		},
	});
	if (end === 'timeout') throw new CliError(`timed out waiting for the condition on ${what}`);
	return result;
}

async function find(
	kube: Kube,
	args: readonly string[],
	flags: Flags,
	options: SelectOptions,
	create: boolean,
	until: number,
	faults: Error[],
): Promise<Info[]> {
	for (;;) {
		const errors: Error[] = [];
		const found = await infos(kube, args, flags, options, errors);
		const missing = errors.every(isNotFound) && (errors.length > 0 || found.length === 0);
		if (!create || !missing) {
			// What is not there keeps nobody from waiting for the others.
			faults.push(...errors);
			return found;
		}
		if (kube.now >= until) throw new CliError('timed out waiting for the condition');
		await kube.context.sleep(500);
	}
}

export const wait: Subcommand = {
	name: 'wait',
	flags: [
		bool('all'),
		bool('all-namespaces', { short: 'A' }),
		text('field-selector'),
		text('for'),
		bool('local'),
		text('selector', { short: 'l' }),
		time('timeout', '30s'),
		...FILE_FLAGS.filter((f) => f.name !== 'kustomize').map(alwaysRecursive),
		...PRINT_FLAGS,
	],
	completes: 'resources',
	async run(kube, args, flags) {
		const checks = [flags.str('for')].map((c): Met | 'delete' | 'create' => {
			if (c.toLowerCase() === 'delete') return 'delete';
			if (c.toLowerCase() === 'create') return 'create';
			if (c.startsWith('condition=')) return conditionMet(c.slice('condition='.length));
			if (c.startsWith('jsonpath=')) return jsonPathMet(c.slice('jsonpath='.length));
			throw new CliError(`unrecognized condition: "${c}"`);
		});
		const timeout = flags.duration('timeout');
		const until = timeout < 0 ? Number.POSITIVE_INFINITY : kube.now + timeout;
		const options = {
			selector: flags.str('selector'),
			fieldSelector: flags.str('field-selector'),
			all: flags.bool('all'),
			allNamespaces: flags.bool('all-namespaces'),
			ignoreNotFound: checks.includes('delete'),
		};
		const errors: Error[] = [];
		const found = await find(kube, args, flags, options, checks.includes('create'), until, errors);
		if (found.length === 0) throwAll(errors);
		if (found.length === 0) {
			if (checks.includes('delete')) return 0;
			throw new CliError(NO_RESOURCES);
		}
		const print = await resultPrinter(kube, flags);
		for (const info of found) {
			try {
				for (const check of checks) {
					const object = check === 'create' ? (info.object ?? {}) : await waitFor(kube, info, check, until, timeout);
					print(info.mapping, { ...object, metadata: { ...object.metadata, name: info.name } }, 'condition met');
				}
			} catch (err) {
				errors.push(toError(err));
			}
		}
		throwAll(errors);
		return 0;
	},
};
