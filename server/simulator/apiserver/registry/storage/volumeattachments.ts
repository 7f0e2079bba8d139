/** A volume's way to a node: `pkg/registry/storage/volumeattachment`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Subdomain, forbiddenValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { keepsMetadata } from '../status-update.ts';
import { changePart, fill, rec, specOf, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { immutableErrors, invalidEach } from '../validation/field.ts';
import { driverNameErrors } from './csinodes.ts';

const EXACTLY_ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

function validate(attachment: KubeObject): readonly FieldError[] {
	const spec = specOf(attachment);
	const source = rec(spec.source);
	const out = [...driverNameErrors('spec.attacher', str(spec.attacher))];
	const volume = source.persistentVolumeName;
	if (volume === undefined && source.inlineVolumeSpec === undefined) out.push(requiredValue('spec.source', EXACTLY_ONE));
	else if (volume !== undefined && source.inlineVolumeSpec !== undefined) out.push(forbiddenValue('spec.source', EXACTLY_ONE));
	else if (volume === '') out.push(requiredValue('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'));
	else if (volume !== undefined) out.push(...invalidEach('spec.source.persistentVolumeName', volume, checkDns1123Subdomain(str(volume))));
	out.push(...invalidEach('spec.nodeName', str(spec.nodeName), checkDns1123Subdomain(str(spec.nodeName))));
	return out;
}

export const volumeattachments = defineResource({
	group: 'storage.k8s.io',
	resource: 'volumeattachments',
	kind: 'VolumeAttachment',
	namespaced: false,
	subresources: ['status'],
	prepareForStatusUpdate: keepsMetadata,
	newStatus: { attached: false },
	defaults: (attachment) => (attachment.status === undefined ? attachment : changePart(attachment, 'status', (s) => fill(s, { attached: false }))),
	validate: (_world, attachment) => validate(attachment),
	validateUpdate: (_world, attachment, old) => [...validate(attachment), ...immutableErrors('spec', attachment.spec, old.spec)],
	table: table(['Name', 'Attacher', 'PV', 'Node', 'Attached:boolean', 'Age'], (world, attachment) => {
		const spec = specOf(attachment);
		return [
			attachment.metadata.name,
			str(spec.attacher),
			str(rec(spec.source).persistentVolumeName),
			str(spec.nodeName),
			statusOf(attachment).attached === true,
			age(world, attachment),
		];
	}),
});
