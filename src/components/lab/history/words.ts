import type { Checkpoint } from '../../../../server/protocol/messages.ts';
import { LabFault } from '../../../lib/lab-client.ts';

/** What a checkpoint is called in the list. */
export function called({ reason, name }: Checkpoint): string {
	switch (reason) {
		case 'hand':
			return name;
		case 'task':
			return `Task done: ${name}`;
		case 'rewind':
			return name === '' ? 'Before going back' : `Before going back to “${name}”`;
		case 'start':
			return 'Start of the lab';
		case 'time':
			return 'While you worked';
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
