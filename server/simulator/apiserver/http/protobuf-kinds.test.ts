/** A sample of every newer kind, encoded by the type table as a Go client would send it: it makes what the JSON makes. */
import { expect, it } from 'vitest';
import { toBase64 } from '../base64.ts';
import { RSA } from '../certificates/testing.ts';
import { type Field, kindType, type StructType, type Type } from '../openapi/schema.ts';
import { rec } from '../registry/fields.ts';
import { testCluster } from '../registry/testing.ts';
import type { ApiResponse } from '../wire.ts';

type Fields = { readonly [key: string]: unknown };

function varint(n: number): readonly number[] {
	const out: number[] = [];
	let left = BigInt.asUintN(64, BigInt(n));
	for (; left > 127n; left >>= 7n) out.push(Number(left & 127n) | 128);
	return [...out, Number(left)];
}
const message = (number: number, bytes: readonly number[]): readonly number[] => [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
const whole = (number: number, n: number): readonly number[] => [...varint(number * 8), ...varint(n)];
const utf8 = (text: string): readonly number[] => [...Buffer.from(text)];

function time(text: string): readonly number[] {
	const seconds = Math.floor(Date.parse(text) / 1000);
	const fraction = Number(/\.(\d+)Z$/.exec(text)?.[1]?.padEnd(9, '0') ?? 0);
	return [...whole(1, seconds), ...whole(2, fraction)];
}

/** One value as the field `number` of its message. */
function encoded(number: number, value: unknown, type: Type): readonly number[] {
	switch (type.kind) {
		case 'struct':
			return message(number, struct(value as Fields, type));
		case 'list':
			return message(
				number,
				(value as readonly unknown[]).flatMap((v) => encoded(1, v, type.of)),
			);
		case 'map':
			return [];
		case 'string':
			return message(number, utf8(String(value)));
		case 'bytes':
			return message(number, [...Buffer.from(String(value), 'base64')]);
		case 'bool':
			return whole(number, value === true ? 1 : 0);
		case 'int32':
		case 'int64':
			return whole(number, Number(value));
		case 'Time':
		case 'MicroTime':
			return message(number, time(String(value)));
		case 'Quantity':
			return message(number, message(1, utf8(String(value))));
		case 'IntOrString':
			return message(number, typeof value === 'number' ? [...whole(1, 0), ...whole(2, value)] : [...whole(1, 1), ...message(3, utf8(String(value)))]);
		case 'Any':
			return message(number, message(1, utf8(JSON.stringify(value))));
		default:
			throw new Error(`no encoding for ${type.kind}`);
	}
}

function field({ number, type }: Field, value: unknown): readonly number[] {
	if (type.kind === 'list') return (value as readonly unknown[]).flatMap((v) => encoded(number, v, type.of));
	if (type.kind !== 'map') return encoded(number, value, type);
	return Object.entries(value as Fields).flatMap(([k, v]) => message(number, [...message(1, utf8(k)), ...encoded(2, v, type.of)]));
}

function struct(value: Fields, type: StructType): readonly number[] {
	const inner = type.embedded.filter((e) => e.number > 0);
	const within = (key: string): boolean => inner.some((e) => e.type.fields.has(key));
	const own = Object.entries(value).flatMap(([key, v]) => {
		const found = type.fields.get(key);
		if (found === undefined) throw new Error(`${type.id} has no field ${key}`);
		return within(key) ? [] : field(found, v);
	});
	const parts = inner.flatMap((e) => {
		const held = Object.entries(value).filter(([key]) => e.type.fields.has(key));
		return held.length === 0 ? [] : message(e.number, struct(Object.fromEntries(held), e.type));
	});
	return [...own, ...parts];
}

function body(apiVersion: string, kind: string, object: Fields): string {
	const at = apiVersion.lastIndexOf('/');
	const type = kindType(apiVersion.slice(0, Math.max(at, 0)), apiVersion.slice(at + 1), kind);
	if (type === undefined) throw new Error(`no type for ${kind}`);
	const meta = [...message(1, utf8(apiVersion)), ...message(2, utf8(kind))];
	const bytes = [0x6b, 0x38, 0x73, 0, ...message(1, meta), ...message(2, struct(object, type))];
	return Buffer.from(bytes).toString('base64');
}

const selector = { matchLabels: { app: 'web' } };
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
const webhook = {
	name: 'x.example.com',
	clientConfig: { service: { name: 'hooks', namespace: 'default', path: '/x', port: 8443 }, caBundle: 'eA==' },
	rules: [rule],
	sideEffects: 'None',
	admissionReviewVersions: ['v1'],
	namespaceSelector: selector,
	timeoutSeconds: 5,
	matchConditions: [{ name: 'a', expression: "object.metadata.name != 'm'" }],
};
const ADMISSION = 'admissionregistration.k8s.io/v1';
const STORAGE = 'storage.k8s.io/v1';
const RESOURCE = 'resource.k8s.io/v1';
const FLOW = 'flowcontrol.apiserver.k8s.io/v1';
const device = { name: 'gpu', exactly: { deviceClassName: 'gpu.example.com', count: 2, allocationMode: 'ExactCount' } };
const constraints = { matchConstraints: { resourceRules: [rule] }, failurePolicy: 'Fail' };

const SAMPLES: readonly (readonly [apiVersion: string, kind: string, object: Fields, plural?: string])[] = [
	[
		FLOW,
		'FlowSchema',
		{
			spec: {
				matchingPrecedence: 500,
				priorityLevelConfiguration: { name: 'exempt' },
				distinguisherMethod: { type: 'ByUser' },
				rules: [
					{ subjects: [{ kind: 'User', user: { name: 'u' } }], resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] }] },
				],
			},
		},
	],
	[
		FLOW,
		'PriorityLevelConfiguration',
		{
			spec: {
				type: 'Limited',
				limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Queue', queuing: { queues: 4, handSize: 2, queueLengthLimit: 9 } } },
			},
		},
	],
	[RESOURCE, 'DeviceClass', { spec: { selectors: [{ cel: { expression: "device.driver == 'x'" } }] } }, 'deviceclasses'],
	[RESOURCE, 'ResourceClaim', { spec: { devices: { requests: [device] } } }],
	[RESOURCE, 'ResourceClaimTemplate', { spec: { spec: { devices: { requests: [device] } } } }],
	[
		RESOURCE,
		'ResourceSlice',
		{
			spec: {
				driver: 'x.example.com',
				nodeName: 'foothold-worker',
				pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
				devices: [{ name: 'd', attributes: { model: { string: 'L4' }, index: { int: 3 } }, capacity: { memory: { value: '24Gi' } } }],
			},
		},
	],
	[
		'certificates.k8s.io/v1',
		'CertificateSigningRequest',
		{
			spec: { request: toBase64(RSA), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], expirationSeconds: 3600 },
		},
	],
	[
		'autoscaling/v1',
		'HorizontalPodAutoscaler',
		{
			spec: { maxReplicas: 3, minReplicas: 2, targetCPUUtilizationPercentage: 70, scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' } },
		},
	],
	[ADMISSION, 'ValidatingWebhookConfiguration', { webhooks: [webhook] }],
	[ADMISSION, 'MutatingWebhookConfiguration', { webhooks: [{ ...webhook, reinvocationPolicy: 'IfNeeded' }] }],
	[ADMISSION, 'ValidatingAdmissionPolicy', { spec: { ...constraints, validations: [{ expression: 'true', message: 'm' }] } }, 'validatingadmissionpolicies'],
	[
		ADMISSION,
		'ValidatingAdmissionPolicyBinding',
		{ spec: { policyName: 'p', validationActions: ['Deny', 'Audit'], matchResources: { namespaceSelector: selector } } },
	],
	[
		STORAGE,
		'StorageClass',
		{
			provisioner: 'rancher.io/local-path',
			parameters: { a: 'b' },
			reclaimPolicy: 'Retain',
			allowVolumeExpansion: true,
			allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }],
		},
		'storageclasses',
	],
	[STORAGE, 'CSIDriver', { spec: { attachRequired: false, podInfoOnMount: true, tokenRequests: [{ audience: 'a', expirationSeconds: 600 }] } }],
	[STORAGE, 'CSINode', { spec: { drivers: [{ name: 'd.example.com', nodeID: 'n', topologyKeys: ['zone'], allocatable: { count: 4 } }] } }],
	[STORAGE, 'CSIStorageCapacity', { storageClassName: 'standard', capacity: '10Gi', nodeTopology: selector }, 'csistoragecapacities'],
	[STORAGE, 'VolumeAttachment', { spec: { attacher: 'd.example.com', nodeName: 'n', source: { persistentVolumeName: 'pv' } } }],
	[STORAGE, 'VolumeAttributesClass', { driverName: 'd.example.com', parameters: { iops: '100' } }, 'volumeattributesclasses'],
	['node.k8s.io/v1', 'RuntimeClass', { handler: 'h', overhead: { podFixed: { cpu: '250m' } }, scheduling: { nodeSelector: { a: 'b' } } }, 'runtimeclasses'],
	['scheduling.k8s.io/v1', 'PriorityClass', { value: -10, preemptionPolicy: 'Never', description: 'low' }, 'priorityclasses'],
	['coordination.k8s.io/v1', 'Lease', { spec: { holderIdentity: 'h', leaseDurationSeconds: 15, renewTime: '2026-11-20T18:00:00.123456Z' } }],
	[
		'discovery.k8s.io/v1',
		'EndpointSlice',
		{
			addressType: 'IPv4',
			endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: false }, targetRef: { kind: 'Pod', name: 'p' } }],
			ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
		},
	],
	['networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'example.com/c' } }, 'ingressclasses'],
	['networking.k8s.io/v1', 'ServiceCIDR', { spec: { cidrs: ['10.99.0.0/16'] } }],
	['policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: '50%', selector } }],
];

const NAMESPACED: ReadonlySet<string> = new Set([
	'ResourceClaim',
	'ResourceClaimTemplate',
	'HorizontalPodAutoscaler',
	'CSIStorageCapacity',
	'Lease',
	'EndpointSlice',
	'PodDisruptionBudget',
]);
const USER = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

const CASES = SAMPLES.map(([apiVersion, kind, object, plural]) => ({ apiVersion, kind, object, plural: plural ?? `${kind.toLowerCase()}s` }));

it.each(CASES)('$apiVersion $kind', ({ apiVersion, kind, object, plural }) => {
	const name = kind === 'CSIDriver' ? 'd.example.com' : 'x';
	const sample = { metadata: { name, labels: { a: 'b' } }, ...object };
	const url = `/apis/${apiVersion}${NAMESPACED.has(kind) ? '/namespaces/default' : ''}/${plural}`;
	const post = (more: object, type: string): ApiResponse => {
		const { world, services } = testCluster();
		return services.api.handle(world, { method: 'POST', url, headers: { 'content-type': type }, user: USER, ...more });
	};
	const sent = post({ body: body(apiVersion, kind, sample), bodyEncoding: 'base64' }, 'application/vnd.kubernetes.protobuf');
	expect([sent.status, rec(sent.json).message]).toEqual([201, undefined]);
	// The same world, so the same uid and revision.
	expect(sent.json).toEqual(post({ body: JSON.stringify({ apiVersion, kind, ...sample }) }, 'application/json').json);
});
