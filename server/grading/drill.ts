/** Puts a drill's fault into a cluster, in its order and at its times: edits under the name of a tool that everybody uses, and cards that fail. */
import type { Drill } from '../protocol/drill.ts';
import { NotCapable, type Sandbox } from '../sandboxes/sandbox.ts';
import { ApiReader } from './readers.ts';

/** What the edits are written as in `managedFields`: nothing there tells them from a colleague's. */
const MANAGER = 'kubectl-patch';

/** Throws with the server's words where an edit is refused, and where there is no such card. Time passes on the sandbox's clock. */
export async function injectFault(sandbox: Sandbox, drill: Drill): Promise<void> {
	const api = new ApiReader(sandbox.cluster);
	let now = 0;
	for (const edit of [...drill.inject].sort((a, b) => a.at - b.at)) {
		if (edit.at > now) await sandbox.clock.advance((edit.at - now) * 1000);
		now = Math.max(now, edit.at);
		if ('hardware' in edit) {
			const { node, card, xid } = edit.hardware;
			if (sandbox.faults === undefined) throw new NotCapable(sandbox.provider, 'make hardware fail');
			await sandbox.faults.failCard(node, card, xid);
			continue;
		}
		const a = await api.jsonPatch(edit.resource, edit.namespace, edit.name, edit.patch, MANAGER);
		if (!a.ok) throw new Error(`${edit.message}: ${a.message}`);
	}
}
