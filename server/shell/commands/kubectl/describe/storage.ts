/** Claims, volumes, storage classes. */
import type { Obj } from '../client.ts';
import { rfc1123 } from '../human.ts';
import type { Kube } from '../kube.ts';
import { describeVolumeSource } from './podspec.ts';
import { capital, type Doc, formatLabels, terminating } from './writer.ts';

const MODES: { readonly [mode: string]: string } = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

const accessModes = (modes: readonly string[] | undefined): string => (modes ?? []).map((m) => MODES[m] ?? m).join(',');

const className = (o: Obj): string => String(o.metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? o.spec?.storageClassName ?? '');

const phase = (doc: Doc, o: Obj): string => (o.metadata?.deletionTimestamp === undefined ? String(o.status?.phase ?? '') : terminating(o, doc.now));

export async function describeClaim(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	const { spec, status = {} } = o;
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace).field(0, 'StorageClass', className(o)).field(0, 'Status', phase(doc, o));
	doc
		.field(0, 'Volume', spec.volumeName ?? '')
		.labels('Labels', o.metadata?.labels)
		.annotations('Annotations', o.metadata?.annotations);
	doc.field(0, 'Finalizers', `[${(o.metadata?.finalizers ?? []).join(' ')}]`);
	doc
		.field(0, 'Capacity', spec.volumeName ? (status.capacity?.storage ?? '0') : '')
		.field(0, 'Access Modes', spec.volumeName ? accessModes(status.accessModes) : '');
	if (spec.volumeMode) doc.field(0, 'VolumeMode', spec.volumeMode);
	const pods = await kube.client.json(`/api/v1/namespaces/${o.metadata?.namespace}/pods`);
	const users = ((pods['items'] ?? []) as Obj[]).filter((p) =>
		((p.spec?.volumes ?? []) as Obj[]).some((v) => v.persistentVolumeClaim?.claimName === o.metadata?.name),
	);
	doc.values('Used By', users.map((p) => p.metadata?.name ?? '').sort());
	const conditions = (status.conditions ?? []) as Obj[];
	if (conditions.length > 0) {
		doc
			.line(0, 'Conditions:')
			.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage')
			.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
	}
	for (const c of conditions)
		doc.line(1, `${c.type} \t${c.status} \t${rfc1123(c.lastProbeTime)} \t${rfc1123(c.lastTransitionTime)} \t${c.reason ?? ''} \t${c.message ?? ''}`);
}

function affinity(doc: Doc, node: Obj | undefined): void {
	if (!node?.required) {
		doc.field(0, 'Node Affinity', '<none>');
		return;
	}
	doc.line(0, 'Node Affinity:\t');
	const terms = (node.required.nodeSelectorTerms ?? []) as Obj[];
	doc.line(1, `Required Terms:\t${terms.length === 0 ? '<none>' : ''}`);
	terms.forEach((term, i) => {
		const texts = ((term.matchExpressions ?? []) as Obj[]).map(
			(r) => `${r.key} ${String(r.operator).toLowerCase()}${(r.values ?? []).length > 0 ? ` [${r.values.join(', ')}]` : ''}`,
		);
		if (texts.length === 0) doc.line(2, `Term ${i}:\t<none>`);
		texts.forEach((t, j) => void doc.line(2, j === 0 ? `Term ${i}:\t${t}` : `\t${t}`));
	});
}

export function describeVolume(doc: Doc, o: Obj): void {
	const { spec } = o;
	doc.field(0, 'Name', o.metadata?.name).labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations);
	doc
		.field(0, 'Finalizers', `[${(o.metadata?.finalizers ?? []).join(' ')}]`)
		.field(0, 'StorageClass', className(o))
		.field(0, 'Status', phase(doc, o));
	doc.field(0, 'Claim', spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '').field(0, 'Reclaim Policy', spec.persistentVolumeReclaimPolicy);
	doc.field(0, 'Access Modes', accessModes(spec.accessModes));
	if (spec.volumeMode) doc.field(0, 'VolumeMode', spec.volumeMode);
	doc.field(0, 'Capacity', spec.capacity?.storage ?? '0');
	affinity(doc, spec.nodeAffinity);
	doc.field(0, 'Message', o.status?.message ?? '').line(0, 'Source:');
	describeVolumeSource(doc, spec);
}

export function describeStorageClass(doc: Doc, o: Obj): void {
	const isDefault = o.metadata?.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
	doc.field(0, 'Name', o.metadata?.name).field(0, 'IsDefaultClass', isDefault ? 'Yes' : 'No');
	const annotations = { ...o.metadata?.annotations };
	doc.field(0, 'Annotations', formatLabels(annotations)).field(0, 'Provisioner', o.provisioner).field(0, 'Parameters', formatLabels(o.parameters));
	doc.field(0, 'AllowVolumeExpansion', capital(o.allowVolumeExpansion));
	const options = (o.mountOptions ?? []) as string[];
	doc.line(0, `MountOptions:${options.length === 0 ? '\t<none>' : ''}`);
	for (const option of options) doc.line(1, option);
	if (o.reclaimPolicy) doc.field(0, 'ReclaimPolicy', o.reclaimPolicy);
	if (o.volumeBindingMode) doc.field(0, 'VolumeBindingMode', o.volumeBindingMode);
}
