/** Containers, volumes and the rest of a pod's spec, for pods and for templates. */
import { quantity } from '../../../quantity.ts';
import type { Obj } from '../client.ts';
import { rfc1123 } from '../human.ts';
import { type Doc, capital, formatSelector, resourceNames } from './writer.ts';

function probe(p: Obj): string {
	const attributes = `delay=${p.initialDelaySeconds ?? 0}s timeout=${p.timeoutSeconds ?? 0}s period=${p.periodSeconds ?? 0}s #success=${p.successThreshold ?? 0} #failure=${p.failureThreshold ?? 0}`;
	if (p.exec) return `exec [${(p.exec.command ?? []).join(' ')}] ${attributes}`;
	if (p.httpGet) {
		const { scheme, host, port, path } = p.httpGet;
		const slash = String(path ?? '').startsWith('/') || !path ? '' : '/';
		return `http-get ${String(scheme ?? 'HTTP').toLowerCase()}://${host ?? ''}:${port}${slash}${path ?? ''} ${attributes}`;
	}
	if (p.tcpSocket) return `tcp-socket ${p.tcpSocket.host ?? ''}:${p.tcpSocket.port} ${attributes}`;
	if (p.grpc) return `grpc <pod>:${p.grpc.port} ${p.grpc.service ?? ''} ${attributes}`;
	return `unknown ${attributes}`;
}

export function describeResources(doc: Doc, level: number, resources: Obj | undefined): void {
	for (const [title, list] of [
		['Limits', resources?.limits],
		['Requests', resources?.requests],
	] as const) {
		const names = resourceNames(list);
		if (names.length > 0) doc.line(level, `${title}:`);
		for (const name of names) doc.field(level + 1, name, list[name]);
	}
}

function state(doc: Doc, title: string, s: Obj | undefined): void {
	if (s?.running) doc.field(2, title, 'Running').field(3, 'Started', rfc1123(s.running.startedAt));
	else if (s?.terminated) {
		const t = s.terminated;
		doc.field(2, title, 'Terminated');
		if (t.reason) doc.field(3, 'Reason', t.reason);
		if (t.message) doc.field(3, 'Message', t.message);
		doc.field(3, 'Exit Code', t.exitCode ?? 0);
		if (t.signal) doc.field(3, 'Signal', t.signal);
		doc.field(3, 'Started', rfc1123(t.startedAt)).field(3, 'Finished', rfc1123(t.finishedAt));
	} else {
		doc.field(2, title, 'Waiting');
		if (s?.waiting?.reason) doc.field(3, 'Reason', s.waiting.reason);
	}
}

const ports = (container: Obj, field: 'containerPort' | 'hostPort'): string =>
	((container.ports ?? []) as Obj[]).map((p) => `${p[field] ?? 0}/${p.protocol ?? 'TCP'}${p.name ? ` (${p.name})` : ''}`).join(', ');

function basics(doc: Doc, container: Obj, status: Obj | undefined): void {
	if (status !== undefined) doc.field(2, 'Container ID', status.containerID ?? '');
	doc.field(2, 'Image', container.image);
	if (status !== undefined) doc.field(2, 'Image ID', status.imageID ?? '');
	const inside = ports(container, 'containerPort');
	doc.field(2, inside.includes(',') ? 'Ports' : 'Port', inside || '<none>');
	const outside = ports(container, 'hostPort');
	doc.field(2, outside.includes(',') ? 'Host Ports' : 'Host Port', outside || '<none>');
	const seccomp = container.securityContext?.seccompProfile;
	if (seccomp) {
		doc.field(2, 'SeccompProfile', seccomp.type);
		if (seccomp.type === 'Localhost') doc.field(3, 'LocalhostProfile', seccomp.localhostProfile);
	}
	for (const [title, words] of [
		['Command', container.command],
		['Args', container.args],
	] as const) {
		if ((words ?? []).length === 0) continue;
		doc.line(2, `${title}:`);
		for (const word of words) for (const part of String(word).split('\n')) doc.line(3, part);
	}
}

/** What a field of the pod holds now, for `fieldRef` variables. kubectl knows the labels of name and namespace alone (its scheme's ConvertFieldLabel). */
function fieldValue(pod: Obj | undefined, path: string): string {
	const field = /^metadata\.(name|namespace)$/.exec(path)?.[1] as 'name' | 'namespace' | undefined;
	return field === undefined ? '' : String(pod?.metadata?.[field] ?? '');
}

/** In units of the divisor, rounded up; a limit that is not set counts as 0 (kubectl's ExtractContainerResourceValue). */
function resourceValue(container: Obj, ref: Obj): string {
	const [kind = '', name = ''] = String(ref.resource).split('.');
	const divisor = quantity(ref.divisor) || 1;
	const value = quantity(container.resources?.[kind]?.[name]);
	// In thousandths, so that 0.25 / 0.001 is 250.
	return String(Math.ceil(Math.round((value / divisor) * 1e6) / 1e6));
}

function environment(doc: Doc, container: Obj, pod: Obj | undefined): void {
	const from = (container.envFrom ?? []) as Obj[];
	if (from.length > 0) doc.line(2, 'Environment Variables from:');
	for (const e of from) {
		const ref = e.configMapRef ?? e.secretRef;
		const kind = e.configMapRef ? 'ConfigMap' : e.secretRef ? 'Secret' : '';
		doc.line(3, `${ref?.name ?? ''}\t${kind}${e.prefix ? ` with prefix '${e.prefix}'` : ''}\tOptional: ${ref?.optional === true}`);
	}
	const env = (container.env ?? []) as Obj[];
	doc.line(2, `Environment:${env.length === 0 ? '\t<none>' : ''}`);
	for (const e of env) {
		const v = e.valueFrom;
		if (!v) {
			String(e.value ?? '')
				.split('\n')
				.forEach((part, i) => void doc.line(3, i === 0 ? `${e.name}:\t${part}` : `\t${part}`));
		} else if (v.fieldRef) doc.line(3, `${e.name}:\t${fieldValue(pod, v.fieldRef.fieldPath)} (${v.fieldRef.apiVersion ?? 'v1'}:${v.fieldRef.fieldPath})`);
		else if (v.resourceFieldRef) doc.line(3, `${e.name}:\t${resourceValue(container, v.resourceFieldRef)} (${v.resourceFieldRef.resource})`);
		else if (v.secretKeyRef)
			doc.line(3, `${e.name}:\t<set to the key '${v.secretKeyRef.key}' in secret '${v.secretKeyRef.name}'>\tOptional: ${v.secretKeyRef.optional === true}`);
		else if (v.configMapKeyRef) {
			doc.line(
				3,
				`${e.name}:\t<set to the key '${v.configMapKeyRef.key}' of config map '${v.configMapKeyRef.name}'>\tOptional: ${v.configMapKeyRef.optional === true}`,
			);
		}
	}
}

function mounts(doc: Doc, container: Obj): void {
	const all = [...((container.volumeMounts ?? []) as Obj[])].sort((a, b) => (String(a.mountPath) < String(b.mountPath) ? -1 : 1));
	doc.line(2, `Mounts:${all.length === 0 ? '\t<none>' : ''}`);
	for (const m of all) doc.line(3, `${m.mountPath} from ${m.name} (${m.readOnly ? 'ro' : 'rw'}${m.subPath ? `,path="${m.subPath}"` : ''})`);
	const devices = (container.volumeDevices ?? []) as Obj[];
	if (devices.length > 0) doc.line(2, 'Devices:');
	for (const d of devices) doc.line(3, `${d.devicePath} from ${d.name}`);
}

/** `statuses` and `pod` are a pod's; a template has neither. `space` indents the title. */
export function describeContainers(doc: Doc, title: string, containers: readonly Obj[], space: string, statuses?: readonly Obj[], pod?: Obj): void {
	doc.line(0, `${space}${title}:${containers.length === 0 ? ' <none>' : ''}`);
	for (const container of containers) {
		const status = statuses?.find((s) => s.name === container.name);
		doc.line(1, `${space === '' ? '' : ' '}${container.name}:`);
		basics(doc, container, status);
		if (status !== undefined) {
			state(doc, 'State', status.state);
			if (status.lastState?.terminated) state(doc, 'Last State', status.lastState);
			doc.field(2, 'Ready', capital(status.ready === true)).field(2, 'Restart Count', status.restartCount ?? 0);
		}
		describeResources(doc, 2, container.resources);
		if (container.livenessProbe) doc.field(2, 'Liveness', probe(container.livenessProbe));
		if (container.readinessProbe) doc.field(2, 'Readiness', probe(container.readinessProbe));
		if (container.startupProbe) doc.field(2, 'Startup', probe(container.startupProbe));
		environment(doc, container, pod);
		mounts(doc, container);
	}
}

function projected(doc: Doc, sources: readonly Obj[]): void {
	doc.field(2, 'Type', 'Projected (a volume that contains injected data from multiple sources)');
	for (const s of sources) {
		if (s.secret) doc.field(2, 'SecretName', s.secret.name).field(2, 'Optional', s.secret.optional === true);
		else if (s.downwardAPI) doc.field(2, 'DownwardAPI', 'true');
		else if (s.configMap) doc.field(2, 'ConfigMapName', s.configMap.name).field(2, 'Optional', s.configMap.optional === true);
		else if (s.serviceAccountToken) doc.field(2, 'TokenExpirationSeconds', s.serviceAccountToken.expirationSeconds ?? 3600);
	}
}

/** A volume's source, of a pod or of a PersistentVolume. */
export function describeVolumeSource(doc: Doc, v: Obj): void {
	if (v.hostPath) {
		doc
			.field(2, 'Type', 'HostPath (bare host directory volume)')
			.field(2, 'Path', v.hostPath.path)
			.field(2, 'HostPathType', v.hostPath.type ?? '<none>');
	} else if (v.emptyDir) {
		doc
			.field(2, 'Type', "EmptyDir (a temporary directory that shares a pod's lifetime)")
			.field(2, 'Medium', v.emptyDir.medium ?? '')
			.field(2, 'SizeLimit', v.emptyDir.sizeLimit ?? '<unset>');
	} else if (v.secret) {
		doc
			.field(2, 'Type', 'Secret (a volume populated by a Secret)')
			.field(2, 'SecretName', v.secret.secretName)
			.field(2, 'Optional', v.secret.optional === true);
	} else if (v.configMap) {
		doc
			.field(2, 'Type', 'ConfigMap (a volume populated by a ConfigMap)')
			.field(2, 'Name', v.configMap.name)
			.field(2, 'Optional', v.configMap.optional === true);
	} else if (v.persistentVolumeClaim) {
		doc
			.field(2, 'Type', 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)')
			.field(2, 'ClaimName', v.persistentVolumeClaim.claimName)
			.field(2, 'ReadOnly', v.persistentVolumeClaim.readOnly === true);
	} else if (v.projected) projected(doc, v.projected.sources ?? []);
	else if (v.local) doc.field(2, 'Type', 'LocalVolume (a persistent volume backed by local storage on a node)').field(2, 'Path', v.local.path);
	else if (v.nfs) {
		doc
			.field(2, 'Type', 'NFS (an NFS mount that lasts the lifetime of a pod)')
			.field(2, 'Server', v.nfs.server)
			.field(2, 'Path', v.nfs.path)
			.field(2, 'ReadOnly', v.nfs.readOnly === true);
	} else if (v.csi) {
		doc
			.field(2, 'Type', 'CSI (a Container Storage Interface (CSI) volume source)')
			.field(2, 'Driver', v.csi.driver)
			.field(2, 'FSType', v.csi.fsType ?? '');
		if (v.csi.volumeHandle) doc.field(2, 'VolumeHandle', v.csi.volumeHandle);
		doc.field(2, 'ReadOnly', v.csi.readOnly === true);
	} else if (v.downwardAPI) {
		doc.field(2, 'Type', 'DownwardAPI (a volume populated by information about the pod)').line(2, 'Items:');
		for (const item of (v.downwardAPI.items ?? []) as Obj[]) doc.line(3, `${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource} -> ${item.path}`);
	} else if (v.ephemeral) {
		doc.field(2, 'Type', 'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)');
		const template = v.ephemeral.volumeClaimTemplate;
		doc.field(2, 'StorageClass', template?.spec?.storageClassName ?? '').field(2, 'Volume', '');
	} else doc.line(1, '<unknown>');
}

export function describeVolumes(doc: Doc, volumes: readonly Obj[], space: string): void {
	doc.line(0, `${space}Volumes:${volumes.length === 0 ? '\t<none>' : ''}`);
	for (const v of volumes) {
		doc.line(1, `${space === '' ? '' : ' '}${v.name}:`);
		describeVolumeSource(doc, v);
	}
}

export function tolerationTexts(tolerations: readonly Obj[] | undefined): string[] {
	return [...(tolerations ?? [])]
		.sort((a, b) => (String(a.key ?? '') < String(b.key ?? '') ? -1 : String(a.key ?? '') > String(b.key ?? '') ? 1 : 0))
		.map((t) => {
			const base = `${t.key ?? ''}${t.value ? `=${t.value}` : ''}${t.effect ? `:${t.effect}` : ''}`;
			const exists = t.operator === 'Exists' && !t.value ? `${base === '' ? '' : ' '}op=Exists` : '';
			return `${base}${exists}${t.tolerationSeconds === undefined ? '' : ` for ${t.tolerationSeconds}s`}`;
		});
}

export function describeSpread(doc: Doc, constraints: readonly Obj[] | undefined, space: string): void {
	const all = [...(constraints ?? [])].sort((a, b) => (String(a.topologyKey) < String(b.topologyKey) ? -1 : 1));
	if (all.length === 0) return;
	doc.values(
		'Topology Spread Constraints',
		all.map(
			(c) =>
				`${c.topologyKey}:${c.whenUnsatisfiable} when max skew ${c.maxSkew} is exceeded${c.labelSelector ? ` for selector ${formatSelector(c.labelSelector)}` : ''}`,
		),
		space,
	);
}

/** `Pod Template:` of a workload. */
export function describeTemplate(doc: Doc, template: Obj | undefined): void {
	doc.line(0, 'Pod Template:');
	const spec = (template?.spec ?? {}) as Obj;
	doc.labels('  Labels', template?.metadata?.labels);
	if (Object.keys(template?.metadata?.annotations ?? {}).length > 0) doc.annotations('  Annotations', template?.metadata?.annotations);
	if (spec.serviceAccountName) doc.field(1, 'Service Account', spec.serviceAccountName);
	if ((spec.initContainers ?? []).length > 0) describeContainers(doc, 'Init Containers', spec.initContainers, '  ');
	describeContainers(doc, 'Containers', spec.containers ?? [], '  ');
	describeVolumes(doc, spec.volumes ?? [], '  ');
	describeSpread(doc, spec.topologySpreadConstraints, '  ');
	if (spec.priorityClassName) doc.field(1, 'Priority Class Name', spec.priorityClassName);
	// printLabelsMultiline with an indented title: further lines stand at the very tab.
	doc.labels('  Node-Selectors', spec.nodeSelector).values('  Tolerations', tolerationTexts(spec.tolerations));
}
