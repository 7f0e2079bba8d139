/** `kubectl auth reconcile`: adds the permissions and subjects that are missing. Upstream: component-helpers auth/rbac/reconciliation. */
import { createObject, DRY_RUN, dryRunOf, replaceObject } from './changes.ts';
import type { Obj } from './client.ts';
import { type Mapping, resourcePath } from './discovery.ts';
import { CliError, isNotFound, StatusError, toError } from './errors.ts';
import { bool } from './flags.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { fileInfos, getObject, type Info } from './select.ts';
import { deepEqual } from './strategic.ts';
import type { Subcommand } from './subcommand.ts';

interface Rule {
	readonly verbs?: readonly string[];
	readonly apiGroups?: readonly string[];
	readonly resources?: readonly string[];
	readonly resourceNames?: readonly string[];
	readonly nonResourceURLs?: readonly string[];
}

interface Subject {
	readonly kind: string;
	readonly apiGroup?: string;
	readonly name: string;
	readonly namespace?: string;
}

/** What has to happen to an object, and why. */
interface Outcome {
	readonly object: Obj;
	readonly operation: 'none' | 'create' | 'update' | 'recreate';
	readonly missing: readonly string[];
	readonly extra: readonly string[];
}

/** A rule as many rules of one verb on one thing (BreakdownRule). */
function brokenDown(rule: Rule): readonly Rule[] {
	const out: Rule[] = [];
	for (const group of rule.apiGroups ?? [])
		for (const resource of rule.resources ?? [])
			for (const verb of rule.verbs ?? []) {
				const one = { apiGroups: [group], resources: [resource], verbs: [verb] };
				if ((rule.resourceNames ?? []).length === 0) out.push(one);
				else for (const name of rule.resourceNames ?? []) out.push({ ...one, resourceNames: [name] });
			}
	for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs ?? []) out.push({ nonResourceURLs: [url], verbs: [verb] });
	return out;
}

function covers(owner: Rule, one: Rule): boolean {
	const holds = (of: readonly string[] = [], wanted: readonly string[] = []): boolean => of.includes('*') || wanted.every((w) => of.includes(w));
	const resource = (one.resources ?? []).every((r) => {
		const sub = r.includes('/') ? `*/${r.split('/')[1]}` : undefined;
		return owner.resources?.includes('*') || owner.resources?.includes(r) || (sub !== undefined && owner.resources?.includes(sub));
	});
	const url = (one.nonResourceURLs ?? []).every((u) =>
		(owner.nonResourceURLs ?? []).some((o) => o === '*' || o === u || (o.endsWith('*') && u.startsWith(o.slice(0, -1)))),
	);
	const [names, wantedNames] = [owner.resourceNames ?? [], one.resourceNames ?? []];
	const named = names.length === 0 || (wantedNames.length > 0 && wantedNames.every((n) => names.includes(n)));
	return holds(owner.verbs, one.verbs) && holds(owner.apiGroups, one.apiGroups) && resource && url && named;
}

/** The parts of `wanted` that no rule of `owners` allows. */
const uncovered = (owners: readonly Rule[], wanted: readonly Rule[]): readonly Rule[] =>
	wanted.flatMap(brokenDown).filter((one) => !owners.some((owner) => covers(owner, one)));

/** As Go prints the structs with %+v. */
const shownRule = (r: Rule): string =>
	`{Verbs:[${(r.verbs ?? []).join(' ')}] APIGroups:[${(r.apiGroups ?? []).join(' ')}] Resources:[${(r.resources ?? []).join(' ')}] ResourceNames:[${(r.resourceNames ?? []).join(' ')}] NonResourceURLs:[${(r.nonResourceURLs ?? []).join(' ')}]}`;
const shownSubject = (s: Subject): string => `{Kind:${s.kind} APIGroup:${s.apiGroup ?? ''} Name:${s.name} Namespace:${s.namespace ?? ''}}`;

/** The live object with the wanted labels and annotations; those it has already win over wanted ones of the same key. */
function withMetadata(live: Obj, wanted: Obj): Obj {
	const metadata = { ...live.metadata };
	for (const field of ['annotations', 'labels'] as const) {
		const merged = { ...wanted.metadata?.[field], ...live.metadata?.[field] };
		if (Object.keys(merged).length > 0) metadata[field] = merged;
	}
	return { ...live, metadata };
}

function reconciledRole(wanted: Obj, live: Obj | undefined, removeExtra: boolean): Outcome {
	const rules = (wanted['rules'] ?? []) as Rule[];
	if (live === undefined) return { object: wanted, operation: 'create', missing: rules.map(shownRule), extra: [] };
	const had = (live['rules'] ?? []) as Rule[];
	const missing = uncovered(had, rules);
	const extra = uncovered(rules, had);
	const base = withMetadata(live, wanted);
	const changed = removeExtra ? missing.length + extra.length > 0 : missing.length > 0;
	const object = changed ? { ...base, rules: removeExtra ? rules : [...had, ...missing] } : base;
	return { object, operation: deepEqual(object, live) ? 'none' : 'update', missing: missing.map(shownRule), extra: extra.map(shownRule) };
}

function reconciledBinding(wanted: Obj, live: Obj | undefined, removeExtra: boolean): Outcome {
	const subjects = (wanted['subjects'] ?? []) as Subject[];
	if (live === undefined) return { object: wanted, operation: 'create', missing: subjects.map(shownSubject), extra: [] };
	if (!deepEqual(wanted['roleRef'], live['roleRef'])) return { object: wanted, operation: 'recreate', missing: [], extra: [] };
	const had = (live['subjects'] ?? []) as Subject[];
	const missing = subjects.filter((s) => !had.some((h) => deepEqual(h, s)));
	const extra = had.filter((h) => !subjects.some((s) => deepEqual(h, s)));
	const base = withMetadata(live, wanted);
	const changed = removeExtra ? missing.length + extra.length > 0 : missing.length > 0;
	const object = changed ? { ...base, subjects: removeExtra ? subjects : [...had, ...missing] } : base;
	return { object, operation: deepEqual(object, live) ? 'none' : 'update', missing: missing.map(shownSubject), extra: extra.map(shownSubject) };
}

/** A role's namespace comes into being with it. */
async function ensureNamespace(kube: Kube, name: string): Promise<void> {
	const namespaces: Mapping | undefined = await kube.mapper.byKind('v1', 'Namespace');
	if (namespaces === undefined || name === '') return;
	try {
		await kube.client.json(resourcePath(namespaces, '', name));
	} catch (err) {
		if (!isNotFound(err)) return;
		await createObject(kube, namespaces, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, {});
	}
}

async function write(kube: Kube, info: Info, outcome: Outcome): Promise<Obj> {
	const { mapping, namespace, name } = info;
	switch (outcome.operation) {
		case 'none':
			return outcome.object;
		case 'update':
			return replaceObject(kube, mapping, namespace, name, outcome.object, {});
		case 'recreate':
			await kube.client.json(resourcePath(mapping, namespace, name), { method: 'DELETE' });
			return createObject(kube, mapping, namespace, outcome.object, {});
		default:
			await ensureNamespace(kube, namespace);
			return createObject(kube, mapping, namespace, outcome.object, {});
	}
}

export const reconcile: Subcommand = {
	name: 'reconcile',
	flags: [bool('remove-extra-permissions'), bool('remove-extra-subjects'), DRY_RUN, ...FILE_FLAGS, ...PRINT_FLAGS],
	completes: 'files',
	async run(kube, args, flags) {
		if (args.length > 0) throw new CliError(`no arguments are allowed`);
		const dryRun = dryRunOf(kube, flags);
		if (dryRun === 'server') throw new CliError('--dry-run=server for command reconcile is not supported yet');
		if (!hasFiles(flags)) throw new CliError('must specify one of -f and -k');
		const print = await resultPrinter(kube, flags, { keepOrder: true });
		const errors: Error[] = [];
		const found = await fileInfos(kube, flags, errors);
		if (errors[0] !== undefined && !(errors[0] instanceof StatusError)) throw errors[0];
		for (const info of found) {
			if (info.mapping.group !== 'rbac.authorization.k8s.io') continue;
			const wanted = info.object ?? {};
			const live = await getObject(kube, info).catch((err: unknown) => (isNotFound(err) ? undefined : Promise.reject(toError(err))));
			const isRole = info.mapping.kind.endsWith('Role');
			const removeExtra = flags.bool(isRole ? 'remove-extra-permissions' : 'remove-extra-subjects');
			const outcome = isRole ? reconciledRole(wanted, live, removeExtra) : reconciledBinding(wanted, live, removeExtra);
			const kept = live?.metadata?.annotations?.['rbac.authorization.kubernetes.io/autoupdate'] === 'false';
			const object = dryRun === 'client' || kept ? outcome.object : await write(kube, info, outcome);
			print(info.mapping, object, dryRun === 'client' ? 'reconciled (dry run)' : 'reconciled');
			if (outcome.operation === 'none') continue;
			const caveat = kept ? ', but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)' : '';
			kube.err(`\treconciliation required ${outcome.operation}${caveat}\n`);
			const [things, rows] = [isRole ? 'rules' : 'subjects', (all: readonly string[]): string => all.map((t) => `\t\t${t}\n`).join('')];
			if (outcome.missing.length > 0) kube.err(`\tmissing ${things} added:\n${rows(outcome.missing)}`);
			if (removeExtra && outcome.extra.length > 0) kube.err(`\textra ${things} removed:\n${rows(outcome.extra)}`);
		}
		return 0;
	},
};
