/** Defaults of pods and of pod templates: `pkg/apis/core/v1/defaults.go`. */
import type { KubeObject } from '../../types.ts';
import { arr, changeField, changeItems, changePart, type Fields, fill, isRecord, rec, str } from '../fields.ts';
import { canonicalQuantity } from '../quantity.ts';

/** The list of quantities (requests, limits, capacity, hard…) with each in its canonical text. */
export function canonicalResourceList(list: Fields): Fields {
	let out: { [name: string]: unknown } | undefined;
	for (const name in list) {
		const canonical = canonicalQuantity(list[name]);
		if (canonical === list[name]) continue;
		out ??= { ...list };
		out[name] = canonical;
	}
	return out ?? list;
}

/** `resources` of a container or a claim with canonical quantities. */
export function canonicalResources(resources: Fields): Fields {
	return changeField(changeField(resources, 'requests', canonicalResourceList), 'limits', canonicalResourceList);
}

/** `Always` for a reference without tag or with `latest`, as parsers.ParseImageName decides. */
function defaultPullPolicy(image: string): string {
	if (image.includes('@')) return 'IfNotPresent';
	const name = image.slice(image.lastIndexOf('/') + 1);
	const colon = name.indexOf(':');
	const tag = colon < 0 ? 'latest' : name.slice(colon + 1);
	return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

const HTTP_GET = { path: '/', scheme: 'HTTP' };
const PROBE = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

const httpGetDefaults = (action: Fields): Fields => changeField(action, 'httpGet', (get) => fill(get.path === '' ? { ...get, path: '/' } : get, HTTP_GET));

function probeDefaults(probe: Fields): Fields {
	const filled = fill(httpGetDefaults(probe), PROBE);
	return changeField(zeroAsDefault(filled), 'grpc', (grpc) => fill(grpc, { service: '' }));
}

/** A zero in a probe's numbers counts as unset, as Go's defaulting sees it. */
function zeroAsDefault(probe: Fields): Fields {
	let out: Fields = probe;
	for (const [field, value] of Object.entries(PROBE)) if (probe[field] === 0) out = { ...out, [field]: value };
	return out;
}

function envDefaults(env: Fields): Fields {
	return changeField(env, 'valueFrom', (from) =>
		changeField(
			changeField(from, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' })),
			'resourceFieldRef',
			(ref) => fill(ref, { divisor: '0' }),
		),
	);
}

const CONTAINER = { resources: {}, terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' };

function containerDefaults(container: Fields): Fields {
	let c = fill(container, CONTAINER);
	if (str(c.imagePullPolicy) === '') c = { ...c, imagePullPolicy: defaultPullPolicy(str(c.image)) };
	c = changeItems(c, 'ports', (port) => fill(port, { protocol: 'TCP' }));
	c = changeItems(c, 'env', envDefaults);
	c = changeField(c, 'resources', canonicalResources);
	c = changeField(changeField(changeField(c, 'livenessProbe', probeDefaults), 'readinessProbe', probeDefaults), 'startupProbe', probeDefaults);
	return changeField(c, 'lifecycle', (l) => changeField(changeField(l, 'postStart', httpGetDefaults), 'preStop', httpGetDefaults));
}

const fieldRefDefaults = (item: Fields): Fields =>
	changeField(
		changeField(item, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' })),
		'resourceFieldRef',
		(ref) => fill(ref, { divisor: '0' }),
	);

function projectedSource(source: Fields): Fields {
	return changeField(
		changeField(source, 'serviceAccountToken', (t) => fill(t, { expirationSeconds: 3600 })),
		'downwardAPI',
		(d) => changeItems(d, 'items', fieldRefDefaults),
	);
}

function volumeDefaults(volume: Fields): Fields {
	const hasSource = Object.keys(volume).some((k) => k !== 'name' && volume[k] !== undefined && volume[k] !== null);
	if (!hasSource) return { ...volume, emptyDir: {} };
	let v = changeField(volume, 'secret', (s) => fill(s, { defaultMode: 420 }));
	v = changeField(v, 'configMap', (s) => fill(s, { defaultMode: 420 }));
	v = changeField(v, 'downwardAPI', (d) => changeItems(fill(d, { defaultMode: 420 }), 'items', fieldRefDefaults));
	v = changeField(v, 'projected', (p) => changeItems(fill(p, { defaultMode: 420 }), 'sources', projectedSource));
	v = changeField(v, 'hostPath', (h) => fill(h, { type: '' }));
	v = changeField(v, 'emptyDir', (e) => ('sizeLimit' in e ? fill({ ...e, sizeLimit: canonicalQuantity(e.sizeLimit) }, {}) : e));
	return changeField(v, 'ephemeral', (e) =>
		changeField(e, 'volumeClaimTemplate', (t) =>
			changeField(t, 'spec', (s) => changeField(fill(s, { volumeMode: 'Filesystem' }), 'resources', canonicalResources)),
		),
	);
}

const POD_SPEC = {
	dnsPolicy: 'ClusterFirst',
	restartPolicy: 'Always',
	schedulerName: 'default-scheduler',
	securityContext: {},
	terminationGracePeriodSeconds: 30,
};

/** Defaults of a pod's spec wherever it stands: in a pod or in a template. */
function podSpecDefaults(podSpec: Fields): Fields {
	let s = fill(podSpec, POD_SPEC);
	// The deprecated alias is always written beside the present name (Convert_core_PodSpec_To_v1_PodSpec).
	const account = str(s.serviceAccountName) || str(s.serviceAccount);
	if (account !== '' && (s.serviceAccountName !== account || s.serviceAccount !== account)) s = { ...s, serviceAccountName: account, serviceAccount: account };
	s = changeItems(s, 'initContainers', containerDefaults);
	s = changeItems(s, 'containers', containerDefaults);
	s = changeItems(s, 'ephemeralContainers', containerDefaults);
	s = changeItems(s, 'volumes', volumeDefaults);
	s = changeField(s, 'overhead', canonicalResourceList);
	return changeField(s, 'resources', canonicalResources);
}

/** Defaults of a `template` field: its pod spec. */
export function templateDefaults(owner: Fields): Fields {
	return changeField(owner, 'template', (t) => ({ ...t, metadata: rec(t.metadata), spec: podSpecDefaults(rec(t.spec)) }));
}

/** Requests that are not said are the limits (SetDefaults_Pod; in pods only, not in templates). */
function requestsFromLimits(container: Fields): Fields {
	return changeField(container, 'resources', (resources) => {
		if (!isRecord(resources.limits)) return resources;
		const requests = fill(rec(resources.requests), resources.limits);
		return requests === resources.requests ? resources : { ...resources, requests };
	});
}

function hostPorts(container: Fields): Fields {
	return changeItems(container, 'ports', (port) => (port.hostPort === undefined || port.hostPort === 0 ? { ...port, hostPort: port.containerPort } : port));
}

export function podDefaults(pod: KubeObject): KubeObject {
	return changePart(pod, 'spec', (spec) => {
		let s = fill(podSpecDefaults(spec), { enableServiceLinks: true });
		s = changeItems(s, 'initContainers', requestsFromLimits);
		s = changeItems(s, 'containers', requestsFromLimits);
		if (s.hostNetwork === true) s = changeItems(changeItems(s, 'initContainers', hostPorts), 'containers', hostPorts);
		return s;
	});
}

/** Guaranteed, Burstable or BestEffort: `pkg/apis/core/v1/helper/qos`. Only cpu and memory count. */
export function qosClass(podSpec: Fields): 'Guaranteed' | 'Burstable' | 'BestEffort' {
	let any = false;
	let guaranteed = true;
	for (const container of [...arr(podSpec.initContainers), ...arr(podSpec.containers)]) {
		const resources = rec(rec(container).resources);
		const requests = rec(resources.requests);
		const limits = rec(resources.limits);
		for (const name of ['cpu', 'memory']) {
			const request = requests[name] === '0' ? undefined : requests[name];
			const limit = limits[name] === '0' ? undefined : limits[name];
			if (request !== undefined || limit !== undefined) any = true;
			if (limit === undefined || (request !== undefined && request !== limit)) guaranteed = false;
		}
	}
	return !any ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable';
}
