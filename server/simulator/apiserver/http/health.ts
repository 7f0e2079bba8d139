/** `/livez`, `/readyz`, `/healthz`: `apiserver/pkg/server/healthz`, with the checks that kube-apiserver installs. */
import type { World } from '../../kernel/world.ts';
import { encryptionConfig } from '../config/control-plane.ts';
import { kmsChecks } from '../encryption/kms.ts';
import type { ApiResponse } from '../wire.ts';
import type { Query } from './query.ts';
import { textAnswer } from './respond.ts';

const hooks = (...names: readonly string[]): readonly string[] => names.map((name) => `poststarthook/${name}`);

const STARTED: readonly string[] = [
	...hooks(
		'start-apiserver-admission-initializer',
		'generic-apiserver-start-informers',
		'priority-and-fairness-config-consumer',
		'priority-and-fairness-filter',
		'storage-object-count-tracker-hook',
		'start-apiextensions-informers',
		'start-apiextensions-controllers',
		'crd-informer-synced',
		'start-system-namespaces-controller',
		'start-cluster-authentication-info-controller',
		'start-kube-apiserver-identity-lease-controller',
		'start-kube-apiserver-identity-lease-garbage-collector',
		'start-legacy-token-tracking-controller',
		'start-service-ip-repair-controllers',
		'rbac/bootstrap-roles',
		'scheduling/bootstrap-system-priority-classes',
		'priority-and-fairness-config-producer',
		'bootstrap-controller',
		'start-kubernetes-service-cidr-controller',
		'aggregator-reload-proxy-client-cert',
		'start-kube-aggregator-informers',
		'apiservice-status-local-available-controller',
		'apiservice-status-remote-available-controller',
		'apiservice-registration-controller',
		'apiservice-discovery-controller',
		'kube-apiserver-autoregistration',
	),
	'autoregister-completion',
	...hooks('apiservice-openapi-controller', 'apiservice-openapiv3-controller'),
];

interface Check {
	readonly name: string;
	readonly ok: boolean;
}

const PROBES: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz']);

/** A probe's checks, in the order in which upstream lists them. */
function checksOf(world: World, probe: string): readonly Check[] {
	const well = (name: string): Check => ({ name, ok: true });
	const ready = probe === 'readyz';
	return [
		...['ping', 'log', 'etcd'].map(well),
		...kmsChecks(world, encryptionConfig(world)),
		...(ready ? ['etcd-readiness', 'informer-sync'].map(well) : []),
		...STARTED.map(well),
		...(ready ? [well('shutdown')] : []),
	];
}

/** One check by its path (`/livez/etcd`), the probe as a whole, or undefined where there is no such check. */
export function serveHealth(world: World, path: string, query: Query): ApiResponse | undefined {
	const [probe = '', ...rest] = path.slice(1).split('/');
	if (!PROBES.has(probe)) return undefined;
	const checks = checksOf(world, probe);
	if (rest.length === 0) return whole(probe, checks, query);
	const check = checks.find((c) => c.name === rest.join('/'));
	if (check === undefined) return undefined;
	return check.ok ? textAnswer(200, 'ok') : textAnswer(500, `internal server error: ${check.name} is not well\n`);
}

/** Every check's line where the probe failed or was asked for them; failed checks keep their reasons to themselves. */
function whole(probe: string, checks: readonly Check[], query: Query): ApiResponse {
	const excluded = new Set(query['exclude'] ?? []);
	const failed = checks.some((c) => !c.ok && !excluded.has(c.name));
	if (!failed && query['verbose'] === undefined) return textAnswer(200, 'ok');
	const lines = checks.map(({ name, ok }) => {
		if (excluded.has(name)) return `[+]${name} excluded: ok\n`;
		return ok ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`;
	});
	const unknown = [...excluded].filter((name) => !checks.some((c) => c.name === name));
	if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map((n) => JSON.stringify(n)).join(', ')}\n`);
	return textAnswer(failed ? 500 : 200, `${lines.join('')}${probe} check ${failed ? 'failed' : 'passed'}\n`);
}
