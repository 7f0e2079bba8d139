/** The parts of a Pod that kubelet, volumes and network read, typed; `asPod` is the only cast. */
import type { KubeObject, ObjectMeta } from '../apiserver/types.ts';

export interface KeyRef {
	readonly name?: string;
	readonly key: string;
	readonly optional?: boolean;
}

export interface EnvVar {
	readonly name: string;
	readonly value?: string;
	readonly valueFrom?: {
		readonly configMapKeyRef?: KeyRef;
		readonly secretKeyRef?: KeyRef;
		readonly fieldRef?: { readonly fieldPath: string };
		readonly resourceFieldRef?: { readonly containerName?: string; readonly resource: string; readonly divisor?: string };
	};
}

export interface EnvFrom {
	readonly prefix?: string;
	readonly configMapRef?: { readonly name?: string; readonly optional?: boolean };
	readonly secretRef?: { readonly name?: string; readonly optional?: boolean };
}

export interface HttpGetAction {
	readonly path?: string;
	readonly port: number | string;
	readonly host?: string;
	readonly scheme?: string;
	readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

export interface Handler {
	readonly exec?: { readonly command?: readonly string[] };
	readonly httpGet?: HttpGetAction;
	readonly tcpSocket?: { readonly port: number | string; readonly host?: string };
	readonly grpc?: { readonly port: number; readonly service?: string };
	readonly sleep?: { readonly seconds: number };
}

export interface Probe extends Handler {
	readonly initialDelaySeconds?: number;
	readonly periodSeconds?: number;
	readonly timeoutSeconds?: number;
	readonly successThreshold?: number;
	readonly failureThreshold?: number;
	readonly terminationGracePeriodSeconds?: number;
}

/** A seccomp or AppArmor profile. */
export interface Profile {
	readonly type: string;
	readonly localhostProfile?: string;
}

export interface SecurityContext {
	readonly seccompProfile?: Profile;
	readonly appArmorProfile?: Profile;
	readonly runAsUser?: number;
	readonly runAsGroup?: number;
	readonly runAsNonRoot?: boolean;
	readonly readOnlyRootFilesystem?: boolean;
	readonly allowPrivilegeEscalation?: boolean;
	readonly privileged?: boolean;
	readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
}

export interface VolumeMount {
	readonly name: string;
	readonly mountPath: string;
	readonly readOnly?: boolean;
	readonly subPath?: string;
	readonly subPathExpr?: string;
}

export interface ContainerPort {
	readonly name?: string;
	readonly containerPort: number;
	readonly hostPort?: number;
	readonly hostIP?: string;
	readonly protocol?: string;
}

export interface Container {
	readonly name: string;
	readonly image: string;
	readonly imagePullPolicy?: string;
	readonly command?: readonly string[];
	readonly args?: readonly string[];
	readonly workingDir?: string;
	readonly env?: readonly EnvVar[];
	readonly envFrom?: readonly EnvFrom[];
	readonly ports?: readonly ContainerPort[];
	readonly resources?: {
		readonly limits?: { readonly [r: string]: string };
		readonly requests?: { readonly [r: string]: string };
		readonly claims?: readonly { readonly name: string; readonly request?: string }[];
	};
	readonly volumeMounts?: readonly VolumeMount[];
	readonly livenessProbe?: Probe;
	readonly readinessProbe?: Probe;
	readonly startupProbe?: Probe;
	readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler; readonly stopSignal?: string };
	readonly terminationMessagePath?: string;
	readonly terminationMessagePolicy?: string;
	readonly securityContext?: SecurityContext;
	readonly restartPolicy?: string;
	readonly stdin?: boolean;
	readonly stdinOnce?: boolean;
	readonly tty?: boolean;
	readonly resizePolicy?: readonly { readonly resourceName: string; readonly restartPolicy: string }[];
	/** Of an ephemeral container: whose processes it sees. */
	readonly targetContainerName?: string;
}

export interface KeyToPath {
	readonly key: string;
	readonly path: string;
	readonly mode?: number;
}

export interface DownwardItem {
	readonly path: string;
	readonly mode?: number;
	readonly fieldRef?: { readonly fieldPath: string };
	readonly resourceFieldRef?: { readonly containerName?: string; readonly resource: string; readonly divisor?: string };
}

export interface NamedSource {
	readonly name?: string;
	readonly items?: readonly KeyToPath[];
	readonly optional?: boolean;
	readonly defaultMode?: number;
}

export interface ProjectedSource {
	readonly configMap?: NamedSource;
	readonly secret?: NamedSource;
	readonly downwardAPI?: { readonly items?: readonly DownwardItem[] };
	readonly serviceAccountToken?: { readonly audience?: string; readonly expirationSeconds?: number; readonly path: string };
}

export interface Volume {
	readonly name: string;
	readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string };
	readonly configMap?: NamedSource;
	readonly secret?: { readonly secretName?: string; readonly items?: readonly KeyToPath[]; readonly optional?: boolean; readonly defaultMode?: number };
	readonly projected?: { readonly sources?: readonly ProjectedSource[]; readonly defaultMode?: number };
	readonly downwardAPI?: { readonly items?: readonly DownwardItem[]; readonly defaultMode?: number };
	readonly hostPath?: { readonly path: string; readonly type?: string };
	readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean };
	readonly ephemeral?: unknown;
}

export interface PodSpec {
	readonly nodeName?: string;
	readonly containers: readonly Container[];
	readonly initContainers?: readonly Container[];
	readonly ephemeralContainers?: readonly Container[];
	readonly volumes?: readonly Volume[];
	readonly restartPolicy?: string;
	readonly terminationGracePeriodSeconds?: number;
	readonly activeDeadlineSeconds?: number;
	readonly dnsPolicy?: string;
	readonly dnsConfig?: {
		readonly nameservers?: readonly string[];
		readonly searches?: readonly string[];
		readonly options?: readonly { readonly name: string; readonly value?: string }[];
	};
	readonly hostNetwork?: boolean;
	readonly hostname?: string;
	readonly subdomain?: string;
	readonly setHostnameAsFQDN?: boolean;
	readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] }[];
	readonly serviceAccountName?: string;
	readonly enableServiceLinks?: boolean;
	readonly securityContext?: SecurityContext & {
		readonly fsGroup?: number;
		readonly supplementalGroups?: readonly number[];
		readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
	};
	readonly readinessGates?: readonly { readonly conditionType: string }[];
	readonly shareProcessNamespace?: boolean;
	readonly runtimeClassName?: string;
	readonly resourceClaims?: readonly { readonly name: string; readonly resourceClaimName?: string; readonly resourceClaimTemplateName?: string }[];
}

export interface PodCondition {
	readonly type: string;
	readonly status: string;
	readonly reason?: string;
	readonly message?: string;
	readonly lastProbeTime?: string | null;
	readonly lastTransitionTime?: string | null;
	readonly observedGeneration?: number;
}

export interface PodStatus {
	readonly phase?: string;
	readonly conditions?: readonly PodCondition[];
	readonly podIP?: string;
	readonly qosClass?: string;
	readonly startTime?: string;
	readonly [field: string]: unknown;
}

export interface Pod {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: ObjectMeta;
	readonly spec: PodSpec;
	readonly status?: PodStatus;
	readonly [field: string]: unknown;
}

export function asPod(object: KubeObject): Pod {
	return object as unknown as Pod;
}

/** `<name>_<namespace>(<uid>)`, as upstream's format.Pod prints a pod. */
export function formatPod(pod: Pod): string {
	return `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`;
}

function isSidecar(container: Container): boolean {
	return container.restartPolicy === 'Always';
}

/** All containers with their part in the pod's life, init containers first. */
export function podContainers(spec: PodSpec): readonly { readonly container: Container; readonly init: boolean; readonly sidecar: boolean }[] {
	const init = (spec.initContainers ?? []).map((container) => ({ container, init: true, sidecar: isSidecar(container) }));
	return [...init, ...spec.containers.map((container) => ({ container, init: false, sidecar: false }))];
}

export function findContainer(spec: PodSpec, name: string): Container | undefined {
	const isIt = (c: Container): boolean => c.name === name;
	return spec.containers.find(isIt) ?? spec.initContainers?.find(isIt) ?? spec.ephemeralContainers?.find(isIt);
}

/** A port given by number or by a container port's name. */
export function resolvePort(container: Container, port: number | string): number | undefined {
	if (typeof port === 'number') return port;
	const named = container.ports?.find((p) => p.name === port)?.containerPort;
	if (named !== undefined) return named;
	const parsed = Number(port);
	return Number.isInteger(parsed) && parsed > 0 ? parsed : undefined;
}
