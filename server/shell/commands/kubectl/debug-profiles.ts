/** What `kubectl debug --profile` changes in a pod and its debug container. Upstream: pkg/cmd/debug/profiles.go. */
import type { Obj } from './client.ts';
import { CliError } from './errors.ts';

/** Whom the pod is for: a container in a running pod, a copy of a pod, a node. */
export type Style = 'ephemeral' | 'copy' | 'node';

/** What a copy keeps of the pod it was made from. */
export interface Keep {
	readonly labels: boolean;
	readonly annotations: boolean;
	readonly livenessProbe: boolean;
	readonly readinessProbe: boolean;
	readonly startupProbe: boolean;
	readonly initContainers: boolean;
}

/** Changes `pod` and the debug `container` in it, both of them the caller's own copies. */
export type Profile = (pod: Obj, container: Obj, style: Style, keep: Keep) => void;

const specOf = (pod: Obj): Obj => {
	pod['spec'] ??= {};
	return pod['spec'] as Obj;
};

const contextOf = (container: Obj): Obj => {
	container['securityContext'] ??= {};
	return container['securityContext'] as Obj;
};

function stripped(pod: Obj, keep: Keep): void {
	const metadata = pod.metadata ?? {};
	if (!keep.labels) delete metadata.labels;
	if (!keep.annotations) delete metadata.annotations;
	for (const c of specOf(pod)['containers'] as Obj[])
		for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) if (!keep[probe]) delete c[probe];
	if (!keep.initContainers) delete specOf(pod)['initContainers'];
}

function copied(pod: Obj, keep: Keep): void {
	stripped(pod, keep);
	specOf(pod)['shareProcessNamespace'] ??= true;
}

function hostNamespaces(pod: Obj): void {
	Object.assign(specOf(pod), { hostNetwork: true, hostPID: true, hostIPC: true });
}

function hostRoot(pod: Obj, container: Obj): void {
	const spec = specOf(pod);
	spec['volumes'] = [...((spec['volumes'] ?? []) as Obj[]), { name: 'host-root', hostPath: { path: '/' } }];
	container['volumeMounts'] = [...((container['volumeMounts'] ?? []) as Obj[]), { mountPath: '/host', name: 'host-root' }];
}

function addCapabilities(container: Obj, names: readonly string[]): void {
	const context = contextOf(container);
	context['capabilities'] = { ...context['capabilities'], add: [...(context['capabilities']?.add ?? []), ...names] };
}

const PROFILES: { readonly [name: string]: Profile } = {
	legacy(pod, container, style) {
		if (style === 'copy') delete pod.metadata?.labels;
		if (style !== 'node') return;
		hostRoot(pod, container);
		hostNamespaces(pod);
	},
	general(pod, container, style, keep) {
		if (style === 'node') {
			hostRoot(pod, container);
			delete container['securityContext'];
			hostNamespaces(pod);
			return;
		}
		if (style === 'copy') stripped(pod, keep);
		addCapabilities(container, ['SYS_PTRACE']);
		if (style === 'copy') specOf(pod)['shareProcessNamespace'] ??= true;
	},
	baseline(pod, container, style, keep) {
		delete container['securityContext'];
		if (style === 'copy') copied(pod, keep);
	},
	restricted(pod, container, style, keep) {
		container['securityContext'] = {
			runAsNonRoot: true,
			capabilities: { drop: ['ALL'] },
			allowPrivilegeEscalation: false,
			seccompProfile: { type: 'RuntimeDefault' },
		};
		if (style === 'copy') copied(pod, keep);
	},
	netadmin(pod, container, style, keep) {
		addCapabilities(container, ['NET_ADMIN', 'NET_RAW']);
		if (style === 'node') hostNamespaces(pod);
		if (style === 'copy') copied(pod, keep);
	},
	sysadmin(pod, container, style, keep) {
		contextOf(container)['privileged'] = true;
		if (style === 'copy') copied(pod, keep);
		if (style !== 'node') return;
		hostNamespaces(pod);
		hostRoot(pod, container);
	},
};

export function profileOf(name: string): Profile {
	const found = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined;
	if (found === undefined) throw new CliError(`unknown profile: ${name}`);
	return found;
}
