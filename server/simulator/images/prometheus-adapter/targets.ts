/** Who is scraped: pods and services by their `prometheus.io/…` annotations, and those that PodMonitors and ServiceMonitors select. */
import { type Fields, rec, recs, str, textMap } from '../../apiserver/registry/fields.ts';
import type { MetricLabels } from '../../metrics/series.ts';

export interface Target {
	readonly host: string;
	readonly port: number;
	readonly path: string;
	readonly tls: boolean;
	/** Labels of every series that comes from here. */
	readonly labels: MetricLabels;
}

export interface Found {
	readonly pods: readonly Fields[];
	readonly services: readonly Fields[];
	readonly podMonitors: readonly Fields[];
	readonly serviceMonitors: readonly Fields[];
}

const PREFIX = 'prometheus.io/';
const labelName = (text: string): string => text.replace(/[^a-zA-Z0-9_]/g, '_');
const meta = (o: Fields): Fields => rec(o.metadata);
const nameOf = (o: Fields): string => str(meta(o).name);
const namespaceOf = (o: Fields): string => str(meta(o).namespace);

function selects(selector: Fields, labels: { readonly [k: string]: string }): boolean {
	const equal = Object.entries(textMap(selector.matchLabels)).every(([k, v]) => labels[k] === v);
	return (
		equal &&
		recs(selector.matchExpressions).every(({ key, operator, values }) => {
			const value = labels[str(key)];
			const listed = value !== undefined && Array.isArray(values) && values.includes(value);
			if (operator === 'In') return listed;
			if (operator === 'NotIn') return !listed;
			return operator === 'Exists' ? value !== undefined : value === undefined;
		})
	);
}

function inNamespaces(monitor: Fields, namespace: string): boolean {
	const wanted = rec(rec(monitor.spec).namespaceSelector);
	if (wanted.any === true) return true;
	return Array.isArray(wanted.matchNames) ? wanted.matchNames.includes(namespace) : namespaceOf(monitor) === namespace;
}

interface NamedPort {
	readonly container: string;
	readonly name: string;
	readonly port: number;
}
const ports = (pod: Fields): readonly NamedPort[] =>
	recs(rec(pod.spec).containers).flatMap((c) => recs(c.ports).map((p) => ({ container: str(c.name), name: str(p.name), port: Number(p.containerPort) })));

const address = (pod: Fields): string => (rec(pod.status).phase === 'Running' ? str(rec(pod.status).podIP) : '');

function basic(pod: Fields, host: string, port: number): MetricLabels {
	return { namespace: namespaceOf(pod), pod: nameOf(pod), instance: `${host}:${port}` };
}

/** The community chart's jobs `kubernetes-pods` and `kubernetes-service-endpoints`. */
function annotated(owner: Fields, pod: Fields, service: Fields | undefined): readonly Target[] {
	const notes = textMap(meta(owner).annotations);
	const host = address(pod);
	if (notes[`${PREFIX}scrape`] !== 'true' || host === '') return [];
	const wanted = notes[`${PREFIX}port`];
	const declared = service === undefined ? ports(pod).map((p) => p.port) : recs(rec(service.spec).ports).map((p) => targetPort(p, pod));
	const numbers = wanted !== undefined ? [Number(wanted)] : declared;
	return numbers
		.filter((n): n is number => n !== undefined && Number.isInteger(n) && n > 0 && n < 65_536)
		.map((port) => ({
			host,
			port,
			path: notes[`${PREFIX}path`] ?? '/metrics',
			tls: notes[`${PREFIX}scheme`] === 'https',
			labels: {
				...Object.fromEntries(Object.entries(textMap(meta(owner).labels)).map(([k, v]) => [labelName(k), v])),
				...basic(pod, host, port),
				node: str(rec(pod.spec).nodeName),
				job: service === undefined ? 'kubernetes-pods' : 'kubernetes-service-endpoints',
				...(service === undefined ? {} : { service: nameOf(service) }),
			},
		}));
}

function targetPort(port: Fields, pod: Fields): number | undefined {
	const wanted = port.targetPort ?? port.port;
	return typeof wanted === 'number' ? wanted : ports(pod).find((p) => p.name === wanted)?.port;
}

const endpointPath = (endpoint: Fields): string => str(endpoint.path) || '/metrics';

function monitoredPod(monitor: Fields, pod: Fields): readonly Target[] {
	const host = address(pod);
	const labels = textMap(meta(pod).labels);
	if (host === '' || !inNamespaces(monitor, namespaceOf(pod)) || !selects(rec(rec(monitor.spec).selector), labels)) return [];
	return recs(rec(monitor.spec).podMetricsEndpoints).flatMap((e) => {
		const number = typeof e.portNumber === 'number' ? e.portNumber : typeof e.targetPort === 'number' ? e.targetPort : undefined;
		const found = ports(pod).find((p) => (number === undefined ? p.name === e.port : p.port === number));
		if (found === undefined) return [];
		const job = `${namespaceOf(monitor)}/${nameOf(monitor)}`;
		const own = { ...basic(pod, host, found.port), container: found.container, endpoint: str(e.port), job };
		return [{ host, port: found.port, path: endpointPath(e), tls: e.scheme === 'https', labels: own }];
	});
}

function monitoredService(monitor: Fields, service: Fields, pods: readonly Fields[]): readonly Target[] {
	if (!inNamespaces(monitor, namespaceOf(service)) || !selects(rec(rec(monitor.spec).selector), textMap(meta(service).labels))) return [];
	return recs(rec(monitor.spec).endpoints).flatMap((e) =>
		podsOf(service, pods).flatMap((pod) => {
			const port = recs(rec(service.spec).ports).find((p) => (e.port === undefined ? p.targetPort === e.targetPort : p.name === e.port));
			const number = port === undefined ? undefined : targetPort(port, pod);
			const host = address(pod);
			if (number === undefined || host === '') return [];
			const container = ports(pod).find((p) => p.port === number)?.container;
			const labels = {
				...basic(pod, host, number),
				service: nameOf(service),
				job: textMap(meta(service).labels)[str(rec(monitor.spec).jobLabel)] ?? nameOf(service),
				endpoint: str(e.port),
				...(container === undefined ? {} : { container }),
			};
			return [{ host, port: number, path: endpointPath(e), tls: e.scheme === 'https', labels }];
		}),
	);
}

function podsOf(service: Fields, pods: readonly Fields[]): readonly Fields[] {
	const selector = textMap(rec(service.spec).selector);
	if (Object.keys(selector).length === 0) return [];
	return pods.filter((p) => namespaceOf(p) === namespaceOf(service) && selects({ matchLabels: selector }, textMap(meta(p).labels)));
}

/** All targets, each address once: what is found by two ways is scraped twice by Prometheus, too, unless the labels are the same. */
export function targetsOf({ pods, services, podMonitors, serviceMonitors }: Found): readonly Target[] {
	return [
		...pods.flatMap((pod) => annotated(pod, pod, undefined)),
		...services
			.filter((s) => textMap(meta(s).annotations)[`${PREFIX}scrape`] === 'true')
			.flatMap((service) => podsOf(service, pods).flatMap((pod) => annotated(service, pod, service))),
		...podMonitors.flatMap((m) => pods.flatMap((pod) => monitoredPod(m, pod))),
		...serviceMonitors.flatMap((m) => services.flatMap((s) => monitoredService(m, s, pods))),
	];
}
