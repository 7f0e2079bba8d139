/** Namespaces, config maps, secrets, service accounts; and anything that has no description of its own. */
import type { Obj } from '../client.ts';
import { rfc1123 } from '../human.ts';
import { goPrint } from '../gotemplate.ts';
import type { Kube } from '../kube.ts';
import { describeLimitRanges, describeQuotas } from './policy.ts';
import type { Doc } from './writer.ts';

export async function describeNamespace(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	const name = o.metadata?.name ?? '';
	doc
		.field(0, 'Name', name)
		.labels('Labels', o.metadata?.labels)
		.annotations('Annotations', o.metadata?.annotations)
		.field(0, 'Status', o.status?.phase ?? '');
	const conditions = (o.status?.conditions ?? []) as Obj[];
	if (conditions.length > 0) {
		doc.line(0, 'Conditions:').line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage').line(1, '----\t------\t------------------\t------\t-------');
	}
	for (const c of conditions) doc.line(1, `${c.type}\t${c.status}\t${rfc1123(c.lastTransitionTime)}\t${c.reason ?? ''}\t${c.message ?? ''}`);
	const items = async (resource: string): Promise<readonly Obj[]> =>
		((await kube.client.json(`/api/v1/namespaces/${name}/${resource}`))['items'] ?? []) as Obj[];
	doc.line(0, '');
	describeQuotas(doc, await items('resourcequotas'));
	doc.line(0, '');
	describeLimitRanges(doc, await items('limitranges'));
}

/** Bytes that base64 text stands for. */
export function base64Bytes(text: string): number {
	const clean = text.replace(/\s/g, '');
	return Math.floor((clean.replace(/=+$/, '').length * 3) / 4);
}

export function describeConfigMap(doc: Doc, o: Obj): void {
	doc.head(o).raw('\nData\n====\n');
	for (const k of Object.keys(o.data ?? {}).sort()) doc.raw(`${k}:\n----\n${o.data[k]}\n\n`);
	doc.raw('\nBinaryData\n====\n');
	for (const k of Object.keys(o.binaryData ?? {}).sort()) doc.raw(`${k}: ${base64Bytes(o.binaryData[k])} bytes\n`);
	doc.raw('\n');
}

export function describeSecret(doc: Doc, o: Obj): void {
	doc
		.head(o)
		.raw(`\nType:\t${o.type ?? ''}\n`)
		.raw('\nData\n====\n');
	for (const k of Object.keys(o.data ?? {}).sort()) {
		if (k === 'token' && o.type === 'kubernetes.io/service-account-token') doc.field(0, k, atob(o.data[k]));
		else doc.field(0, k, `${base64Bytes(o.data[k])} bytes`);
	}
}

export function describeServiceAccount(doc: Doc, o: Obj): void {
	doc.head(o).values(
		'Image pull secrets',
		((o.imagePullSecrets ?? []) as Obj[]).map((s) => s.name),
	);
}

const ACRONYMS = ['API', 'URL', 'UID', 'GUID'];

/** `resourceVersion` → `Resource Version`, `uid` → `UID` (smartLabelFor). */
export function smartLabel(field: string): string {
	if (/[^\p{L}-]/u.test(field)) return field;
	const parts = field.match(/[A-Z]+(?![a-z])s?|[A-Z]?[a-z]+|[A-Z]+|-/g) ?? [field];
	return parts
		.filter((p) => p !== '')
		.map((p) => (ACRONYMS.includes(p.toUpperCase()) ? p.toUpperCase() : p.charAt(0).toUpperCase() + p.slice(1).toLowerCase()))
		.join(' ');
}

const SKIPPED = ['.metadata.managedFields', '.metadata.name', '.metadata.namespace', '.metadata.labels', '.metadata.annotations'];

function content(doc: Doc, level: number, value: Obj, path: string): void {
	for (const field of Object.keys(value).sort()) {
		const at = `${path}.${field}`;
		if (SKIPPED.includes(at)) continue;
		const inner: unknown = value[field];
		if (Array.isArray(inner)) {
			doc.line(level, `${smartLabel(field)}:`);
			for (const child of inner) {
				if (child !== null && typeof child === 'object' && !Array.isArray(child)) content(doc, level + 1, child as Obj, at);
				else doc.line(level + 1, goPrint(child));
			}
		} else if (inner !== null && typeof inner === 'object') {
			doc.line(level, `${smartLabel(field)}:`);
			content(doc, level + 1, inner as Obj, at);
		} else doc.field(level, smartLabel(field), goPrint(inner));
	}
}

export function describeGeneric(doc: Doc, o: Obj): void {
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace ?? '');
	doc.labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations);
	content(doc, 0, o, '');
}
