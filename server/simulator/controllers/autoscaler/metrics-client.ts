/** Asks the custom and external metrics APIs as the controller's clients do (`pkg/controller/podautoscaler/metrics`, `k8s.io/metrics/pkg/client`). */
import { readNow } from '../../apiserver/aggregator/ask.ts';
import { extensions } from '../../apiserver/aggregator/extensions.ts';
import { customs } from '../../apiserver/crd/customs.ts';
import { type Fields, rec, recs, str } from '../../apiserver/registry/fields.ts';
import { quantityMilli } from '../../apiserver/registry/quantity.ts';
import type { World } from '../../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../../services.ts';

const CUSTOM = 'custom.metrics.k8s.io';
const EXTERNAL = 'external.metrics.k8s.io';
/** Whom the API sees. */
const USER = SYSTEM_USERS.account('kube-system', 'horizontal-pod-autoscaler');

export interface Reference {
	readonly apiVersion?: string;
	readonly kind: string;
	readonly name: string;
}

/** Values in thousandths, or why there are none. */
export type Fetched<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

export class MetricsClient {
	readonly #services: Services;
	readonly #world: World;

	constructor(services: Services, world: World) {
		this.#services = services;
		this.#world = world;
	}

	/** The preferred version of the custom metrics API that is known here; undefined where nobody registered one. */
	#version(): string | undefined {
		const versions = extensions(this.#world)
			.filter((e) => e.group === CUSTOM)
			.sort((a, b) => b.versionPriority - a.versionPriority || (a.version < b.version ? 1 : -1));
		return versions.find((v) => v.version === 'v1beta2' || v.version === 'v1beta1')?.version;
	}

	/** `qualifier`: resource and name, as client-go adds them to an answer that is no Status of the server's own. */
	#get(url: string, qualifier: string): Fetched<Fields> {
		const { status, body } = readNow(this.#services, this.#world, url, USER);
		const answer = rec(body);
		if (status < 300) return { ok: true, value: answer };
		const said = answer['kind'] === 'Status' ? str(answer['message']) : '';
		const generic = status === 503 ? 'the server is currently unable to handle the request' : 'the server could not find the requested resource';
		if (said !== '' && said !== generic) return { ok: false, error: said };
		return { ok: false, error: `${generic} (get ${qualifier})` };
	}

	#custom(path: string, qualifier: string, query: string): Fetched<readonly Fields[]> {
		const why = (error: string): Fetched<never> => ({ ok: false, error: `unable to fetch metrics from custom metrics API: ${error}` });
		const version = this.#version();
		if (version === undefined) return why(`no custom metrics API (${CUSTOM}) registered`);
		const got = this.#get(`/apis/${CUSTOM}/${version}/${path}${query === '' ? '' : `?${query}`}`, qualifier);
		return got.ok ? { ok: true, value: recs(got.value['items']) } : why(got.error);
	}

	/** `deployments.apps` for a kind, as the mapper finds it. */
	#resourceOf({ apiVersion = 'v1', kind }: Reference): string | undefined {
		const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
		const known = [...this.#services.api.strategies, ...customs(this.#world).stored].find((s) => s.kind === kind && s.group === group);
		return known === undefined ? undefined : `${known.resource}${group === '' ? '' : `.${group}`}`;
	}

	/** Of the pods that the selector selects, by their names. */
	pods(metric: string, namespace: string, selector: string, metricSelector: string): Fetched<ReadonlyMap<string, number>> {
		const query = [`labelSelector=${encodeURIComponent(selector)}`, ...metricQuery(metricSelector)].join('&');
		const got = this.#custom(`namespaces/${namespace}/pods/*/${metric}`, `pods.${CUSTOM} *`, query);
		if (!got.ok) return got;
		if (got.value.length === 0) return { ok: false, error: 'no metrics returned from custom metrics API' };
		return { ok: true, value: new Map(got.value.map((m) => [str(rec(m['describedObject'])['name']), quantityMilli(m['value'])])) };
	}

	object(metric: string, namespace: string, reference: Reference, metricSelector: string): Fetched<number> {
		const isNamespace = reference.kind === 'Namespace' && !(reference.apiVersion ?? 'v1').includes('/');
		const resource = isNamespace ? 'metrics' : this.#resourceOf(reference);
		if (resource === undefined) {
			const error = `unable to fetch metrics from custom metrics API: unable to map kind ${reference.kind} to resource: no matches for kind "${reference.kind}" in group "${reference.apiVersion?.split('/')[0] ?? ''}"`;
			return { ok: false, error };
		}
		const path = isNamespace ? `namespaces/${namespace}/metrics/${metric}` : `namespaces/${namespace}/${resource}/${reference.name}/${metric}`;
		const got = this.#custom(path, `${resource}.${CUSTOM} ${isNamespace ? metric : reference.name}`, metricQuery(metricSelector).join('&'));
		if (!got.ok) return got;
		const [only] = got.value;
		if (only === undefined || got.value.length > 1) {
			const error = `unable to fetch metrics from custom metrics API: the custom metrics API server returned ${got.value.length} results when we asked for exactly one`;
			return { ok: false, error };
		}
		return { ok: true, value: quantityMilli(only['value']) };
	}

	/** The sum of all series of an external metric. */
	external(metric: string, namespace: string, selector: string): Fetched<number> {
		const query = selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`;
		const got = this.#get(`/apis/${EXTERNAL}/v1beta1/namespaces/${namespace}/${metric}${query}`, `${metric}.${EXTERNAL}`);
		if (!got.ok) return { ok: false, error: `unable to fetch metrics from external metrics API: ${got.error}` };
		const items = recs(got.value['items']);
		if (items.length === 0) return { ok: false, error: 'no metrics returned from external metrics API' };
		return { ok: true, value: items.reduce((n, m) => n + quantityMilli(m['value']), 0) };
	}
}

const metricQuery = (selector: string): readonly string[] => (selector === '' ? [] : [`metricLabelSelector=${encodeURIComponent(selector)}`]);
