import type { Evidence } from '../../server/protocol/progress.ts';

/** How a claim came about, in words; told apart wherever evidence is shown. */
export const KINDS: Readonly<Record<Evidence['kind'], { readonly word: string; readonly tone: string }>> = {
	graded: { word: 'Graded', tone: 'accent' },
	'mentor-confirmed': { word: 'Mentor-confirmed', tone: 'pass' },
	'self-declared': { word: 'Self-declared', tone: '' },
};
