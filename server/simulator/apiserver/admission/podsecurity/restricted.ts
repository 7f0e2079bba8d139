/** Checks of the Restricted level, on top of Baseline's (some of which they replace). */
import { type Fields, isRecord, rec, recs, str, strs } from '../../registry/fields.ts';
import { type Check, hasOwnUsers, procMountStrict } from './baseline.ts';
import { allContainers, containersText, isWindows, namesWhere, plural, quoted, securityOf, settersText, sorted } from './texts.ts';

/** Since 1.25 a pod that says it is for Windows is not asked for what Windows doesn't have. */
const skipsWindows = (spec: Fields, minor: number): boolean => minor >= 25 && isWindows(spec);

const allowPrivilegeEscalation: Check = (spec, minor) => {
	if (minor < 8 || skipsWindows(spec, minor)) return undefined;
	const bad = namesWhere(spec, (c) => securityOf(c).allowPrivilegeEscalation !== false);
	if (bad.length === 0) return undefined;
	return { reason: 'allowPrivilegeEscalation != false', detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false` };
};

const capabilities: Check = (spec, minor) => {
	if (skipsWindows(spec, minor)) return undefined;
	const capabilitiesOf = (c: Fields): Fields => rec(securityOf(c).capabilities);
	const added = (c: Fields): readonly string[] => strs(capabilitiesOf(c).add).filter((x) => x !== 'NET_BIND_SERVICE');
	const missing = namesWhere(spec, (c) => !strs(capabilitiesOf(c).drop).includes('ALL'));
	const adding = namesWhere(spec, (c) => added(c).length > 0);
	const details: string[] = [];
	if (missing.length > 0) details.push(`${containersText(missing)} must set securityContext.capabilities.drop=["ALL"]`);
	if (adding.length > 0) {
		const list = sorted(allContainers(spec).flatMap(added));
		details.push(`${containersText(adding)} must not include ${quoted(list)} in securityContext.capabilities.add`);
	}
	return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const ALLOWED_VOLUMES: ReadonlySet<string> = new Set([
	'configMap',
	'csi',
	'downwardAPI',
	'emptyDir',
	'ephemeral',
	'image',
	'persistentVolumeClaim',
	'projected',
	'secret',
]);

const restrictedVolumes: Check = (spec) => {
	const typeOf = (volume: Fields): string => Object.keys(volume).find((k) => k !== 'name' && isRecord(volume[k])) ?? 'unknown';
	const bad = recs(spec.volumes).filter((v) => !ALLOWED_VOLUMES.has(typeOf(v)));
	if (bad.length === 0) return undefined;
	const types = sorted(bad.map(typeOf));
	const names = bad.map((v) => str(v.name));
	const what = plural('restricted volume type', 'restricted volume types', types.length);
	return {
		reason: 'restricted volume types',
		detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)} ${plural('uses', 'use', names.length)} ${what} ${quoted(types)}`,
	};
};

const runAsNonRoot: Check = (spec, minor) => {
	if (hasOwnUsers(spec, minor)) return undefined;
	const reason = 'runAsNonRoot != true';
	const said = (owner: Fields): unknown => securityOf(owner).runAsNonRoot;
	const refusing = namesWhere(spec, (c) => said(c) === false);
	if (said(spec) === false || refusing.length > 0) {
		return { reason, detail: `${settersText(said(spec) === false, refusing)} must not set securityContext.runAsNonRoot=false` };
	}
	if (said(spec) === true) return undefined;
	const silent = namesWhere(spec, (c) => said(c) === undefined || said(c) === null);
	return silent.length === 0 ? undefined : { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` };
};

const runAsUser: Check = (spec, minor) => {
	if (minor < 23 || hasOwnUsers(spec, minor)) return undefined;
	const isRoot = (owner: Fields): boolean => securityOf(owner).runAsUser === 0;
	const containers = namesWhere(spec, isRoot);
	if (!isRoot(spec) && containers.length === 0) return undefined;
	return { reason: 'runAsUser=0', detail: `${settersText(isRoot(spec), containers)} must not set runAsUser=0` };
};

const seccompProfile: Check = (spec, minor) => {
	if (minor < 19 || skipsWindows(spec, minor)) return undefined;
	const reason = 'seccompProfile';
	const said = (owner: Fields): boolean => isRecord(securityOf(owner).seccompProfile);
	const typeOf = (owner: Fields): string => str(rec(securityOf(owner).seccompProfile).type);
	const bad = (owner: Fields): boolean => said(owner) && !['RuntimeDefault', 'Localhost'].includes(typeOf(owner));
	const refusing = namesWhere(spec, bad);
	if (bad(spec) || refusing.length > 0) {
		const list = sorted([spec, ...allContainers(spec)].filter(bad).map(typeOf));
		return { reason, detail: `${settersText(bad(spec), refusing)} must not set securityContext.seccompProfile.type to ${quoted(list)}` };
	}
	if (said(spec)) return undefined;
	const silent = namesWhere(spec, (c) => !said(c));
	if (silent.length === 0) return undefined;
	return { reason, detail: `pod or ${containersText(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` };
};

export interface RestrictedCheck {
	readonly check: Check;
	readonly sinceMinor: number;
	/** Baseline checks that this one makes needless. */
	readonly replaces?: readonly string[];
}

/** By upstream's ids, in whose order they are evaluated. */
export const restrictedChecks: { readonly [id: string]: RestrictedCheck } = {
	allowPrivilegeEscalation: { check: allowPrivilegeEscalation, sinceMinor: 8 },
	capabilities_restricted: { check: capabilities, sinceMinor: 22, replaces: ['capabilities_baseline'] },
	procMount_restricted: { check: procMountStrict, sinceMinor: 35, replaces: ['procMount'] },
	restrictedVolumes: { check: restrictedVolumes, sinceMinor: 0, replaces: ['hostPathVolumes'] },
	runAsNonRoot: { check: runAsNonRoot, sinceMinor: 0 },
	runAsUser: { check: runAsUser, sinceMinor: 23 },
	seccompProfile_restricted: { check: seccompProfile, sinceMinor: 19, replaces: ['seccompProfile_baseline'] },
};
