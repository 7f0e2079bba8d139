/** An object on its way through a build, with the names it has had (kustomize's resource.Resource). */
import type { Obj } from '../client.ts';
import { changeFields, REFERENCES } from './fields.ts';

export interface Resource {
	object: Obj;
	/** Every name and namespace so far, the first one first. */
	readonly names: { readonly name: string; readonly namespace: string }[];
	/** The name gets a hash of the content in the end. */
	hashed: boolean;
}

export const newResource = (object: Obj, hashed = false): Resource => ({
	object,
	names: [{ name: object.metadata?.name ?? '', namespace: object.metadata?.namespace ?? '' }],
	hashed,
});

/** Notes what the object is called now, after a change of it. */
export function renamed(r: Resource): void {
	const now = { name: r.object.metadata?.name ?? '', namespace: r.object.metadata?.namespace ?? '' };
	const last = r.names.at(-1);
	if (last?.name !== now.name || last.namespace !== now.namespace) r.names.push(now);
}

export const groupOf = (object: Obj): string => (String(object.apiVersion).includes('/') ? (String(object.apiVersion).split('/')[0] ?? '') : '');

/** Kinds that live in no namespace, as far as a build without a server can know. */
const CLUSTER_SCOPED = new Set(
	'Namespace Node PersistentVolume StorageClass ClusterRole ClusterRoleBinding CustomResourceDefinition PriorityClass IngressClass RuntimeClass APIService CSIDriver CSINode VolumeAttachment ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingWebhookConfiguration CertificateSigningRequest'.split(
		' ',
	),
);
export const isNamespaced = (object: Obj): boolean => !CLUSTER_SCOPED.has(String(object.kind));

/** Leads every name that means an object of the build to what it is called now (nameref transformer). */
export function fixReferences(all: readonly Resource[]): void {
	const byKind = Map.groupBy(all, (r) => String(r.object.kind));
	for (const [kind, specs] of Object.entries(REFERENCES)) {
		const candidates = byKind.get(kind) ?? [];
		if (candidates.length === 0) continue;
		for (const referrer of all) {
			const home = referrer.object.metadata?.namespace ?? '';
			changeFields(referrer.object, specs, (old, holder) => {
				// A reference that names its kind means no other.
				if (typeof old !== 'string' || (holder['kind'] !== undefined && holder !== referrer.object.metadata && holder['kind'] !== kind)) return undefined;
				const wanted = candidates.filter((c) => c.names.some((n) => n.name === old));
				const near = wanted.filter((c) => !isNamespaced(c.object) || (c.object.metadata?.namespace ?? '') === home || holder['namespace'] !== undefined);
				const [found] = near.length > 0 ? near : wanted;
				if (found === undefined) return undefined;
				const namespace = found.object.metadata?.namespace;
				if (kind === 'ServiceAccount' && holder['kind'] === kind && namespace !== undefined) holder['namespace'] = namespace;
				return found.object.metadata?.name;
			});
		}
	}
}

const FIRST =
	'Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget'.split(
		' ',
	);
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** The order in which objects can be made: what others need comes first (kustomize's legacy order). */
export function inLegacyOrder(all: readonly Resource[]): readonly Resource[] {
	const rank = ({ object }: Resource): number => {
		const kind = String(object.kind);
		return FIRST.includes(kind) ? FIRST.indexOf(kind) - FIRST.length : LAST.indexOf(kind) + 1;
	};
	const key = ({ object }: Resource): string => {
		const version = String(object.apiVersion).split('/').at(-1);
		return [groupOf(object) || '~G', version, object.kind, object.metadata?.namespace || '~X', object.metadata?.name].join('_');
	};
	return [...all].sort((a, b) => rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1));
}
