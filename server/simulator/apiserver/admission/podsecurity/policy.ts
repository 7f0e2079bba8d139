/** Levels and versions of the Pod Security Standards, read from a namespace's labels: `pod-security-admission/api/helpers.go`. */
import { type Fields, rec, textMap } from '../../registry/fields.ts';
import type { FieldError } from '../../types.ts';
import { invalidValue } from '../../validation.ts';
import { baselineChecks } from './baseline.ts';
import { restrictedChecks } from './restricted.ts';
import type { Finding } from './texts.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export interface LevelVersion {
	readonly level: Level;
	/** `latest` or `v1.<minor>`. */
	readonly version: string;
}

export interface Policy {
	readonly enforce: LevelVersion;
	readonly audit: LevelVersion;
	readonly warn: LevelVersion;
}

const PREFIX = 'pod-security.kubernetes.io/';
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const NONE: LevelVersion = { level: 'privileged', version: 'latest' };
/** What `latest` means here: the version that is modelled. */
const LATEST_MINOR = 36;

export const rank = (level: Level): number => LEVELS.indexOf(level);
export const sameLevel = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.version === b.version;
export const levelText = (lv: LevelVersion): string => `${lv.level}:${lv.version}`;

type Labels = { readonly [key: string]: string };

function read(labels: Labels, mode: string, errors: FieldError[]): LevelVersion {
	const levelKey = `${PREFIX}${mode}`;
	const versionKey = `${levelKey}-version`;
	const level = labels[levelKey];
	const version = labels[versionKey];
	let out = NONE;
	if (level !== undefined) {
		const known = LEVELS.find((l) => l === level);
		if (known === undefined) errors.push(invalidValue(`metadata.labels[${levelKey}]`, level, `must be one of ${LEVELS.join(', ')}`));
		// What can't be read counts as strict when it refuses, and as nothing when it only warns.
		out = { ...out, level: known ?? (mode === 'enforce' ? 'restricted' : 'privileged') };
	}
	if (version !== undefined) {
		if (version === 'latest' || /^v1\.(0|[1-9]\d*)$/.test(version)) out = { ...out, version };
		else errors.push(invalidValue(`metadata.labels[${versionKey}]`, version, 'must be "latest" or "v1.x"'));
	}
	return out;
}

/** A namespace's policy and what is wrong with its labels. */
export function policyOf(labels: Labels | undefined): { readonly policy: Policy; readonly errors: readonly FieldError[] } {
	const present = labels ?? {};
	const errors: FieldError[] = [];
	const enforce = read(present, 'enforce', errors);
	const audit = read(present, 'audit', errors);
	let warn = read(present, 'warn', errors);
	// Who enforces a level and says nothing of warnings is warned at that level, too: workloads are then told before their pods fail.
	const readable = LEVELS.some((l) => l === present[`${PREFIX}enforce`]);
	if (readable && present[`${PREFIX}warn`] === undefined && rank(enforce.level) > rank(warn.level)) {
		warn = { level: enforce.level, version: present[`${PREFIX}warn-version`] === undefined ? enforce.version : warn.version };
	}
	return { policy: { enforce, audit, warn }, errors };
}

const minorOf = (version: string): number => (version === 'latest' ? LATEST_MINOR : Math.min(Number(version.slice(3)), LATEST_MINOR));

/** All that a pod does against a level: nothing means that it is allowed. */
export function evaluate({ level, version }: LevelVersion, metadata: Fields, spec: Fields): readonly Finding[] {
	if (level === 'privileged') return [];
	const minor = minorOf(version);
	const annotations = textMap(rec(metadata).annotations);
	const restricted = level === 'restricted' ? Object.values(restrictedChecks).filter((r) => minor >= r.sinceMinor) : [];
	const replaced = new Set(restricted.flatMap((r) => r.replaces ?? []));
	const checks = [
		...Object.entries(baselineChecks)
			.filter(([id]) => !replaced.has(id))
			.map(([, check]) => check),
		...restricted.map((r) => r.check),
	];
	return checks.flatMap((check) => check(spec, minor, annotations) ?? []);
}

/** `a (why), b (why)`. */
export const detailText = (findings: readonly Finding[]): string => findings.map((f) => (f.detail === '' ? f.reason : `${f.reason} (${f.detail})`)).join(', ');
export const reasonText = (findings: readonly Finding[]): string => findings.map((f) => f.reason).join(', ');
