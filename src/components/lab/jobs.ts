import { type LabClient, LabFault } from '../../lib/lab-client.ts';
import type { Job } from '../../lib/lab-session.ts';
import { t } from './page-words.ts';

const MESSAGES = { check: 'lab.check', submit: 'lab.submit', reset: 'lab.reset', 'undo-reset': 'lab.undo-reset' } as const;

/** Runs one of the lab's jobs; its answer and its failure both end up in the page's state. */
export async function runJob(client: LabClient, job: Job): Promise<boolean> {
	client.store.dispatch({ type: 'job', job });
	try {
		await client.request({ type: MESSAGES[job] });
		if (job === 'reset' || job === 'undo-reset') client.store.dispatch({ type: 'job-done', job });
		return true;
	} catch (error) {
		const problem = error instanceof LabFault ? error.problem : { code: 'page', message: String(error), next: t.loadThePage };
		client.store.dispatch({ type: 'problem', problem });
		return false;
	}
}
