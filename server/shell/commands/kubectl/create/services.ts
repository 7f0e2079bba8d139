/** `create service …` and `create ingress`. */
import type { Obj } from '../client.ts';
import { CliError } from '../errors.ts';
import { array, type FlagSpec, type Flags, int, list, text } from '../flags.ts';
import type { Kube } from '../kube.ts';
import { type Generator, intOrString, oneName } from './generator.ts';

const TCP: FlagSpec = list('tcp');

const OUT_OF_RANGE = 'must be between 1 and 65535, inclusive';

function parsePorts(spec: string): { readonly port: number; readonly target: number | string } {
	const [first = '', second] = spec.split(':');
	const port = Number(first);
	if (!/^\d+$/.test(first) || port > 65535) throw new CliError(`strconv.ParseUint: parsing "${first}": invalid syntax`);
	if (second === undefined) return { port, target: port };
	const target = intOrString(second);
	const wrong = typeof target === 'number' ? (target < 1 || target > 65535 ? OUT_OF_RANGE : undefined) : portNameError(target);
	if (wrong !== undefined) throw new CliError(wrong);
	return { port, target };
}

/** IsValidPortName: all that is wrong, joined. */
function portNameError(name: string): string | undefined {
	const errors: string[] = [];
	if (name.length > 15) errors.push('must be no more than 15 characters');
	if (!/^[-a-z0-9]+$/.test(name)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
	if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)');
	if (name.includes('--')) errors.push('must not contain consecutive hyphens');
	if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen');
	return errors.length === 0 ? undefined : errors.join(',');
}

function servicePorts(flags: Flags, nodePort: number): Obj[] {
	return flags.list('tcp').map((spec) => {
		const { port, target } = parsePorts(spec);
		return { name: spec.replace(':', '-'), protocol: 'TCP', port, targetPort: target, ...(nodePort > 0 ? { nodePort } : {}) };
	});
}

function service(
	kube: Kube,
	args: readonly string[],
	flags: Flags,
	type: string,
	more: { readonly nodePort?: number; readonly spec?: Obj; readonly portless?: boolean } = {},
): Obj {
	const name = oneName(kube, args);
	const ports = servicePorts(flags, more.nodePort ?? 0);
	if (ports.length === 0 && more.portless !== true) throw new CliError('at least one tcp port specifier must be provided');
	return {
		kind: 'Service',
		apiVersion: 'v1',
		metadata: { name, labels: { app: name } },
		spec: { ...(ports.length > 0 ? { ports } : {}), selector: { app: name }, ...more.spec, type },
		status: { loadBalancer: {} },
	};
}

const base = (name: string, type: string) => ({ name, namespaced: true, failure: `failed to create ${type} service:` });

export const serviceGenerators: readonly Generator[] = [
	{
		...base('clusterip', 'ClusterIP'),
		flags: [TCP, text('clusterip')],
		build: (kube, args, flags) => {
			const ip = flags.str('clusterip');
			return service(kube, args, flags, 'ClusterIP', { portless: ip === 'None', ...(ip === '' ? {} : { spec: { clusterIP: ip } }) });
		},
	},
	{
		...base('externalname', 'ExternalName'),
		flags: [TCP, text('external-name')],
		required: ['external-name'],
		build: (kube, args, flags) => service(kube, args, flags, 'ExternalName', { portless: true, spec: { externalName: flags.str('external-name') } }),
	},
	{
		...base('loadbalancer', 'LoadBalancer'),
		flags: [TCP],
		build: (kube, args, flags) => service(kube, args, flags, 'LoadBalancer'),
	},
	{
		...base('nodeport', 'NodePort'),
		flags: [TCP, int('node-port', 0)],
		build: (kube, args, flags) => service(kube, args, flags, 'NodePort', { nodePort: flags.int('node-port') }),
	},
];

/** `host/path=service:port[,tls[=secret]]`. */
const RULE = /^(?<host>[^/=,]*)(?<path>\/[^=,]*)?=(?<service>[^:=,]+):(?<port>[^:=,]+)(?<options>(,tls(=[^,]*)?)?)$/;

const backend = (name: string, port: string): Obj => ({ service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } });

interface ParsedRule {
	readonly host: string;
	readonly path: Obj;
	readonly tls: string | undefined;
}

function parseRule(rule: string): ParsedRule {
	const groups = RULE.exec(rule)?.groups;
	if (groups === undefined || groups['path'] === undefined)
		throw new CliError(`rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`);
	const raw = groups['path'];
	const prefix = raw.endsWith('*');
	const path = prefix ? raw.slice(0, -1) || '/' : raw;
	const option = groups['options'] ?? '';
	return {
		host: groups['host'] ?? '',
		path: { path, pathType: prefix ? 'Prefix' : 'Exact', backend: backend(groups['service'] ?? '', groups['port'] ?? '') },
		tls: option === '' ? undefined : (option.split('=')[1] ?? ''),
	};
}

function rulesOf(parsed: readonly ParsedRule[]): { readonly rules: Obj[]; readonly tls: Obj[] } {
	const hosts = new Map<string, Obj[]>();
	const secrets = new Map<string, string[]>();
	for (const rule of parsed) {
		hosts.set(rule.host, [...(hosts.get(rule.host) ?? []), rule.path]);
		if (rule.tls === undefined) continue;
		const known = secrets.get(rule.tls) ?? [];
		if (rule.host !== '' && !known.includes(rule.host)) known.push(rule.host);
		secrets.set(rule.tls, known);
	}
	return {
		rules: [...hosts].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } })),
		tls: [...secrets].map(([secretName, names]) => ({ ...(names.length > 0 ? { hosts: names } : {}), ...(secretName === '' ? {} : { secretName }) })),
	};
}

export const ingress: Generator = {
	name: 'ingress',
	aliases: ['ing'],
	flags: [array('annotation'), text('class'), text('default-backend'), array('rule')],
	namespaced: true,
	failure: 'failed to create ingress:',
	build(kube, args, flags) {
		const name = oneName(kube, args);
		const fallback = flags.str('default-backend');
		if (fallback === '' && flags.list('rule').length === 0) {
			throw new CliError(
				'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
			);
		}
		const { rules, tls } = rulesOf(flags.list('rule').map(parseRule));
		const annotations: Record<string, string> = {};
		for (const a of flags.list('annotation')) {
			const eq = a.indexOf('=');
			if (eq <= 0) throw new CliError(`annotation ${a} is invalid and should be in format key=[value]`);
			annotations[a.slice(0, eq)] = a.slice(eq + 1);
		}
		const [service_ = '', port = ''] = fallback.split(':');
		if (fallback !== '' && (service_ === '' || port === '')) throw new CliError('default-backend should be in format servicename:serviceport');
		return {
			kind: 'Ingress',
			apiVersion: 'networking.k8s.io/v1',
			metadata: { name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
			spec: {
				...(flags.str('class') === '' ? {} : { ingressClassName: flags.str('class') }),
				...(fallback === '' ? {} : { defaultBackend: backend(service_, port) }),
				...(tls.length > 0 ? { tls } : {}),
				...(rules.length > 0 ? { rules } : {}),
			},
			status: { loadBalancer: {} },
		};
	},
};
