/** Rules for a pod's volumes: validateVolumeSource. */
import type { FieldError } from '../../types.ts';
import { checkDns1123Label, duplicateValue, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { arr, type Fields, isRecord, rec, recs, str } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';
import { descendingPathErrors, fieldRefErrors } from './container-validation.ts';

const MODE_TEXT = 'must be a number between 0 and 0777 (octal), both inclusive';

function modeErrors(field: string, mode: unknown): readonly FieldError[] {
	return typeof mode === 'number' && (mode < 0 || mode > 0o777) ? [invalidValue(field, mode, MODE_TEXT)] : [];
}

function itemErrors(items: unknown, field: string): readonly FieldError[] {
	return recs(items).flatMap((item, i) => {
		const path = `${field}[${i}]`;
		const out: FieldError[] = [];
		if (str(item.key) === '') out.push(requiredValue(`${path}.key`));
		if (str(item.path) === '') out.push(requiredValue(`${path}.path`));
		else out.push(...descendingPathErrors(`${path}.path`, str(item.path)));
		return [...out, ...modeErrors(`${path}.mode`, item.mode)];
	});
}

const DOWNWARD_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];

function downwardErrors(items: unknown, field: string): readonly FieldError[] {
	return recs(items).flatMap((item, i) => {
		const path = `${field}.items[${i}]`;
		const out: FieldError[] = [];
		if (str(item.path) === '') out.push(requiredValue(`${path}.path`));
		if (isRecord(item.fieldRef)) out.push(...fieldRefErrors(item.fieldRef, `${path}.fieldRef`, DOWNWARD_FIELDS));
		else if (!isRecord(item.resourceFieldRef)) out.push(requiredValue(path, 'one of fieldRef and resourceFieldRef is required'));
		return out;
	});
}

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

const named =
	(name: string): Check =>
	(source, field) =>
		str(source[name]) === '' ? [requiredValue(`${field}.${name}`)] : [];

type Check = (source: Fields, field: string) => readonly FieldError[];

const PROJECTIONS: { readonly [kind: string]: Check } = {
	secret: (s, f) => [...named('name')(s, f), ...itemErrors(s.items, `${f}.items`)],
	configMap: (s, f) => [...named('name')(s, f), ...itemErrors(s.items, `${f}.items`)],
	downwardAPI: (s, f) => downwardErrors(s.items, f),
	serviceAccountToken: (s, f) => {
		const out: FieldError[] = [];
		const seconds = s.expirationSeconds;
		if (typeof seconds === 'number' && seconds < 600)
			out.push(invalidValue(`${f}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
		if (str(s.path) === '') out.push(requiredValue(`${f}.path`));
		else out.push(...descendingPathErrors(`${f}.path`, str(s.path)));
		return out;
	},
};

function projectedErrors(projected: Fields, field: string): readonly FieldError[] {
	const out = [...modeErrors(`${field}.defaultMode`, projected.defaultMode)];
	for (const [i, source] of recs(projected.sources).entries()) {
		const path = `${field}.sources[${i}]`;
		const kinds = Object.keys(source).filter((k) => isRecord(source[k]));
		if (kinds.length === 0) out.push(requiredValue(path, 'must specify a projected volume source'));
		for (const [n, kind] of kinds.entries()) {
			if (n > 0) out.push(forbiddenValue(`${path}.${kind}`, 'may not specify more than 1 volume type per source'));
			else out.push(...(PROJECTIONS[kind]?.(rec(source[kind]), `${path}.${kind}`) ?? []));
		}
	}
	return out;
}

const SOURCES: { readonly [kind: string]: Check } = {
	hostPath: (s, f) => {
		const out: FieldError[] = [];
		if (str(s.path) === '') out.push(requiredValue(`${f}.path`));
		else if (str(s.path).split('/').includes('..')) out.push(invalidValue(`${f}.path`, s.path, "must not contain '..'"));
		if (!HOST_PATH_TYPES.includes(str(s.type))) out.push(notSupportedValue(`${f}.type`, s.type, HOST_PATH_TYPES));
		return out;
	},
	secret: (s, f) => [...named('secretName')(s, f), ...modeErrors(`${f}.defaultMode`, s.defaultMode), ...itemErrors(s.items, `${f}.items`)],
	configMap: (s, f) => [...named('name')(s, f), ...modeErrors(`${f}.defaultMode`, s.defaultMode), ...itemErrors(s.items, `${f}.items`)],
	persistentVolumeClaim: named('claimName'),
	nfs: (s, f) => {
		const out = [...named('server')(s, f), ...named('path')(s, f)];
		if (str(s.path) !== '' && !str(s.path).startsWith('/')) out.push(invalidValue(`${f}.path`, s.path, 'must be an absolute path'));
		return out;
	},
	csi: named('driver'),
	downwardAPI: (s, f) => [...modeErrors(`${f}.defaultMode`, s.defaultMode), ...downwardErrors(s.items, f)],
	projected: projectedErrors,
	ephemeral: (s, f) => (isRecord(s.volumeClaimTemplate) ? [] : [requiredValue(`${f}.volumeClaimTemplate`)]),
	image: named('reference'),
};

function sourceErrors(volume: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const kinds = Object.keys(volume).filter((k) => k !== 'name' && isRecord(volume[k]));
	for (const [i, kind] of kinds.entries()) {
		if (i > 0) out.push(forbiddenValue(`${field}.${kind}`, 'may not specify more than 1 volume type'));
		else out.push(...(SOURCES[kind]?.(rec(volume[kind]), `${field}.${kind}`) ?? []));
	}
	return kinds.length === 0 ? [requiredValue(field, 'must specify a volume type')] : out;
}

/** Faults of the volumes; `names` gets those that mounts may use. */
export function volumesErrors(volumes: unknown, field: string, names: Set<string>): readonly FieldError[] {
	const out: FieldError[] = [];
	for (const [i, volume] of arr(volumes).map(rec).entries()) {
		const path = `${field}[${i}]`;
		const name = str(volume.name);
		const before = out.length;
		out.push(...sourceErrors(volume, path));
		if (name === '') out.push(requiredValue(`${path}.name`));
		else out.push(...invalidEach(`${path}.name`, name, checkDns1123Label(name)));
		if (names.has(name)) out.push(duplicateValue(`${path}.name`, name));
		if (out.length === before) names.add(name);
	}
	return out;
}
