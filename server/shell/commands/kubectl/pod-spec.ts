import type { Obj } from './client.ts';

/** Where a kind keeps its pod's spec. */
export function podSpecOf(o: Obj): Obj | undefined {
	if (o.kind === 'Pod') return o['spec'];
	if (o.kind === 'CronJob') return o['spec']?.jobTemplate?.spec?.template?.spec;
	return o['spec']?.template?.spec;
}
