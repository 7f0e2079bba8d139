import type { Checkpoint } from '../../../../server/protocol/messages.ts';
import { LabFault } from '../../../lib/lab-client.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

/** What a checkpoint is called in the list. */
export function called({ reason, name }: Checkpoint): string {
	switch (reason) {
		case 'hand':
			return name;
		case 'task':
			return fillIn(t.checkpointTask, { name });
		case 'rewind':
			return name === '' ? t.beforeGoingBack : fillIn(t.beforeGoingBackTo, { name });
		case 'start':
			return t.startOfThe;
		case 'time':
			return t.whileYouWorked;
	}
}

/** A time of today as hours and minutes, another with its day. */
export function when(iso: string): string {
	const at = new Date(iso);
	const today = at.toDateString() === new Date().toDateString();
	return at.toLocaleString(undefined, today ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' });
}

/** Why a request was refused, with what to do. */
export const wordsOf = (error: unknown): string => (error instanceof LabFault ? `${error.problem.message} ${error.problem.next}` : String(error));
