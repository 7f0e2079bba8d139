/** CSI drivers: `pkg/registry/storage/csidriver`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { duplicateValue, invalidValue, notSupportedValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { changePart, type Fields, fill, num, recs, specOf, str, strs } from '../fields.ts';
import { age, table } from '../table.ts';
import { immutableErrors } from '../validation/field.ts';

const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];
/** Shortest and longest life of a token that a driver asks for, seconds. */
const TOKEN_SHORTEST = 600;
const TOKEN_LONGEST = 2 ** 32;

/** SetDefaults_CSIDriver. */
function specDefaults(spec: Fields): Fields {
	const s = fill(spec, {
		attachRequired: true,
		podInfoOnMount: false,
		storageCapacity: false,
		fsGroupPolicy: 'ReadWriteOnceWithFSType',
		requiresRepublish: false,
		seLinuxMount: false,
	});
	return strs(s.volumeLifecycleModes).length === 0 ? { ...s, volumeLifecycleModes: ['Persistent'] } : s;
}

function tokenErrors(requests: readonly Fields[]): readonly FieldError[] {
	const out: FieldError[] = [];
	const audiences = new Set<string>();
	for (const [i, request] of requests.entries()) {
		const field = `spec.tokenRequests[${i}]`;
		const audience = str(request.audience);
		const seconds = request.expirationSeconds;
		if (audiences.has(audience)) out.push(duplicateValue(`${field}.audience`, audience));
		else if (typeof seconds === 'number' && seconds < TOKEN_SHORTEST) {
			out.push(invalidValue(`${field}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
		} else if (num(seconds) > TOKEN_LONGEST) {
			out.push(invalidValue(`${field}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'));
		}
		audiences.add(audience);
	}
	return out;
}

function validate(driver: KubeObject): readonly FieldError[] {
	const spec = specOf(driver);
	const out: FieldError[] = [];
	const policy = str(spec.fsGroupPolicy);
	if (!FS_GROUP_POLICIES.includes(policy)) out.push(notSupportedValue('spec.fsGroupPolicy', policy, FS_GROUP_POLICIES));
	out.push(...tokenErrors(recs(spec.tokenRequests)));
	for (const mode of strs(spec.volumeLifecycleModes)) {
		if (!LIFECYCLE_MODES.includes(mode)) out.push(notSupportedValue('spec.volumeLifecycleModes', mode, LIFECYCLE_MODES));
	}
	return out;
}

/** `attachedRequired` is upstream's own slip. */
function validateUpdate(driver: KubeObject, old: KubeObject): readonly FieldError[] {
	const [spec, before] = [specOf(driver), specOf(old)];
	return [
		...validate(driver),
		...immutableErrors('spec.attachedRequired', spec.attachRequired, before.attachRequired),
		...immutableErrors('spec.volumeLifecycleModes', spec.volumeLifecycleModes, before.volumeLifecycleModes),
	];
}

export const csidrivers = defineResource({
	group: 'storage.k8s.io',
	resource: 'csidrivers',
	kind: 'CSIDriver',
	namespaced: false,
	generation: true,
	defaults: (driver) => changePart(driver, 'spec', specDefaults),
	validate: (_world, driver) => validate(driver),
	validateUpdate: (_world, driver, old) => validateUpdate(driver, old),
	table: table(
		['Name', 'AttachRequired:boolean', 'PodInfoOnMount:boolean', 'StorageCapacity:boolean', 'TokenRequests', 'RequiresRepublish:boolean', 'Modes', 'Age'],
		(world, driver) => {
			const spec = specOf(driver);
			const tokens =
				spec.tokenRequests === undefined
					? '<unset>'
					: recs(spec.tokenRequests)
							.map((t) => str(t.audience))
							.join(',');
			return [
				driver.metadata.name,
				spec.attachRequired !== false,
				spec.podInfoOnMount === true,
				spec.storageCapacity === true,
				tokens,
				spec.requiresRepublish === true,
				strs(spec.volumeLifecycleModes).join(',') || '<none>',
				age(world, driver),
			];
		},
	),
});
