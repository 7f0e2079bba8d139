/** `pods/ephemeralcontainers`: dropNonEphemeralContainerUpdates of `pkg/registry/core/pod/strategy.go`, ValidatePodEphemeralContainersUpdate. */
import type { World } from '../../../kernel/world.ts';
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject, PartStrategy } from '../../types.ts';
import { forbiddenValue } from '../../validation.ts';
import { recs, specOf, str, without } from '../fields.ts';
import { unifiedDiff } from '../validation/unified-diff.ts';
import { podSpecErrors } from './pod-validation.ts';

const MIRROR = 'kubernetes.io/config.mirror';

function prepareForUpdate(_world: World, pod: KubeObject, old: KubeObject): KubeObject {
	const metadata = { ...old.metadata, resourceVersion: pod.metadata.resourceVersion };
	const list = recs(specOf(pod).ephemeralContainers);
	const spec = list.length === 0 ? without(specOf(old), 'ephemeralContainers') : { ...specOf(old), ephemeralContainers: list };
	return { ...old, metadata, spec: sameData(spec, old.spec) ? old.spec : spec };
}

function validateUpdate(_world: World, pod: KubeObject, old: KubeObject): readonly FieldError[] {
	if (old.metadata.annotations?.[MIRROR] !== undefined) return [forbiddenValue('', 'static pods do not support ephemeral containers')];
	const out = [...podSpecErrors(specOf(pod), 'spec')];
	const field = 'spec.ephemeralContainers';
	const now = new Map(recs(specOf(pod).ephemeralContainers).map((c) => [str(c.name), c]));
	for (const before of recs(specOf(old).ephemeralContainers)) {
		const name = str(before.name);
		const next = now.get(name);
		if (next === undefined) out.push(forbiddenValue(field, `existing ephemeral containers "${name}" may not be removed\n`));
		else if (!sameData(next, before)) {
			out.push(forbiddenValue(field, `existing ephemeral containers "${name}" may not be changed\n${unifiedDiff(before, next)}`));
		}
	}
	return out;
}

export const podEphemeralContainers: PartStrategy = { prepareForUpdate, validateUpdate };
