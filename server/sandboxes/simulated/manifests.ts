/** Puts YAML manifests into a simulated cluster that is being prepared: through its API, as its administrator. */
import { parseAllDocuments } from 'yaml';
import { SYSTEM_USERS } from '../../simulator/services.ts';
import type { Simulator } from '../../simulator/simulator.ts';

interface Manifest {
	readonly apiVersion?: string;
	readonly kind?: string;
	readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

interface Discovered {
	readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** Throws where a document is refused: a lab that cannot be set up is a fault of the lab. */
export function applyManifests(simulator: Simulator, texts: readonly string[]): void {
	for (const text of texts) {
		for (const document of parseAllDocuments(text, { version: '1.1' })) {
			const manifest = (document as { toJS(): unknown }).toJS() as Manifest | null;
			if (manifest !== null) create(simulator, manifest);
		}
	}
}

function create(simulator: Simulator, manifest: Manifest): void {
	const { apiVersion = '', kind = '' } = manifest;
	const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
	const found = (ask(simulator, 'GET', base).json as Discovered).resources?.find((r) => r.kind === kind && !r.name.includes('/'));
	if (found === undefined) throw new Error(`no resource for ${apiVersion} ${kind}`);
	const path = found.namespaced ? `${base}/namespaces/${manifest.metadata?.namespace ?? 'default'}/${found.name}` : `${base}/${found.name}`;
	const answer = ask(simulator, 'POST', path, JSON.stringify(manifest));
	if (answer.status >= 300) throw new Error(`${kind} ${manifest.metadata?.name ?? ''}: ${JSON.stringify(answer.json ?? answer.text)}`);
}

function ask(simulator: Simulator, method: string, url: string, body?: string): { readonly status: number; readonly json?: unknown; readonly text?: string } {
	const headers = { 'content-type': 'application/json', accept: 'application/json' };
	const request = { method, url, headers, user: SYSTEM_USERS.admin, ...(body === undefined ? {} : { body }) };
	const { response } = simulator.apply({ at: simulator.now, kind: 'request', request });
	if (response === undefined) throw new Error(`no answer to ${method} ${url}`);
	return response;
}
