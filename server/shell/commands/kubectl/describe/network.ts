/** Services, ingresses, network policies, endpoints. */
import type { Obj } from '../client.ts';
import { StatusError } from '../errors.ts';
import type { Kube } from '../kube.ts';
import { type Doc, formatLabels, formatSelector } from './writer.ts';

/** How many addresses are listed before `+ N more...`. */
const SHOWN = 3;

function formatSlices(slices: readonly Obj[], portName: string): string {
	if (slices.length === 0) return '<none>';
	const all: string[] = [];
	const ready = (e: Obj): boolean => e.conditions?.ready !== false;
	for (const slice of slices) {
		const endpoints = ((slice.endpoints ?? []) as Obj[]).filter(ready);
		const ports = (slice.ports ?? []) as Obj[];
		if (ports.length === 0) all.push(...endpoints.map((e) => String(e.addresses[0])));
		for (const p of ports)
			if ((p.name ?? '') === portName)
				all.push(...endpoints.map((e) => `${String(e.addresses[0]).includes(':') ? `[${e.addresses[0]}]` : e.addresses[0]}:${p.port}`));
	}
	const list = all.slice(0, SHOWN).join(',');
	return all.length > SHOWN ? `${list} + ${all.length - SHOWN} more...` : list;
}

async function slicesOf(kube: Kube, namespace: string, service: string): Promise<readonly Obj[]> {
	const answer = await kube.client.json(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
		query: { labelSelector: `kubernetes.io/service-name=${service}` },
	});
	return (answer['items'] ?? []) as Obj[];
}

export async function describeService(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	const { spec, status = {} } = o;
	doc.head(o).field(0, 'Selector', formatLabels(spec.selector)).field(0, 'Type', spec.type);
	if (spec.ipFamilyPolicy) doc.field(0, 'IP Family Policy', spec.ipFamilyPolicy);
	doc
		.field(0, 'IP Families', (spec.ipFamilies ?? []).join(',') || '<none>')
		.field(0, 'IP', spec.clusterIP ?? '')
		.field(0, 'IPs', (spec.clusterIPs ?? []).join(',') || '<none>');
	if ((spec.externalIPs ?? []).length > 0) doc.field(0, 'External IPs', spec.externalIPs.join(','));
	if (spec.loadBalancerIP) doc.field(0, 'Desired LoadBalancer IP', spec.loadBalancerIP);
	if (spec.externalName) doc.field(0, 'External Name', spec.externalName);
	const ingress = (status.loadBalancer?.ingress ?? []) as Obj[];
	if (ingress.length > 0)
		doc.field(0, 'LoadBalancer Ingress', ingress.map((i) => (i.ip ? `${i.ip}${i.ipMode ? ` (${i.ipMode})` : ''}` : i.hostname)).join(', '));
	const slices = await slicesOf(kube, o.metadata?.namespace ?? '', o.metadata?.name ?? '');
	for (const p of (spec.ports ?? []) as Obj[]) {
		const name = p.name || '<unset>';
		const protocol = p.protocol ?? 'TCP';
		doc.field(0, 'Port', `${name}\t${p.port}/${protocol}`).field(0, 'TargetPort', `${p.targetPort ?? p.port}/${protocol}`);
		if (p.appProtocol) doc.field(0, 'AppProtocol', p.appProtocol);
		if (p.nodePort) doc.field(0, 'NodePort', `${name}\t${p.nodePort}/${protocol}`);
		doc.field(0, 'Endpoints', formatSlices(slices, p.name ?? ''));
	}
	doc.field(0, 'Session Affinity', spec.sessionAffinity ?? '');
	if (spec.externalTrafficPolicy) doc.field(0, 'External Traffic Policy', spec.externalTrafficPolicy);
	if (spec.internalTrafficPolicy) doc.field(0, 'Internal Traffic Policy', spec.internalTrafficPolicy);
	if (spec.healthCheckNodePort) doc.field(0, 'HealthCheck NodePort', spec.healthCheckNodePort);
	if ((spec.loadBalancerSourceRanges ?? []).length > 0) doc.field(0, 'LoadBalancer Source Ranges', spec.loadBalancerSourceRanges.join(','));
	if (spec.trafficDistribution) doc.field(0, 'Traffic Distribution', spec.trafficDistribution);
}

async function backendText(kube: Kube, namespace: string, backend: Obj): Promise<string> {
	const { service, resource } = backend;
	if (resource) return `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}`;
	if (!service) return '';
	const text = `${service.name}:${service.port?.number ?? service.port?.name ?? ''}`;
	try {
		const slices = await slicesOf(kube, namespace, service.name);
		const found = await kube.client.json(`/api/v1/namespaces/${namespace}/services/${service.name}`);
		const port = ((found.spec?.ports ?? []) as Obj[]).find((p) => (service.port?.number ? p.port === service.port.number : p.name === service.port?.name));
		return `${text} (${formatSlices(slices, port?.name ?? '')})`;
	} catch (err) {
		if (err instanceof StatusError) return `${text} (<error: ${err.message}>)`;
		throw err;
	}
}

export async function describeIngress(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	const { spec } = o;
	const namespace = o.metadata?.namespace ?? '';
	const addresses = ((o.status?.loadBalancer?.ingress ?? []) as Obj[]).map((i) => String(i.ip ?? i.hostname ?? ''));
	doc.field(0, 'Name', o.metadata?.name).labels('Labels', o.metadata?.labels).field(0, 'Namespace', namespace);
	doc.field(0, 'Address', [...new Set(addresses)].sort().join(',')).field(0, 'Ingress Class', spec.ingressClassName ?? '<none>');
	const fallback = spec.defaultBackend ? await backendText(kube, namespace, spec.defaultBackend) : '<default>';
	doc.field(0, 'Default backend', fallback);
	const tls = (spec.tls ?? []) as Obj[];
	if (tls.length > 0) doc.line(0, 'TLS:');
	for (const t of tls) doc.line(1, t.secretName ? `${t.secretName} terminates ${(t.hosts ?? []).join(',')}` : `SNI routes ${(t.hosts ?? []).join(',')}`);
	doc.line(0, 'Rules:').line(1, 'Host\tPath\tBackends').line(1, '----\t----\t--------');
	const rules = ((spec.rules ?? []) as Obj[]).filter((r) => r.http);
	for (const rule of rules) {
		doc.line(1, `${rule.host || '*'}\t`);
		for (const p of (rule.http.paths ?? []) as Obj[]) doc.line(2, `\t${p.path ?? ''} \t${await backendText(kube, namespace, p.backend)}`);
	}
	if (rules.length === 0) doc.line(1, `*\t*\t${fallback}`);
	doc.annotations('Annotations', o.metadata?.annotations);
}

export function describeIngressClass(doc: Doc, o: Obj): void {
	doc
		.field(0, 'Name', o.metadata?.name)
		.labels('Labels', o.metadata?.labels)
		.annotations('Annotations', o.metadata?.annotations)
		.field(0, 'Controller', o.spec?.controller);
}

function peers(doc: Doc, title: 'From' | 'To', all: readonly Obj[] | undefined): void {
	const pad = '    ';
	if ((all ?? []).length === 0) {
		doc.line(0, `${pad}${title}: <any> (traffic not restricted by ${title === 'From' ? 'source' : 'destination'})`);
		return;
	}
	for (const peer of all ?? []) {
		doc.line(0, `${pad}${title}:`);
		if (peer.namespaceSelector) doc.line(1, `${pad}NamespaceSelector: ${formatSelector(peer.namespaceSelector)}`);
		if (peer.podSelector) doc.line(1, `${pad}PodSelector: ${formatSelector(peer.podSelector)}`);
		if (peer.ipBlock)
			doc
				.line(1, `${pad}IPBlock:`)
				.line(2, `${pad}CIDR: ${peer.ipBlock.cidr}`)
				.line(2, `${pad}Except: ${(peer.ipBlock.except ?? []).join(', ')}`);
	}
}

function policyRules(doc: Doc, direction: 'ingress' | 'egress', rules: readonly Obj[]): void {
	const pad = '    ';
	if (rules.length === 0) doc.line(0, `${pad}<none> (Selected pods are isolated for ${direction} connectivity)`);
	rules.forEach((rule, i) => {
		const ports = (rule.ports ?? []) as Obj[];
		if (ports.length === 0) doc.line(0, `${pad}To Port: <any> (traffic allowed to all ports)`);
		for (const p of ports) {
			const port = p.port ?? '<nil>';
			doc.line(
				0,
				p.endPort === undefined ? `${pad}To Port: ${port}/${p.protocol ?? 'TCP'}` : `${pad}To Port Range: ${port}-${p.endPort}/${p.protocol ?? 'TCP'}`,
			);
		}
		if (direction === 'ingress') peers(doc, 'From', rule.from);
		else peers(doc, 'To', rule.to);
		if (i < rules.length - 1) doc.line(0, `${pad}----------`);
	});
}

export function describeNetworkPolicy(doc: Doc, o: Obj): void {
	const { spec } = o;
	const created = String(o.metadata?.creationTimestamp ?? '')
		.replace('T', ' ')
		.replace('Z', ' +0000 UTC');
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace).field(0, 'Created on', created);
	doc.labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations).line(0, 'Spec:');
	const selector = formatSelector(spec.podSelector);
	doc.raw(`  PodSelector:     ${selector === '<none>' ? '<none> (Allowing the specific traffic to all pods in this namespace)' : selector}\n`);
	const types = (spec.policyTypes ?? []) as string[];
	if (types.includes('Ingress')) {
		doc.line(1, 'Allowing ingress traffic:');
		policyRules(doc, 'ingress', spec.ingress ?? []);
	} else doc.line(1, 'Not affecting ingress traffic');
	if (types.includes('Egress')) {
		doc.line(1, 'Allowing egress traffic:');
		policyRules(doc, 'egress', spec.egress ?? []);
	} else doc.line(1, 'Not affecting egress traffic');
	doc.line(1, `Policy Types: ${types.join(', ') || '<none>'}`);
}

export function describeEndpoints(doc: Doc, o: Obj): void {
	doc.head(o).line(0, 'Subsets:');
	const ips = (list: readonly Obj[] | undefined): string => (list ?? []).map((a) => a.ip).join(',') || '<none>';
	for (const s of (o.subsets ?? []) as Obj[]) {
		doc.field(1, 'Addresses', ips(s.addresses)).field(1, 'NotReadyAddresses', ips(s.notReadyAddresses));
		const ports = (s.ports ?? []) as Obj[];
		if (ports.length > 0) doc.line(1, 'Ports:').line(2, 'Name\tPort\tProtocol').line(2, '----\t----\t--------');
		for (const p of ports) doc.line(2, `${p.name || '<unset>'}\t${p.port}\t${p.protocol ?? 'TCP'}`);
		doc.line(0, '');
	}
}

export function describeEndpointSlice(doc: Doc, o: Obj): void {
	doc.head(o).field(0, 'AddressType', o.addressType);
	const ports = (o.ports ?? []) as Obj[];
	if (ports.length === 0) doc.line(0, 'Ports: <unset>');
	else doc.line(0, 'Ports:').line(1, 'Name\tPort\tProtocol').line(1, '----\t----\t--------');
	for (const p of ports) doc.line(1, `${p.name || '<unset>'}\t${p.port ?? '<unset>'}\t${p.protocol}`);
	const endpoints = (o.endpoints ?? []) as Obj[];
	doc.line(0, endpoints.length === 0 ? 'Endpoints: <none>' : 'Endpoints:');
	for (const e of endpoints) {
		doc
			.field(1, '- Addresses', (e.addresses ?? []).join(', ') || '<none>')
			.line(2, 'Conditions:')
			.field(3, 'Ready', e.conditions?.ready ?? '<unset>');
		doc.field(2, 'Hostname', e.hostname ?? '<unset>');
		if (e.targetRef) doc.field(2, 'TargetRef', `${e.targetRef.kind}/${e.targetRef.name}`);
		doc.field(2, 'NodeName', e.nodeName ?? '<unset>').field(2, 'Zone', e.zone ?? '<unset>');
	}
}
