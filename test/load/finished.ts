/** The lab "Three tiers" as its reference solution leaves it, on a simulated cluster: what the figures are measured on. */
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { applyObjects } from '../../server/grading/apply.ts';
import type { LoadedLab } from '../../server/grading/grade.types.ts';
import { filesUnder, fillTokens, loadLabs } from '../../server/grading/labs.ts';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { Template } from '../../server/sandboxes/simulated/template.ts';
import type { Simulator } from '../../server/simulator/simulator.ts';

const SEED = 7;

export async function labTemplate(): Promise<{ readonly template: Template; readonly lab: LoadedLab }> {
	const lab = (await loadLabs(resolve(import.meta.dirname, '../../labs'))).find((l) => l.definition.id === 'three-tiers');
	if (lab === undefined) throw new Error('the lab three-tiers is not there');
	return { template: Template.build({ hosts: lab.definition.hosts }), lab };
}

/** A sandbox in memory with the finished application (a reference solution's), three virtual minutes after it was applied. */
export async function finishedLab(solution: 'plain' | 'variant' = 'plain'): Promise<{
	readonly sandbox: SimulatorSandbox;
	readonly simulator: Simulator;
	readonly lab: LoadedLab;
	readonly seed: number;
}> {
	const { template, lab } = await labTemplate();
	const sandbox = await SimulatorSandbox.create(template, { id: 'finished', seed: SEED });
	const texts = [...lab.clusterManifests, ...(await filesUnder(resolve(lab.directory, 'solutions', solution))).map((f) => f.content)];
	const objects = texts.flatMap((t) => parseAllDocuments(fillTokens(t, SEED), { version: '1.1', merge: true }).map((d) => (d as { toJS(): unknown }).toJS()));
	const { simulator } = sandbox;
	await applyObjects(
		sandbox.cluster,
		objects.filter((o) => o !== null),
		async (ms) => {
			simulator.apply({ at: simulator.now + ms, kind: 'tick' });
		},
	);
	simulator.apply({ at: simulator.now + 180_000, kind: 'tick' });
	return { sandbox, simulator, lab, seed: SEED };
}
