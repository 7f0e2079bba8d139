/** `/etc/hosts`, `/etc/hostname` and `/etc/resolv.conf` as the kubelet writes them for a pod. */
import type { World } from '../kernel/world.ts';
import { resolverConfig, resolvText } from '../network/resolver.ts';
import { SYSTEM_USERS, type Services } from '../services.ts';
import { asPod } from './pod.ts';
import type { RuntimeConfig } from './state.ts';

/** kubelet_pods.go managedHostsFileContent. */
function hostsText(world: World, services: Services, config: RuntimeConfig): string {
	const object = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/pods', config.namespace, config.podName);
	const spec = object === undefined ? undefined : asPod(object).spec;
	const lines = [
		config.hostNetwork ? '# Kubernetes-managed hosts file (host network).' : '# Kubernetes-managed hosts file.',
		'127.0.0.1\tlocalhost',
		'::1\tlocalhost ip6-localhost ip6-loopback',
		'fe00::0\tip6-localnet',
		'fe00::0\tip6-mcastprefix',
		'fe00::1\tip6-allnodes',
		'fe00::2\tip6-allrouters',
	];
	const short = spec?.setHostnameAsFQDN === true ? (config.hostname.split('.')[0] ?? '') : config.hostname;
	const domain = spec?.subdomain === undefined ? '' : `${short}.${spec.subdomain}.${config.namespace}.svc.cluster.local\t`;
	lines.push(`${config.podIP}\t${domain}${short}`);
	if (spec?.hostAliases !== undefined && spec.hostAliases.length > 0) {
		lines.push('', '# Entries added by HostAliases.');
		for (const alias of spec.hostAliases) lines.push(`${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`);
	}
	return `${lines.join('\n')}\n`;
}

export function managedFile(world: World, services: Services, uid: string, config: RuntimeConfig, file: 'hosts' | 'hostname' | 'resolv.conf'): string {
	switch (file) {
		case 'hostname':
			return `${config.hostname}\n`;
		case 'hosts':
			return hostsText(world, services, config);
		case 'resolv.conf':
			return resolvText(resolverConfig(world, services, { kind: 'pod', uid }));
	}
}
