/** The code behind the checks of lab.yaml, by their ids. */
import type { CheckTable } from '../../server/grading/check.ts';
import { coldStart, deadEngine, rollout, warmStart } from './checks/change.ts';
import { scales } from './checks/growth.ts';
import { note } from './checks/note.ts';
import { answers, cards, latency, metrics } from './checks/serving.ts';

export const checks: CheckTable = {
	answers,
	latency,
	cards,
	'cold-start': coldStart,
	'dead-engine': deadEngine,
	'warm-start': warmStart,
	rollout,
	metrics,
	scales,
	note,
};
