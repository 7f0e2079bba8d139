import { strs } from '../fields.ts';

const SHORT = [
	['ReadWriteOnce', 'RWO'],
	['ReadOnlyMany', 'ROX'],
	['ReadWriteMany', 'RWX'],
	['ReadWriteOncePod', 'RWOP'],
] as const;

/** `RWO,RWX`: helper.GetAccessModesAsString, in its own order. */
export function accessModesText(modes: unknown): string {
	const given = strs(modes);
	return SHORT.filter(([mode]) => given.includes(mode))
		.map(([, short]) => short)
		.join(',');
}
