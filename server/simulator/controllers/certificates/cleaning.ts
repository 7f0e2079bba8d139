/** Drops requests that are over, or that nobody decided on (pkg/controller/certificates/cleaner). */
import { parseTime } from '../../kernel/time.ts';
import type { Controller } from '../controller.ts';
import { itself } from '../shared/watching.ts';
import { REQUESTS, type SigningRequest } from './requests.ts';

const POLL_MS = 3_600_000;
/** How long requests are kept once they are issued, denied or failed, and while they wait. */
const DECIDED_MS = 3_600_000;
const PENDING_MS = 24 * 3_600_000;

/** When the request may go, ms since the epoch; undefined where it is approved and waits for its signer. */
function due(csr: SigningRequest): number | undefined {
	const conditions = csr.status?.conditions ?? [];
	if (conditions.length === 0) return (parseTime(csr.metadata.creationTimestamp) ?? 0) + PENDING_MS;
	const issued = csr.status?.certificate !== undefined;
	const over = conditions.filter((c) => c.type === 'Denied' || c.type === 'Failed' || (c.type === 'Approved' && issued));
	if (over.length === 0) return undefined;
	return Math.min(...over.map((c) => parseTime(c.lastUpdateTime ?? csr.metadata.creationTimestamp) ?? 0)) + DECIDED_MS;
}

/** Looked at on the hour upstream; here at the hour's end after a request is due, so that an empty cluster has no timer. */
export const certificateCleaner: Controller = {
	name: 'certificate-cleaner',
	watches: { 'certificates.k8s.io/certificatesigningrequests': itself },
	reconcile(world, name, client, queue) {
		const csr = client.get(world, REQUESTS, undefined, name) as SigningRequest | undefined;
		const at = csr === undefined ? undefined : due(csr);
		if (at === undefined) return;
		if (world.now > at) client.delete(world, REQUESTS, undefined, name);
		else queue.after(name, Math.ceil((at + 1 - world.now) / POLL_MS) * POLL_MS);
	},
};
