/** Puts YAML manifests into a simulated cluster that is being prepared: through its API, as its administrator. */
import { parseAllDocuments } from 'yaml';
import { SYSTEM_USERS } from '../../simulator/services.ts';
import type { ApiResponse, ApiWireRequest } from '../../simulator/apiserver/wire.ts';

interface Manifest {
	readonly apiVersion?: string;
	readonly kind?: string;
	readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

interface Discovered {
	readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** How a request reaches the cluster: into a template directly, into a learner's sandbox by way of its journal. */
type Handle = (request: ApiWireRequest) => ApiResponse | undefined;

/**
 * Throws where a document is refused: a lab that cannot be set up is a fault of the lab.
 * `settle` lets a moment pass after each namespace: until it has its default ServiceAccount, pods are refused in it.
 */
export function applyManifests(handle: Handle, texts: readonly string[], settle: () => void = () => {}): void {
	for (const text of texts) {
		for (const document of parseAllDocuments(text, { version: '1.1' })) {
			const manifest = (document as { toJS(): unknown }).toJS() as Manifest | null;
			if (manifest === null) continue;
			create(handle, manifest);
			if (manifest.kind === 'Namespace') settle();
		}
	}
}

function create(handle: Handle, manifest: Manifest): void {
	const { apiVersion = '', kind = '' } = manifest;
	const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
	const found = (ask(handle, 'GET', base).json as Discovered).resources?.find((r) => r.kind === kind && !r.name.includes('/'));
	if (found === undefined) throw new Error(`no resource for ${apiVersion} ${kind}`);
	const path = found.namespaced ? `${base}/namespaces/${manifest.metadata?.namespace ?? 'default'}/${found.name}` : `${base}/${found.name}`;
	let answer = ask(handle, 'POST', path, JSON.stringify(manifest));
	// What the cluster brought along (a node, a policy) is changed, as `applyObjects` does.
	if (answer.status === 409)
		answer = ask(handle, 'PATCH', `${path}/${manifest.metadata?.name ?? ''}`, JSON.stringify(manifest), 'application/merge-patch+json');
	if (answer.status >= 300) throw new Error(`${kind} ${manifest.metadata?.name ?? ''}: ${JSON.stringify(answer.json ?? answer.text)}`);
}

function ask(handle: Handle, method: string, url: string, body?: string, type = 'application/json'): ApiResponse {
	const headers = { 'content-type': type, accept: 'application/json' };
	const response = handle({ method, url, headers, user: SYSTEM_USERS.admin, ...(body === undefined ? {} : { body }) });
	if (response === undefined) throw new Error(`no answer to ${method} ${url}`);
	return response;
}
