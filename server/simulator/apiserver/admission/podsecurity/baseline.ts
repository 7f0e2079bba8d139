/** Checks of the Baseline level: `pod-security-admission/policy/check_*.go`. */
import { type Fields, isRecord, num, rec, recs, str, strs } from '../../registry/fields.ts';
import { allContainers, containersText, type Finding, namesWhere, plural, quoted, securityOf, settersText, sorted } from './texts.ts';

/** A check of a pod's spec (and annotations) under the policy of minor version `minor`. */
export type Check = (spec: Fields, minor: number, annotations: { readonly [key: string]: string }) => Finding | undefined;

/** A pod in a user namespace of its own may be root in there (since 1.35). */
export const hasOwnUsers = (spec: Fields, minor: number): boolean => minor >= 35 && spec.hostUsers === false;

const appArmorProfile: Check = (spec, _minor, annotations) => {
	const typeOf = (owner: Fields): string => str(rec(securityOf(owner).appArmorProfile).type);
	const bad = (owner: Fields): boolean => isRecord(securityOf(owner).appArmorProfile) && !['RuntimeDefault', 'Localhost'].includes(typeOf(owner));
	const podIsBad = bad(spec);
	const containers = namesWhere(spec, bad);
	const values = [...(podIsBad ? [typeOf(spec)] : []), ...allContainers(spec).filter(bad).map(typeOf)];
	const setters = podIsBad || containers.length > 0 ? [settersText(podIsBad, containers)] : [];
	const badAnnotations = Object.entries(annotations).filter(
		([k, v]) => k.startsWith('container.apparmor.security.beta.kubernetes.io/') && v !== '' && v !== 'runtime/default' && !v.startsWith('localhost/'),
	);
	if (badAnnotations.length > 0) {
		setters.push(
			`${plural('annotation', 'annotations', badAnnotations.length)} ${badAnnotations
				.map(([k, v]) => `${k}=${JSON.stringify(v)}`)
				.sort()
				.join(', ')}`,
		);
		values.push(...badAnnotations.map(([, v]) => v));
	}
	if (setters.length === 0) return undefined;
	const list = sorted(values);
	return {
		reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', list.length),
		detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(list)}`,
	};
};

const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
	'AUDIT_WRITE',
	'CHOWN',
	'DAC_OVERRIDE',
	'FOWNER',
	'FSETID',
	'KILL',
	'MKNOD',
	'NET_BIND_SERVICE',
	'SETFCAP',
	'SETGID',
	'SETPCAP',
	'SETUID',
	'SYS_CHROOT',
]);

const addedCapabilities = (container: Fields): readonly string[] => strs(rec(securityOf(container).capabilities).add);

const capabilities: Check = (spec) => {
	const beyond = (c: Fields): readonly string[] => addedCapabilities(c).filter((x) => !DEFAULT_CAPABILITIES.has(x));
	const bad = namesWhere(spec, (c) => beyond(c).length > 0);
	if (bad.length === 0) return undefined;
	const list = sorted(allContainers(spec).flatMap(beyond));
	return { reason: 'non-default capabilities', detail: `${containersText(bad)} must not include ${quoted(list)} in securityContext.capabilities.add` };
};

const hostNamespaces: Check = (spec) => {
	const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((f) => spec[f] === true);
	return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.map((f) => `${f}=true`).join(', ') };
};

const hostPathVolumes: Check = (spec) => {
	const bad = recs(spec.volumes).flatMap((v) => (isRecord(v.hostPath) ? [str(v.name)] : []));
	return bad.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', bad.length)} ${quoted(bad)}` };
};

const hostPorts: Check = (spec) => {
	const portsOf = (c: Fields): readonly string[] => recs(c.ports).flatMap((p) => (num(p.hostPort) === 0 ? [] : [String(num(p.hostPort))]));
	const bad = namesWhere(spec, (c) => portsOf(c).length > 0);
	if (bad.length === 0) return undefined;
	const list = sorted(allContainers(spec).flatMap(portsOf));
	const uses = plural('uses', 'use', bad.length);
	return { reason: 'hostPort', detail: `${containersText(bad)} ${uses} ${plural('hostPort', 'hostPorts', list.length)} ${list.join(', ')}` };
};

const hostProbesAndHostLifecycle: Check = (spec, minor) => {
	if (minor < 34) return undefined;
	const hosts = (handler: unknown): readonly string[] => [str(rec(rec(handler).httpGet).host), str(rec(rec(handler).tcpSocket).host)];
	const hostsOf = (c: Fields): readonly string[] => {
		const { postStart, preStop } = rec(c.lifecycle);
		return [c.livenessProbe, c.readinessProbe, c.startupProbe, postStart, preStop].flatMap(hosts).filter((h) => h !== '');
	};
	const bad = sorted(namesWhere(spec, (c) => hostsOf(c).length > 0));
	if (bad.length === 0) return undefined;
	const list = sorted(allContainers(spec).flatMap(hostsOf));
	const what = plural('probe or lifecycle host', 'probe or lifecycle hosts', list.length);
	return { reason: 'probe or lifecycle host', detail: `${containersText(bad)} ${plural('uses', 'use', bad.length)} ${what} ${quoted(list)}` };
};

const privileged: Check = (spec) => {
	const bad = namesWhere(spec, (c) => securityOf(c).privileged === true);
	return bad.length === 0 ? undefined : { reason: 'privileged', detail: `${containersText(bad)} must not set securityContext.privileged=true` };
};

/** The restricted level keeps this check for pods with users of their own. */
export const procMountStrict: Check = (spec) => {
	const typeOf = (c: Fields): string => str(securityOf(c).procMount, 'Default');
	const bad = namesWhere(spec, (c) => typeOf(c) !== 'Default');
	if (bad.length === 0) return undefined;
	const list = sorted(
		allContainers(spec)
			.map(typeOf)
			.filter((t) => t !== 'Default'),
	);
	return { reason: 'procMount', detail: `${containersText(bad)} must not set securityContext.procMount to ${quoted(list)}` };
};

const procMount: Check = (spec, minor, annotations) => (hasOwnUsers(spec, minor) ? undefined : procMountStrict(spec, minor, annotations));

const seLinuxOptions: Check = (spec, minor) => {
	const allowed = ['', 'container_t', 'container_init_t', 'container_kvm_t', ...(minor >= 31 ? ['container_engine_t'] : [])];
	const optionsOf = (owner: Fields): Fields => rec(securityOf(owner).seLinuxOptions);
	const bad = (owner: Fields): boolean => {
		const o = optionsOf(owner);
		return !allowed.includes(str(o.type)) || str(o.user) !== '' || str(o.role) !== '';
	};
	const containers = namesWhere(spec, bad);
	if (!bad(spec) && containers.length === 0) return undefined;
	const all = [spec, ...allContainers(spec)].map(optionsOf);
	const types = sorted(all.map((o) => str(o.type)).filter((t) => !allowed.includes(t)));
	const what = [
		...(types.length > 0 ? [`${plural('type', 'types', types.length)} ${quoted(types)}`] : []),
		...(all.some((o) => str(o.user) !== '') ? ['user may not be set'] : []),
		...(all.some((o) => str(o.role) !== '') ? ['role may not be set'] : []),
	];
	return { reason: 'seLinuxOptions', detail: `${settersText(bad(spec), containers)} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}` };
};

const seccompProfile: Check = (spec, minor) => {
	if (minor < 19) return undefined;
	const typeOf = (owner: Fields): string => str(rec(securityOf(owner).seccompProfile).type);
	const bad = (owner: Fields): boolean => isRecord(securityOf(owner).seccompProfile) && !['RuntimeDefault', 'Localhost'].includes(typeOf(owner));
	const containers = namesWhere(spec, bad);
	if (!bad(spec) && containers.length === 0) return undefined;
	const list = sorted([spec, ...allContainers(spec)].filter(bad).map(typeOf));
	return { reason: 'seccompProfile', detail: `${settersText(bad(spec), containers)} must not set securityContext.seccompProfile.type to ${quoted(list)}` };
};

/** Since when each sysctl counts as safe. */
const SAFE_SYSCTLS: { readonly [name: string]: number } = {
	'kernel.shm_rmid_forced': 0,
	'net.ipv4.ip_local_port_range': 0,
	'net.ipv4.tcp_syncookies': 0,
	'net.ipv4.ping_group_range': 0,
	'net.ipv4.ip_unprivileged_port_start': 0,
	'net.ipv4.ip_local_reserved_ports': 27,
	'net.ipv4.tcp_keepalive_time': 29,
	'net.ipv4.tcp_fin_timeout': 29,
	'net.ipv4.tcp_keepalive_intvl': 29,
	'net.ipv4.tcp_keepalive_probes': 29,
	'net.ipv4.tcp_rmem': 32,
	'net.ipv4.tcp_wmem': 32,
};

const sysctls: Check = (spec, minor) => {
	const bad = recs(securityOf(spec).sysctls)
		.map((s) => str(s.name))
		.filter((name) => minor < (SAFE_SYSCTLS[name] ?? Number.POSITIVE_INFINITY));
	return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
};

const windowsHostProcess: Check = (spec) => {
	const bad = (owner: Fields): boolean => rec(securityOf(owner).windowsOptions).hostProcess === true;
	const containers = namesWhere(spec, bad);
	if (!bad(spec) && containers.length === 0) return undefined;
	return { reason: 'hostProcess', detail: `${settersText(bad(spec), containers)} must not set securityContext.windowsOptions.hostProcess=true` };
};

/** By upstream's ids, in whose order they are evaluated. */
export const baselineChecks: { readonly [id: string]: Check } = {
	appArmorProfile,
	capabilities_baseline: capabilities,
	hostNamespaces,
	hostPathVolumes,
	hostPorts,
	hostProbesAndHostLifecycle,
	privileged,
	procMount,
	seLinuxOptions,
	seccompProfile_baseline: seccompProfile,
	sysctls,
	windowsHostProcess,
};
