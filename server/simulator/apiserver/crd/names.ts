/** Which names a definition may have, and the conditions that say so (`pkg/controller/status/naming_controller.go`). */
import { formatTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import { sameData } from '../equal.ts';
import { listObjects } from '../registry/store.ts';
import { type Definition, type DefinitionCondition, DEFINITIONS, hasCondition, type Names } from './definition.ts';

type Said = Omit<DefinitionCondition, 'lastTransitionTime'>;

/** `SetCRDCondition`: the time moves with the status alone. */
export function withCondition(conditions: readonly DefinitionCondition[], said: Said, world: World): readonly DefinitionCondition[] {
	const held = conditions.find((c) => c.type === said.type);
	const lastTransitionTime = held?.status === said.status ? held.lastTransitionTime : formatTime(world.now);
	const next = { ...said, lastTransitionTime };
	return held === undefined ? [...conditions, next] : conditions.map((c) => (c === held ? next : c));
}

interface Taken {
	readonly resources: ReadonlySet<string>;
	readonly kinds: ReadonlySet<string>;
}

/** Names that the other definitions of the group hold. */
function takenBy(world: World, crd: Definition): Taken {
	const resources = new Set<string>();
	const kinds = new Set<string>();
	for (const other of listObjects(world, DEFINITIONS) as readonly Definition[]) {
		if (other.metadata.name === crd.metadata.name || other.spec.group !== crd.spec.group) continue;
		const { plural, singular, shortNames, kind, listKind } = other.status?.acceptedNames ?? { plural: '', kind: '' };
		for (const name of [plural, singular ?? '', ...(shortNames ?? [])]) if (name !== '') resources.add(name);
		for (const name of [kind, listKind ?? '']) if (name !== '') kinds.add(name);
	}
	return { resources, kinds };
}

function accepted(crd: Definition, taken: Taken): { readonly names: Names; readonly condition: Said } {
	const wanted = crd.spec.names;
	const held = crd.status?.acceptedNames;
	const conflicts: { readonly reason: string; readonly message: string }[] = [];
	const free = (name: string, set: ReadonlySet<string>, reason: string): boolean => {
		if (!set.has(name)) return true;
		conflicts.push({ reason, message: `${JSON.stringify(name)} is already in use` });
		return false;
	};
	const { plural, singular = '', kind, listKind = '', shortNames = [], categories } = wanted;
	const names = {
		plural: free(plural, taken.resources, 'PluralConflict') ? plural : (held?.plural ?? ''),
		singular: free(singular, taken.resources, 'SingularConflict') ? singular : (held?.singular ?? ''),
		shortNames: shortNames.every((n) => free(n, taken.resources, 'ShortNamesConflict')) ? shortNames : (held?.shortNames ?? []),
		kind: free(kind, taken.kinds, 'KindConflict') ? kind : (held?.kind ?? ''),
		listKind: free(listKind, taken.kinds, 'ListKindConflict') ? listKind : (held?.listKind ?? ''),
		...(categories === undefined ? {} : { categories }),
	};
	const last = conflicts.at(-1);
	const { shortNames: kept, ...rest } = names;
	return {
		names: kept.length === 0 ? rest : names,
		condition:
			last === undefined
				? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
				: { type: 'NamesAccepted', status: 'False', ...last },
	};
}

/** The definition's status as its names stand now; the very same status where nothing changes. */
export function namedStatus(world: World, crd: Definition): Definition['status'] {
	const { names, condition } = accepted(crd, takenBy(world, crd));
	let conditions = withCondition(crd.status?.conditions ?? [], condition, world);
	if (condition.status === 'True')
		conditions = withCondition(
			conditions,
			{ type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
			world,
		);
	else if (!hasCondition(crd, 'Established'))
		conditions = withCondition(conditions, { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }, world);
	const next = { ...crd.status, conditions, acceptedNames: names };
	return sameData(next, crd.status) ? crd.status : next;
}
