/** Quotas, limits, budgets, autoscalers, priorities, roles and bindings. */
import type { Obj } from '../client.ts';
import { rfc1123 } from '../human.ts';
import { type Doc, formatLabels, formatSelector, resourceNames } from './writer.ts';

const SCOPES: { readonly [scope: string]: string } = {
	Terminating: 'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
	NotTerminating:
		'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
	BestEffort: 'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
	NotBestEffort: 'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
};

function quotaRows(doc: Doc, level: number, o: Obj, rule: string): void {
	doc.line(level, 'Resource\tUsed\tHard').line(level, rule);
	for (const name of resourceNames(o.status?.hard)) doc.line(level, `${name}\t${o.status?.used?.[name] ?? '0'}\t${o.status?.hard[name]}`);
}

function scopes(doc: Doc, level: number, o: Obj, bullet: string): void {
	const all = [...((o.spec?.scopes ?? []) as string[])].sort();
	if (all.length === 0) return;
	doc.field(level, 'Scopes', all.join(', '));
	for (const s of all) if (SCOPES[s] !== undefined) doc.line(level, `${bullet}${SCOPES[s]}`);
}

export function describeQuota(doc: Doc, o: Obj): void {
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace);
	scopes(doc, 0, o, ' * ');
	quotaRows(doc, 0, o, '--------\t----\t----');
}

/** Quotas inside a namespace's description. */
export function describeQuotas(doc: Doc, quotas: readonly Obj[]): void {
	if (quotas.length === 0) {
		doc.line(0, 'No resource quota.');
		return;
	}
	doc.line(0, 'Resource Quotas');
	for (const q of [...quotas].sort((a, b) => (String(a.metadata?.name) < String(b.metadata?.name) ? -1 : 1))) {
		doc.field(1, 'Name', q.metadata?.name);
		scopes(doc, 1, q, '* ');
		quotaRows(doc, 1, q, '--------\t---\t---');
	}
}

const LIMIT_HEAD = 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio';
const LIMIT_RULE = '----\t--------\t---\t---\t---------------\t-------------\t-----------------------';

function limitRows(doc: Doc, o: Obj, prefix: string): void {
	for (const item of (o.spec?.limits ?? []) as Obj[]) {
		const names = new Set([item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio].flatMap((l) => Object.keys(l ?? {})));
		for (const name of [...names].sort()) {
			const cell = (l: Obj | undefined): string => l?.[name] ?? '-';
			doc.line(
				0,
				`${prefix}${item.type}\t${name}\t${cell(item.min)}\t${cell(item.max)}\t${cell(item.defaultRequest)}\t${cell(item.default)}\t${cell(item.maxLimitRequestRatio)}`,
			);
		}
	}
}

export function describeLimitRange(doc: Doc, o: Obj): void {
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace).line(0, LIMIT_HEAD).line(0, LIMIT_RULE);
	limitRows(doc, o, '');
}

export function describeLimitRanges(doc: Doc, ranges: readonly Obj[]): void {
	if (ranges.length === 0) {
		doc.line(0, 'No LimitRange resource.');
		return;
	}
	doc.line(0, 'Resource Limits').line(0, ` ${LIMIT_HEAD}`).line(0, ` ${LIMIT_RULE}`);
	for (const r of ranges) limitRows(doc, r, ' ');
}

export function describeBudget(doc: Doc, o: Obj): void {
	const { spec, status = {} } = o;
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace);
	if (spec.minAvailable !== undefined) doc.field(0, 'Min available', spec.minAvailable);
	else if (spec.maxUnavailable !== undefined) doc.field(0, 'Max unavailable', spec.maxUnavailable);
	doc.field(0, 'Selector', spec.selector ? formatSelector(spec.selector) : '<unset>').line(0, 'Status:');
	doc.field(2, 'Allowed disruptions', status.disruptionsAllowed ?? 0).field(2, 'Current', status.currentHealthy ?? 0);
	doc.field(2, 'Desired', status.desiredHealthy ?? 0).field(2, 'Total', status.expectedPods ?? 0);
}

export function describePriorityClass(doc: Doc, o: Obj): void {
	doc
		.field(0, 'Name', o.metadata?.name)
		.field(0, 'Value', o.value ?? 0)
		.field(0, 'GlobalDefault', o.globalDefault === true);
	doc
		.field(0, 'PreemptionPolicy', o.preemptionPolicy ?? 'PreemptLowerPriority')
		.field(0, 'Description', o.description ?? '')
		.field(0, 'Annotations', formatLabels(o.metadata?.annotations));
}

function resourceMetric(doc: Doc, name: string, spec: Obj, current: Obj | undefined): void {
	if (spec.target?.averageValue !== undefined) doc.line(1, `${name}:\t${current?.averageValue ?? '<unknown>'} / ${spec.target.averageValue}`);
	else {
		const now = current?.averageUtilization === undefined ? '<unknown>' : `${current.averageUtilization}% (${current.averageValue})`;
		const target = spec.target?.averageUtilization === undefined ? '<auto>' : `${spec.target.averageUtilization}%`;
		doc.line(1, `${name}  (as a percentage of request):\t${now} / ${target}`);
	}
}

function scalingRules(doc: Doc, title: string, rules: Obj | undefined): void {
	if (!rules) return;
	doc.line(1, `${title}:`);
	if (rules.stabilizationWindowSeconds !== undefined) doc.line(2, `Stabilization Window: ${rules.stabilizationWindowSeconds} seconds`);
	const policies = (rules.policies ?? []) as Obj[];
	if (policies.length === 0) return;
	doc.line(2, `Select Policy: ${rules.selectPolicy ?? 'Max'}`).line(2, 'Policies:');
	for (const p of policies) doc.line(3, `- Type: ${p.type}\tValue: ${p.value}\tPeriod: ${p.periodSeconds} seconds`);
}

export function describeAutoscaler(doc: Doc, o: Obj): void {
	const { spec, status = {} } = o;
	doc
		.head(o)
		.field(0, 'CreationTimestamp', rfc1123(o.metadata?.creationTimestamp))
		.field(0, 'Reference', `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`);
	doc.field(0, 'Metrics', '( current / target )');
	((spec.metrics ?? []) as Obj[]).forEach((m, i) => {
		const current = status.currentMetrics?.[i];
		if (m.type === 'Resource') resourceMetric(doc, `resource ${m.resource.name} on pods`, m.resource, current?.resource?.current);
		else if (m.type === 'ContainerResource') {
			resourceMetric(
				doc,
				`resource ${m.containerResource.name} of container "${m.containerResource.container}" on pods`,
				m.containerResource,
				current?.containerResource?.current,
			);
		} else if (m.type === 'Pods')
			doc.line(1, `"${m.pods.metric.name}" on pods:\t${current?.pods?.current?.averageValue ?? '<unknown>'} / ${m.pods.target.averageValue}`);
		else doc.line(1, `<unknown metric type "${m.type}">`);
	});
	doc.field(0, 'Min replicas', spec.minReplicas ?? '<unset>').field(0, 'Max replicas', spec.maxReplicas);
	if (spec.behavior) {
		doc.line(0, 'Behavior:');
		scalingRules(doc, 'Scale Up', spec.behavior.scaleUp);
		scalingRules(doc, 'Scale Down', spec.behavior.scaleDown);
	}
	doc.field(0, `${spec.scaleTargetRef.kind} pods`, `${status.currentReplicas ?? 0} current / ${status.desiredReplicas ?? 0} desired`);
	const conditions = (status.conditions ?? []) as Obj[];
	if (conditions.length > 0) doc.line(0, 'Conditions:').line(1, 'Type\tStatus\tReason\tMessage').line(1, '----\t------\t------\t-------');
	for (const c of conditions) doc.line(1, `${c.type}\t${c.status}\t${c.reason ?? ''}\t${c.message ?? ''}`);
}

interface Rule {
	readonly resource: string;
	readonly urls: string;
	readonly names: string;
	verbs: string[];
}

/**
 * BreakdownRule and CompactRules: one row a resource, its verbs joined; URLs stay one row a verb. In the order of the
 * rules' text, as SortableRuleSlice has it: verbs, then groups, then resources.
 */
export function ruleRows(rules: readonly Obj[]): Rule[] {
	const joined = new Map<string, { readonly group: string; readonly raw: string; readonly rule: Rule }>();
	const put = (group: string, raw: string, name: string, resource: string, verbs: readonly string[]): void => {
		const key = `${group}\0${raw}\0${name}`;
		const old = joined.get(key);
		if (old === undefined) joined.set(key, { group, raw, rule: { resource, urls: '[]', names: name === '' ? '[]' : `[${name}]`, verbs: [...verbs] } });
		else old.rule.verbs = [...new Set([...old.rule.verbs, ...verbs])];
	};
	const urls: Rule[] = [];
	for (const rule of rules) {
		const verbs = (rule.verbs ?? []) as string[];
		for (const url of (rule.nonResourceURLs ?? []) as string[])
			for (const verb of verbs) urls.push({ resource: '', urls: `[${url}]`, names: '[]', verbs: [verb] });
		for (const group of (rule.apiGroups ?? []) as string[]) {
			for (const raw of (rule.resources ?? []) as string[]) {
				const [base = '', sub] = raw.split('/');
				const resource = `${base}${group === '' ? '' : `.${group}`}${sub === undefined ? '' : `/${sub}`}`;
				const names = (rule.resourceNames ?? []) as string[];
				if (names.length === 0) put(group, raw, '', resource, verbs);
				else for (const name of names) put(group, raw, name, resource, verbs);
			}
		}
	}
	const all = [...joined.values(), ...urls.map((rule) => ({ group: '', raw: '', rule }))].map((r) => ({
		rule: r.rule,
		text: `Verbs:[${r.rule.verbs.join(' ')}],APIGroups:[${r.group}],Resources:[${r.raw}],ResourceNames:${r.rule.names},NonResourceURLs:${r.rule.urls}`,
	}));
	return all.sort((a, b) => (a.text < b.text ? -1 : 1)).map((r) => r.rule);
}

export function describeRole(doc: Doc, o: Obj): void {
	doc.field(0, 'Name', o.metadata?.name).labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations).line(0, 'PolicyRule:');
	doc.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs').line(1, '---------\t-----------------\t--------------\t-----');
	for (const r of ruleRows(o.rules ?? [])) doc.line(1, `${r.resource}\t${r.urls}\t${r.names}\t[${r.verbs.join(' ')}]`);
}

export function describeBinding(doc: Doc, o: Obj): void {
	doc.field(0, 'Name', o.metadata?.name).labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations);
	doc.line(0, 'Role:').field(1, 'Kind', o.roleRef?.kind).field(1, 'Name', o.roleRef?.name);
	doc.line(0, 'Subjects:').line(1, 'Kind\tName\tNamespace').line(1, '----\t----\t---------');
	for (const s of (o.subjects ?? []) as Obj[]) doc.line(1, `${s.kind}\t${s.name}\t${s.namespace ?? ''}`);
}
