/** Rules for services: ValidateService, ValidateServiceUpdate. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Label, checkDns1123Subdomain, duplicateValue, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { type Fields, num, recs, specOf, str, strs } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';
import { isIP } from '../validation/names.ts';
import { isPort, PORT_RANGE } from '../validation/numbers.ts';
import { labelsErrors } from '../validation/selectors.ts';
import { portOrNameErrors } from './probe-validation.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

function portErrors(port: Fields, field: string, needsName: boolean, names: Set<string>): readonly FieldError[] {
	const out: FieldError[] = [];
	const name = str(port.name);
	if (needsName && name === '') out.push(requiredValue(`${field}.name`));
	else if (name !== '') {
		out.push(...invalidEach(`${field}.name`, name, checkDns1123Label(name)));
		if (names.has(name)) out.push(duplicateValue(`${field}.name`, name));
		names.add(name);
	}
	if (!isPort(port.port)) out.push(invalidValue(`${field}.port`, num(port.port), PORT_RANGE));
	if (!PROTOCOLS.includes(str(port.protocol))) out.push(notSupportedValue(`${field}.protocol`, port.protocol, PROTOCOLS));
	return [...out, ...portOrNameErrors(`${field}.targetPort`, port.targetPort)];
}

/** A ServicePort of Go's internal type, as its errors print it. */
const goPort = (protocol: unknown, port: number, nodePort: number): Fields => ({
	Name: '',
	Protocol: protocol,
	AppProtocol: null,
	Port: port,
	TargetPort: 0,
	NodePort: nodePort,
});

function portsErrors(spec: Fields): readonly FieldError[] {
	const ports = recs(spec.ports);
	const out: FieldError[] = [];
	if (ports.length === 0 && spec.clusterIP !== 'None' && spec.type !== 'ExternalName') out.push(requiredValue('spec.ports'));
	const names = new Set<string>();
	const nodePorts = new Set<string>();
	const pairs = new Set<string>();
	for (const [i, port] of ports.entries()) {
		const field = `spec.ports[${i}]`;
		out.push(...portErrors(port, field, ports.length > 1, names));
		const nodePort = num(port.nodePort);
		if (nodePort !== 0) {
			if (spec.type === 'ClusterIP') out.push(forbiddenValue(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
			const key = `${nodePort}/${str(port.protocol)}`;
			if (nodePorts.has(key)) out.push(duplicateValue(`${field}.nodePort`, nodePort));
			nodePorts.add(key);
		}
		const pair = `${num(port.port)}/${str(port.protocol)}`;
		if (pairs.has(pair)) out.push(duplicateValue(field, goPort(port.protocol, num(port.port), 0)));
		pairs.add(pair);
	}
	return out;
}

function addressErrors(spec: Fields): readonly FieldError[] {
	const out: FieldError[] = [];
	const addresses = strs(spec.clusterIPs);
	if (spec.type === 'LoadBalancer' && addresses[0] === 'None') {
		out.push(invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services"));
	}
	if (spec.type === 'NodePort' && addresses[0] === 'None') {
		out.push(invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services"));
	}
	for (const [i, ip] of addresses.entries()) if (ip !== 'None' && !isIP(ip)) out.push(invalidValue(`spec.clusterIPs[${i}]`, ip, IP_TEXT));
	for (const [i, ip] of strs(spec.externalIPs).entries()) {
		if (!isIP(ip)) out.push(invalidValue(`spec.externalIPs[${i}]`, ip, IP_TEXT));
		else if (ip.startsWith('127.') || ip === '0.0.0.0')
			out.push(invalidValue(`spec.externalIPs[${i}]`, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
	}
	return out;
}

export function serviceErrors(service: KubeObject): readonly FieldError[] {
	const spec = specOf(service);
	const type = str(spec.type);
	const out = [...portsErrors(spec)];
	if (spec.sessionAffinity !== 'None' && spec.sessionAffinity !== 'ClientIP') {
		out.push(notSupportedValue('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
	}
	out.push(...labelsErrors(spec.selector, 'spec.selector'), ...addressErrors(spec));
	if (type === '') out.push(requiredValue('spec.type'));
	else if (!TYPES.includes(type)) out.push(notSupportedValue('spec.type', type, TYPES));
	if (type === 'ExternalName') {
		const name = str(spec.externalName);
		if (name === '') out.push(requiredValue('spec.externalName'));
		else out.push(...invalidEach('spec.externalName', name, checkDns1123Subdomain(name.toLowerCase().replace(/\.$/, ''))));
	}
	const outward = type === 'NodePort' || type === 'LoadBalancer' || strs(spec.externalIPs).length > 0;
	const policy = spec.externalTrafficPolicy;
	if (policy !== undefined && !outward) {
		out.push(invalidValue('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services'));
	} else if (policy !== undefined && policy !== 'Cluster' && policy !== 'Local') {
		out.push(notSupportedValue('spec.externalTrafficPolicy', policy, ['Cluster', 'Local']));
	}
	const inner = spec.internalTrafficPolicy;
	if (inner !== undefined && inner !== 'Cluster' && inner !== 'Local') out.push(notSupportedValue('spec.internalTrafficPolicy', inner, ['Cluster', 'Local']));
	return out;
}

export function serviceUpdateErrors(service: KubeObject, old: KubeObject): readonly FieldError[] {
	const [now, before] = [specOf(service), specOf(old)];
	if (now.type === 'ExternalName' || before.type === 'ExternalName') return [];
	if (strs(before.clusterIPs).length === 0 || sameData(strs(now.clusterIPs)[0], strs(before.clusterIPs)[0])) return [];
	return [invalidValue('spec.clusterIPs[0]', strs(now.clusterIPs), 'may not change once set')];
}

/** What a headless service is given in vain: `pkg/api/service/warnings.go`. */
export function serviceWarnings(service: KubeObject): readonly string[] {
	const spec = specOf(service);
	if (spec.clusterIP !== 'None') return [];
	const out: string[] = [];
	if (str(spec.loadBalancerIP) !== '') out.push('spec.loadBalancerIP is ignored for headless services');
	if (strs(spec.externalIPs).length > 0) out.push('spec.externalIPs is ignored for headless services');
	if (spec.sessionAffinity !== undefined && spec.sessionAffinity !== 'None') out.push('spec.SessionAffinity is ignored for headless services');
	return out;
}
