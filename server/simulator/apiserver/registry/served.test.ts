/** What a fresh cluster serves, against what `kubectl api-resources -o wide` prints of Kubernetes 1.36, and how each of its kinds prints. */
import { describe, expect, it } from 'vitest';
import { Discovery } from '../discovery/discovery.ts';
import { tableOf } from '../table.ts';
import { testCluster } from './testing.ts';

const ALL = 'create,delete,deletecollection,get,list,patch,update,watch';

/** NAME SHORTNAMES NAMESPACED KIND CATEGORIES [VERBS]; a dash for none, verbs where they are not all eight. */
const SERVED: { readonly [groupVersion: string]: readonly string[] } = {
	v1: [
		'bindings - true Binding - create',
		'componentstatuses cs false ComponentStatus - get,list',
		'configmaps cm true ConfigMap -',
		'endpoints ep true Endpoints -',
		'events ev true Event -',
		'limitranges limits true LimitRange -',
		'namespaces ns false Namespace - create,delete,get,list,patch,update,watch',
		'nodes no false Node -',
		'persistentvolumeclaims pvc true PersistentVolumeClaim -',
		'persistentvolumes pv false PersistentVolume -',
		'pods po true Pod all',
		'podtemplates - true PodTemplate -',
		'replicationcontrollers rc true ReplicationController all',
		'resourcequotas quota true ResourceQuota -',
		'secrets - true Secret -',
		'serviceaccounts sa true ServiceAccount -',
		'services svc true Service all',
	],
	'apiregistration.k8s.io/v1': ['apiservices - false APIService api-extensions'],
	'apiextensions.k8s.io/v1': ['customresourcedefinitions crd,crds false CustomResourceDefinition api-extensions'],
	'apps/v1': [
		'controllerrevisions - true ControllerRevision -',
		'daemonsets ds true DaemonSet all',
		'deployments deploy true Deployment all',
		'replicasets rs true ReplicaSet all',
		'statefulsets sts true StatefulSet all',
	],
	'authentication.k8s.io/v1': ['selfsubjectreviews - false SelfSubjectReview - create', 'tokenreviews - false TokenReview - create'],
	'authorization.k8s.io/v1': [
		'localsubjectaccessreviews - true LocalSubjectAccessReview - create',
		'selfsubjectaccessreviews - false SelfSubjectAccessReview - create',
		'selfsubjectrulesreviews - false SelfSubjectRulesReview - create',
		'subjectaccessreviews - false SubjectAccessReview - create',
	],
	'autoscaling/v1': ['horizontalpodautoscalers hpa true HorizontalPodAutoscaler all'],
	'autoscaling/v2': ['horizontalpodautoscalers hpa true HorizontalPodAutoscaler all'],
	'batch/v1': ['cronjobs cj true CronJob all', 'jobs - true Job all'],
	'certificates.k8s.io/v1': ['certificatesigningrequests csr false CertificateSigningRequest -'],
	'coordination.k8s.io/v1': ['leases - true Lease -'],
	'discovery.k8s.io/v1': ['endpointslices - true EndpointSlice -'],
	'events.k8s.io/v1': ['events ev true Event -'],
	'flowcontrol.apiserver.k8s.io/v1': ['flowschemas - false FlowSchema -', 'prioritylevelconfigurations - false PriorityLevelConfiguration -'],
	'networking.k8s.io/v1': [
		'ingressclasses - false IngressClass -',
		'ingresses ing true Ingress -',
		'ipaddresses ip false IPAddress -',
		'networkpolicies netpol true NetworkPolicy -',
		'servicecidrs - false ServiceCIDR -',
	],
	'node.k8s.io/v1': ['runtimeclasses - false RuntimeClass -'],
	'policy/v1': ['poddisruptionbudgets pdb true PodDisruptionBudget -'],
	'rbac.authorization.k8s.io/v1': [
		'clusterrolebindings - false ClusterRoleBinding -',
		'clusterroles - false ClusterRole -',
		'rolebindings - true RoleBinding -',
		'roles - true Role -',
	],
	'resource.k8s.io/v1': [
		'deviceclasses - false DeviceClass -',
		'resourceclaims - true ResourceClaim -',
		'resourceclaimtemplates - true ResourceClaimTemplate -',
		'resourceslices - false ResourceSlice -',
	],
	'scheduling.k8s.io/v1': ['priorityclasses pc false PriorityClass -'],
	'storage.k8s.io/v1': [
		'csidrivers - false CSIDriver -',
		'csinodes - false CSINode -',
		'csistoragecapacities - true CSIStorageCapacity -',
		'storageclasses sc false StorageClass -',
		'volumeattachments - false VolumeAttachment -',
		'volumeattributesclasses vac false VolumeAttributesClass -',
	],
};

interface ApiResource {
	readonly name: string;
	readonly shortNames?: readonly string[];
	readonly namespaced: boolean;
	readonly kind: string;
	readonly categories?: readonly string[];
	readonly verbs: readonly string[];
}

const cluster = testCluster();
const discovery = new Discovery(cluster.services.api.strategies);

describe('discovery', () => {
	it.each(Object.entries(SERVED))('%s', (groupVersion, expected) => {
		const [version = '', group = ''] = groupVersion.split('/').reverse();
		const list = discovery.resources(group, version) as { readonly resources: readonly ApiResource[] } | undefined;
		const lines = (list?.resources ?? [])
			.filter((r) => !r.name.includes('/'))
			.map((r) => {
				const verbs = [...r.verbs].sort().join(',');
				const text = (names: readonly string[] | undefined): string => names?.join(',') ?? '-';
				return `${r.name} ${text(r.shortNames)} ${r.namespaced} ${r.kind} ${text(r.categories)}${verbs === ALL ? '' : ` ${verbs}`}`;
			});
		expect(lines).toEqual(expected);
	});

	it('knows the subresources of the newer kinds', () => {
		const subresources = [
			'certificates.k8s.io',
			'networking.k8s.io',
			'resource.k8s.io',
			'flowcontrol.apiserver.k8s.io',
			'apiregistration.k8s.io',
			'storage.k8s.io',
		]
			.flatMap((group) => (discovery.resources(group, 'v1') as { readonly resources: readonly ApiResource[] }).resources)
			.filter((r) => r.name.includes('/'))
			.map((r) => `${r.name} ${r.verbs.join(',')}`);
		expect(subresources).toEqual([
			'certificatesigningrequests/approval get,patch,update',
			'certificatesigningrequests/status get,patch,update',
			'ingresses/status get,patch,update',
			'servicecidrs/status get,patch,update',
			'resourceclaims/status get,patch,update',
			'flowschemas/status get,patch,update',
			'prioritylevelconfigurations/status get,patch,update',
			'apiservices/status get,patch,update',
			'volumeattachments/status get,patch,update',
		]);
	});
});

type Fields = { readonly [field: string]: unknown };
const meta = (name: string, more: Fields = {}): Fields => ({ metadata: { name, ...more } });
const DEVICES = { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] };

/** Resource, object, columns as `kubectl get` heads them (a star for `-o wide` alone), cells. */
const PRINTED: readonly (readonly [string, Fields, string, readonly unknown[]])[] = [
	[
		'apiregistration.k8s.io/v1/apiservices',
		{
			...meta('v1.example.com'),
			spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 10, versionPriority: 10, service: { name: 'a', namespace: 'b' } },
		},
		'Name Service Available Age',
		['v1.example.com', 'b/a', 'Unknown', '0s'],
	],
	[
		'flowcontrol.apiserver.k8s.io/v1/flowschemas',
		{ ...meta('mine'), spec: { priorityLevelConfiguration: { name: 'nowhere' } } },
		'Name PriorityLevel MatchingPrecedence DistinguisherMethod Age MissingPL',
		['mine', 'nowhere', 1000, '<none>', '0s', 'True'],
	],
	[
		'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
		{ ...meta('mine'), spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } } },
		'Name Type NominalConcurrencyShares Queues HandSize QueueLengthLimit Age',
		['mine', 'Limited', 30, 64, 8, 50, '0s'],
	],
	[
		'networking.k8s.io/v1/ipaddresses',
		{ ...meta('10.0.0.1'), spec: { parentRef: { group: 'example.com', resource: 'Gateways', namespace: 'a', name: 'b' } } },
		'Name ParentRef Age',
		['10.0.0.1', 'gateways.example.com/a/b', '0s'],
	],
	[
		'networking.k8s.io/v1/servicecidrs',
		{ ...meta('more'), spec: { cidrs: ['10.1.0.0/24', 'fd00::/112'] } },
		'Name CIDRs Age',
		['more', '10.1.0.0/24,fd00::/112', '0s'],
	],
	['node.k8s.io/v1/runtimeclasses', { ...meta('gvisor'), handler: 'runsc' }, 'Name Handler Age', ['gvisor', 'runsc', '0s']],
	['resource.k8s.io/v1/deviceclasses', meta('gpu'), 'Name Age', ['gpu', '0s']],
	['resource.k8s.io/v1/resourceclaims', { ...meta('mine'), spec: { devices: DEVICES } }, 'Name State Age', ['mine', 'pending', '0s']],
	['resource.k8s.io/v1/resourceclaimtemplates', { ...meta('mine'), spec: { spec: { devices: DEVICES } } }, 'Name Age', ['mine', '0s']],
	[
		'resource.k8s.io/v1/resourceslices',
		{ ...meta('mine'), spec: { driver: 'gpu.example.com', nodeName: 'n', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } } },
		'Name Node Driver Pool Age',
		['mine', 'n', 'gpu.example.com', 'p', '0s'],
	],
	[
		'storage.k8s.io/v1/csidrivers',
		{ ...meta('d.example.com'), spec: { tokenRequests: [{ audience: 'a' }, { audience: 'b' }] } },
		'Name AttachRequired PodInfoOnMount StorageCapacity TokenRequests RequiresRepublish Modes Age',
		['d.example.com', true, false, false, 'a,b', false, 'Persistent', '0s'],
	],
	['storage.k8s.io/v1/csinodes', { ...meta('n'), spec: { drivers: [{ name: 'a.b', nodeID: '1' }] } }, 'Name Drivers Age', ['n', 1, '0s']],
	[
		'storage.k8s.io/v1/csistoragecapacities',
		{ ...meta('c'), storageClassName: 'standard', capacity: '1Gi' },
		'Name StorageClassName Capacity',
		['c', 'standard', '1Gi'],
	],
	[
		'storage.k8s.io/v1/volumeattachments',
		{ ...meta('a'), spec: { attacher: 'a.b', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
		'Name Attacher PV Node Attached Age',
		['a', 'a.b', 'v', 'n', false, '0s'],
	],
	[
		'storage.k8s.io/v1/volumeattributesclasses',
		{ ...meta('fast'), driverName: 'a.b', parameters: { iops: '4000' } },
		'Name DriverName Age',
		['fast', 'a.b', '0s'],
	],
	[
		'events.k8s.io/v1/events',
		{
			...meta('e'),
			eventTime: '2026-11-20T18:00:00.000000Z',
			type: 'Normal',
			reason: 'Tested',
			action: 'Test',
			note: 'all is well',
			regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
			reportingController: 'example.com/tester',
			reportingInstance: 't-1',
		},
		'Last-Seen Type Reason Object *Subobject *Source Message *First-Seen *Count *Name',
		['0s', 'Normal', 'Tested', 'pod/p', '', 'example.com/tester, t-1', 'all is well', '0s', 1, 'e'],
	],
];

describe('printing', () => {
	it.each(PRINTED)('%s', (path, object, columns, cells) => {
		const made = testCluster();
		const stored = made.create(path, object);
		const strategy = made.services.api.strategies.find((s) => path === `${s.group}/v1/${s.resource}`);
		if (strategy === undefined) throw new Error(`nothing serves ${path}`);
		const table = tableOf(made.world, strategy, [stored], {}, 'None') as {
			readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
			readonly rows: readonly { readonly cells: readonly unknown[] }[];
		};
		expect(table.columnDefinitions.map((c) => `${c.priority > 0 ? '*' : ''}${c.name.replaceAll(' ', '-')}`).join(' ')).toBe(columns);
		expect(table.rows[0]?.cells).toEqual(cells);
	});
});

/** Resource, object, what is wrong with it. */
const REFUSED: readonly (readonly [string, string, Fields, string])[] = [
	[
		'a flow schema that pretends to be exempt',
		'flowcontrol.apiserver.k8s.io/v1/flowschemas',
		{ ...meta('x'), spec: { matchingPrecedence: 1, priorityLevelConfiguration: { name: 'exempt' } } },
		'FlowSchema.flowcontrol.apiserver.k8s.io "x" is invalid: spec.matchingPrecedence: Invalid value: 1: only the schema named \'exempt\' may have matchingPrecedence 1',
	],
	[
		'a rule without subjects or rules',
		'flowcontrol.apiserver.k8s.io/v1/flowschemas',
		{ ...meta('x'), spec: { priorityLevelConfiguration: { name: 'exempt' }, rules: [{ subjects: [] }] } },
		'FlowSchema.flowcontrol.apiserver.k8s.io "x" is invalid: [spec.rules[0].subjects: Required value: subjects must contain at least one value, spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty]',
	],
	[
		'a hand that is larger than its deck',
		'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
		{ ...meta('x'), spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 4, handSize: 5 } } } } },
		'PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io "x" is invalid: spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)',
	],
	[
		'a runtime class without a handler’s name',
		'node.k8s.io/v1/runtimeclasses',
		{ ...meta('x'), handler: 'Run_C' },
		"RuntimeClass.node.k8s.io \"x\" is invalid: handler: Invalid value: \"Run_C\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
	],
	[
		'a service range of one family twice',
		'networking.k8s.io/v1/servicecidrs',
		{ ...meta('x'), spec: { cidrs: ['10.0.0.0/24', '10.0.1.0/24'] } },
		'ServiceCIDR.networking.k8s.io "x" is invalid: spec: Invalid value: {"cidrs":["10.0.0.0/24","10.0.1.0/24"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/96',
	],
	[
		'an address of nobody',
		'networking.k8s.io/v1/ipaddresses',
		{ ...meta('10.0.0.1'), spec: {} },
		'IPAddress.networking.k8s.io "10.0.0.1" is invalid: spec.parentRef: Required value',
	],
	[
		'a driver with an unknown policy',
		'storage.k8s.io/v1/csidrivers',
		{ ...meta('x'), spec: { fsGroupPolicy: 'Maybe' } },
		'CSIDriver.storage.k8s.io "x" is invalid: spec.fsGroupPolicy: Unsupported value: "Maybe": supported values: "File", "None", "ReadWriteOnceWithFSType"',
	],
	[
		'an attachment of nothing',
		'storage.k8s.io/v1/volumeattachments',
		{ ...meta('x'), spec: { attacher: 'a.b', nodeName: 'n', source: {} } },
		'VolumeAttachment.storage.k8s.io "x" is invalid: spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
	],
	[
		'a class that changes nothing',
		'storage.k8s.io/v1/volumeattributesclasses',
		{ ...meta('x'), driverName: 'a.b' },
		'VolumeAttributesClass.storage.k8s.io "x" is invalid: parameters: Required value: must contain at least one key/value pair',
	],
	[
		'a request both exact and not',
		'resource.k8s.io/v1/resourceclaims',
		{ ...meta('x'), spec: { devices: { requests: [{ name: 'a' }] } } },
		'ResourceClaim.resource.k8s.io "x" is invalid: spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
	],
	[
		'a selector that is no condition',
		'resource.k8s.io/v1/deviceclasses',
		{ ...meta('x'), spec: { selectors: [{ cel: { expression: '1 + 1' } }] } },
		'DeviceClass.resource.k8s.io "x" is invalid: spec.selectors[0].cel.expression: Invalid value: "1 + 1": must evaluate to bool or the unknown type, not int',
	],
	[
		'an APIService under another name',
		'apiregistration.k8s.io/v1/apiservices',
		{ ...meta('v1.a.com'), spec: { group: 'b.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } },
		'APIService.apiregistration.k8s.io "v1.a.com" is invalid: metadata.name: Invalid value: "v1.a.com": must be `spec.version+"."+spec.group`: "v1.b.com"',
	],
	[
		'an event of the newer kind without its time',
		'events.k8s.io/v1/events',
		{ ...meta('e'), type: 'Normal', regarding: { namespace: 'default' } },
		'Event.events.k8s.io "e" is invalid: eventTime: Required value',
	],
	[
		'a pod of an unknown runtime class',
		'v1/pods',
		{ ...meta('p'), spec: { runtimeClassName: 'gvisor', containers: [{ name: 'c', image: 'nginx' }] } },
		'pods "p" is forbidden: pod rejected: RuntimeClass "gvisor" not found',
	],
	[
		'a pod with an overhead of its own',
		'v1/pods',
		{ ...meta('p'), spec: { overhead: { cpu: '1' }, containers: [{ name: 'c', image: 'nginx' }] } },
		'pods "p" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
	],
	[
		'a pod with a claim from nowhere',
		'v1/pods',
		{ ...meta('p'), spec: { resourceClaims: [{ name: 'a' }], containers: [{ name: 'c', image: 'nginx' }] } },
		'Pod "p" is invalid: spec.resourceClaims[0]: Invalid value: {"name":"a"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
	],
];

describe('validation refuses', () => {
	it.each(REFUSED)('%s', (_name, path, object, why) => {
		expect(testCluster().refusal(path, object)).toBe(why);
	});

	it('to change what is fixed', () => {
		const c = testCluster();
		const fixed = (path: string, name: string, change: Fields): unknown => {
			const held = c.client.get(c.world, path, undefined, name);
			return (c.call('update', path, { name, body: { ...held, ...change } }).body as { readonly message?: string }).message;
		};
		c.create('node.k8s.io/v1/runtimeclasses', { ...meta('r'), handler: 'a' });
		expect(fixed('node.k8s.io/v1/runtimeclasses', 'r', { handler: 'b' })).toBe(
			'RuntimeClass.node.k8s.io "r" is invalid: handler: Invalid value: "b": field is immutable',
		);
		expect(fixed('networking.k8s.io/v1/servicecidrs', 'kubernetes', { spec: { cidrs: ['10.0.0.0/8'] } })).toBe(
			'ServiceCIDR.networking.k8s.io "kubernetes" is invalid: spec.cidrs: Invalid value: ["10.0.0.0/8"]: field is immutable',
		);
		expect(
			fixed('flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', 'catch-all', {
				spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
			}),
		).toMatch(/spec of 'catch-all' must equal the fixed value$/);
	});
});

describe('runtime classes', () => {
	it('give pods their overhead, selector and tolerations', () => {
		const c = testCluster();
		c.create('node.k8s.io/v1/runtimeclasses', {
			...meta('r'),
			handler: 'runsc',
			overhead: { podFixed: { cpu: '250m' } },
			scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
		});
		const pod = c.create('v1/pods', {
			...meta('p'),
			spec: { runtimeClassName: 'r', nodeSelector: { disk: 'ssd' }, containers: [{ name: 'c', image: 'nginx' }] },
		});
		expect(pod['spec']).toMatchObject({ overhead: { cpu: '250m' }, nodeSelector: { disk: 'ssd', sandbox: 'yes' } });
		expect(pod['spec']).toHaveProperty('tolerations', expect.arrayContaining([{ key: 'sandbox', operator: 'Exists' }]));
		expect(
			c.refusal('v1/pods', { ...meta('q'), spec: { runtimeClassName: 'r', nodeSelector: { sandbox: 'no' }, containers: [{ name: 'c', image: 'nginx' }] } }),
		).toBe('pods "q" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no');
	});
});
