/** The grader's own client of the Kubernetes API, over the one seam that everybody uses. */
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';

/** An object as the API gives it. Checks read what they expect and treat everything as perhaps missing. */
export interface KubeObject {
	readonly apiVersion?: string;
	readonly kind?: string;
	readonly metadata: {
		readonly name: string;
		readonly namespace?: string;
		readonly uid?: string;
		readonly labels?: { readonly [k: string]: string };
		readonly annotations?: { readonly [k: string]: string };
		readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string; readonly controller?: boolean }[];
		readonly deletionTimestamp?: string;
		readonly generation?: number;
	};
	// biome-ignore lint/suspicious/noExplicitAny: Kubernetes objects are read by path; every check guards what it reads.
	readonly spec?: any;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	readonly status?: any;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	readonly [field: string]: any;
}

export interface ApiAnswer {
	readonly ok: boolean;
	/** HTTP status. */
	readonly status: number;
	readonly body: KubeObject;
	/** The server's message where it refused. */
	readonly message: string;
	/** Texts of Warning headers. */
	readonly warnings: readonly string[];
}

export interface ExecResult {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number;
}

/** Names a resource as `v1/pods` or `apps/v1/deployments`. */
export type ResourceName = string;

function pathOf(resource: ResourceName, namespace: string | undefined, name?: string, subresource?: string): string {
	const parts = resource.split('/');
	const plural = parts.at(-1) ?? '';
	const version = parts.slice(0, -1).join('/');
	const root = parts.length === 2 ? `/api/${version}` : `/apis/${version}`;
	const ns = namespace === undefined ? '' : `/namespaces/${namespace}`;
	return `${root}${ns}/${plural}${name === undefined ? '' : `/${name}`}${subresource === undefined ? '' : `/${subresource}`}`;
}

function warningsOf(response: Response): string[] {
	const text = response.headers.get('warning');
	return text === null ? [] : [...text.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map((m) => (m[1] ?? '').replace(/\\(.)/g, '$1'));
}

export class ApiReader {
	private readonly cluster: ClusterEndpoint;

	constructor(cluster: ClusterEndpoint) {
		this.cluster = cluster;
	}

	async call(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<ApiAnswer> {
		const response = await this.cluster.fetch(
			new Request(`http://cluster${path}`, {
				method,
				headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': contentType }) },
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
			}),
		);
		const text = await response.text();
		let parsed: KubeObject;
		try {
			parsed = JSON.parse(text) as KubeObject;
		} catch {
			parsed = { metadata: { name: '' }, message: text.slice(0, 200) };
		}
		return {
			ok: response.ok,
			status: response.status,
			body: parsed,
			message: response.ok ? '' : String(parsed['message'] ?? response.status),
			warnings: warningsOf(response),
		};
	}

	/** Undefined where it does not exist. Throws where the cluster can't be read. */
	async get(resource: ResourceName, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
		const a = await this.call('GET', pathOf(resource, namespace, name));
		if (a.ok) return a.body;
		if (a.status === 404) return undefined;
		throw new Error(`reading ${resource} ${name}: ${a.message}`);
	}

	/** Without a namespace: those of all namespaces. */
	async list(resource: ResourceName, namespace?: string, labelSelector?: string): Promise<readonly KubeObject[]> {
		const query = labelSelector === undefined ? '' : `?labelSelector=${encodeURIComponent(labelSelector)}`;
		const a = await this.call('GET', pathOf(resource, namespace) + query);
		if (!a.ok) throw new Error(`listing ${resource}: ${a.message}`);
		return (a.body['items'] ?? []) as readonly KubeObject[];
	}

	create(resource: ResourceName, namespace: string | undefined, object: unknown, options: { readonly dryRun?: boolean } = {}): Promise<ApiAnswer> {
		return this.call('POST', `${pathOf(resource, namespace)}${options.dryRun ? '?dryRun=All' : ''}`, object);
	}

	/** Posts to a subresource (eviction, token, binding). */
	post(resource: ResourceName, namespace: string | undefined, name: string, subresource: string, body: unknown): Promise<ApiAnswer> {
		return this.call('POST', pathOf(resource, namespace, name, subresource), body);
	}

	/** A merge patch, or a strategic one. */
	patch(
		resource: ResourceName,
		namespace: string | undefined,
		name: string,
		patch: unknown,
		options: { readonly dryRun?: boolean; readonly strategic?: boolean; readonly subresource?: string } = {},
	): Promise<ApiAnswer> {
		const type = options.strategic ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json';
		return this.call('PATCH', `${pathOf(resource, namespace, name, options.subresource)}${options.dryRun ? '?dryRun=All' : ''}`, patch, type);
	}

	delete(resource: ResourceName, namespace: string | undefined, name: string, body?: unknown): Promise<ApiAnswer> {
		return this.call('DELETE', pathOf(resource, namespace, name), body);
	}

	/** A JSON Patch, written as this field manager. */
	jsonPatch(resource: ResourceName, namespace: string | undefined, name: string, operations: readonly object[], manager: string): Promise<ApiAnswer> {
		return this.call('PATCH', `${pathOf(resource, namespace, name)}?fieldManager=${manager}`, operations, 'application/json-patch+json');
	}

	/** What a container has written; that of its run before with `previous`. Empty where there is nothing to be had. */
	async logs(namespace: string, pod: string, options: { readonly container?: string; readonly previous?: boolean } = {}): Promise<string> {
		const query = new URLSearchParams({
			...(options.container === undefined ? {} : { container: options.container }),
			...(options.previous === true ? { previous: 'true' } : {}),
		});
		const response = await this.cluster.fetch(new Request(`http://cluster${pathOf('v1/pods', namespace, pod, 'log')}?${query}`));
		const text = await response.text();
		return response.ok ? text : '';
	}

	/** May this user do that? Asked of the cluster itself (SubjectAccessReview). */
	async mayUser(user: string, groups: readonly string[], verb: string, resource: string, namespace: string, group = ''): Promise<boolean> {
		const a = await this.create('authorization.k8s.io/v1/subjectaccessreviews', undefined, {
			apiVersion: 'authorization.k8s.io/v1',
			kind: 'SubjectAccessReview',
			spec: { user, groups, resourceAttributes: { verb, resource, namespace, group } },
		});
		if (!a.ok) throw new Error(`asking for permissions of ${user}: ${a.message}`);
		return a.body.status?.allowed === true;
	}

	/** Runs a command in a container. Throws `ClusterRefusal` where the cluster refuses. */
	async exec(namespace: string, pod: string, command: readonly string[], container?: string): Promise<ExecResult> {
		const query = new URLSearchParams([
			...command.map((c): [string, string] => ['command', c]),
			['stdout', 'true'],
			['stderr', 'true'],
			...(container === undefined ? [] : [['container', container] as [string, string]]),
		]);
		const socket = await this.cluster.connect(new Request(`http://cluster${pathOf('v1/pods', namespace, pod, 'exec')}?${query}`));
		const decoder = new TextDecoder();
		let stdout = '';
		let stderr = '';
		let status = '';
		await new Promise<void>((resolve) => {
			socket.onMessage((channel, data) => {
				const text = decoder.decode(data);
				if (channel === 1) stdout += text;
				else if (channel === 2) stderr += text;
				else if (channel === 3) status += text;
			});
			socket.onClose(resolve);
		});
		return { stdout, stderr, exitCode: exitCodeOf(status) };
	}
}

/** The exit code inside the Status that ends an exec. */
function exitCodeOf(status: string): number {
	if (status === '') return 0;
	try {
		const s = JSON.parse(status) as {
			readonly status?: string;
			readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
		};
		if (s.status === 'Success') return 0;
		return Number(s.details?.causes?.find((c) => c.reason === 'ExitCode')?.message ?? 1);
	} catch {
		return 1;
	}
}
