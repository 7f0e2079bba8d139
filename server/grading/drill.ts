/** Puts a drill's fault into a cluster: plain edits, in their order and at their times, under the name of a tool that everybody uses. */
import type { Drill } from '../protocol/drill.ts';
import type { ApiReader } from './readers.ts';

/** What the edits are written as in `managedFields`: nothing there tells them from a colleague's. */
const MANAGER = 'kubectl-patch';

/** Throws with the server's words where an edit is refused. `wait` lets time pass on the cluster's clock, ms. */
export async function injectFault(api: ApiReader, drill: Drill, wait: (ms: number) => Promise<void>): Promise<void> {
	let now = 0;
	for (const edit of [...drill.inject].sort((a, b) => a.at - b.at)) {
		if (edit.at > now) await wait((edit.at - now) * 1000);
		now = Math.max(now, edit.at);
		const a = await api.jsonPatch(edit.resource, edit.namespace, edit.name, edit.patch, MANAGER);
		if (!a.ok) throw new Error(`${edit.message}: ${a.message}`);
	}
}
