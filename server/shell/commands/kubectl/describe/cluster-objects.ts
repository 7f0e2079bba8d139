/** Certificate requests, CSI nodes, volume attributes classes, service ranges, addresses. */
import type { Obj } from '../client.ts';
import { humanDuration, rfc1123 } from '../human.ts';
import { requestSubject } from './certificate-request.ts';
import { type Doc, formatLabels } from './writer.ts';

export function describeVolumeAttributesClass(doc: Doc, o: Obj): void {
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Annotations', formatLabels(o.metadata?.annotations));
	doc.field(0, 'DriverName', o.driverName).field(0, 'Parameters', formatLabels(o.parameters));
}

export function describeServiceCIDR(doc: Doc, o: Obj): void {
	doc.head(o).field(0, 'CIDRs', ((o.spec?.cidrs ?? []) as string[]).join(', '));
	const conditions = (o.status?.conditions ?? []) as Obj[];
	if (conditions.length === 0) return;
	doc
		.line(0, 'Status:')
		.line(0, 'Conditions:')
		.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
		.line(1, '----\t------\t------------------\t------\t-------');
	for (const c of conditions) doc.line(1, `${c.type}\t${c.status}\t${rfc1123(c.lastTransitionTime)}\t${c.reason ?? ''}\t${c.message ?? ''}`);
}

export function describeIPAddress(doc: Doc, o: Obj): void {
	doc.head(o);
	const ref = o.spec?.parentRef as Obj | undefined;
	if (ref === undefined) return;
	doc.line(0, 'Parent Reference:');
	for (const part of ['Group', 'Resource', 'Namespace', 'Name']) doc.field(1, part, ref[part.toLowerCase()] ?? '');
}

export function describeCSINode(doc: Doc, o: Obj): void {
	doc.head(o).field(0, 'CreationTimestamp', rfc1123(o.metadata?.creationTimestamp)).line(0, 'Spec:');
	const drivers = o.spec?.drivers as Obj[] | null | undefined;
	if (!drivers) return;
	doc.line(1, 'Drivers:');
	for (const driver of drivers) {
		doc.line(2, `${driver.name}:`).field(3, 'Node ID', driver.nodeID);
		if (driver.allocatable?.count !== undefined) doc.line(3, 'Allocatables:').field(4, 'Count', driver.allocatable.count);
		if (driver.topologyKeys) doc.field(3, 'Topology Keys', `[${(driver.topologyKeys as string[]).join(' ')}]`);
	}
}

function status(o: Obj): string {
	const types = ((o.status?.conditions ?? []) as Obj[]).map((c) => String(c.type));
	const decision = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending';
	return `${decision}${types.includes('Failed') ? ',Failed' : ''}${o.status?.certificate ? ',Issued' : ''}`;
}

export function describeSigningRequest(doc: Doc, o: Obj): void {
	const spec = o.spec as Obj;
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Labels', formatLabels(o.metadata?.labels)).field(0, 'Annotations', formatLabels(o.metadata?.annotations));
	doc.field(0, 'CreationTimestamp', rfc1123(o.metadata?.creationTimestamp)).field(0, 'Requesting User', spec.username ?? '');
	if (spec.signerName) doc.field(0, 'Signer', spec.signerName);
	if (typeof spec.expirationSeconds === 'number') doc.field(0, 'Requested Duration', humanDuration(spec.expirationSeconds * 1000));
	doc.field(0, 'Status', status(o)).line(0, 'Subject:');
	const subject = requestSubject(String(spec.request ?? ''));
	doc.line(0, `\tCommon Name:\t${subject.commonName}`).line(0, `\tSerial Number:\t${subject.serialNumber}`);
	for (const [title, values] of subject.lists) if (values.length > 0) doc.line(0, `\t${title}:\t${values.join('\n\t\t')}`);
	if (subject.alternatives.every(([, values]) => values.length === 0)) return;
	doc.line(0, 'Subject Alternative Names:');
	for (const [title, values] of subject.alternatives) if (values.length > 0) doc.line(0, `\t${title}:\t${values.join('\n\t\t')}`);
}
