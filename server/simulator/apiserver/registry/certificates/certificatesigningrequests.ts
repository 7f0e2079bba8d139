/** Certificate signing requests: `pkg/registry/certificates/certificates`. */
import { formatTime, humanDuration } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import { fromBase64 } from '../../base64.ts';
import { readPem } from '../../certificates/der.ts';
import { readRequest } from '../../certificates/request.ts';
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject, UserInfo } from '../../types.ts';
import {
	checkDns1123Label,
	checkDns1123Subdomain,
	duplicateValue,
	forbiddenValue,
	invalidValue,
	notSupportedValue,
	requiredValue,
	tooLongValue,
} from '../../validation.ts';
import { defineResource } from '../define.ts';
import { type Fields, recs, specOf, statusOf, str, strs } from '../fields.ts';
import { age, table } from '../table.ts';

const USAGES = [
	'any',
	'cert sign',
	'client auth',
	'code signing',
	'content commitment',
	'crl sign',
	'data encipherment',
	'decipher only',
	'digital signature',
	'email protection',
	'encipher only',
	'ipsec end system',
	'ipsec tunnel',
	'ipsec user',
	'key agreement',
	'key encipherment',
	'microsoft sgc',
	'netscape sgc',
	'ocsp signing',
	's/mime',
	'server auth',
	'signing',
	'timestamping',
];
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const SHORTEST_LIFE = 600;

/** ValidateSignerName: `domain/path`. */
function signerErrors(name: string): readonly FieldError[] {
	const field = 'spec.signerName';
	if (name === '') return [requiredValue(field)];
	if (name === LEGACY_SIGNER) return [invalidValue(field, name, 'the legacy signerName is not allowed via this API version')];
	const [domain = '', path = '', ...more] = name.split('/');
	if (path === '' || more.length > 0) return [invalidValue(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
	const out: FieldError[] = domain.length > 253 ? [tooLongValue(field, 253)] : [];
	const labels = domain.split('.');
	const badLabel = labels.find((l) => checkDns1123Label(l).length > 0);
	if (badLabel !== undefined)
		out.push(...checkDns1123Label(badLabel).map((e) => invalidValue(field, domain, `validating label ${JSON.stringify(badLabel)}: ${e}`)));
	if (labels.length < 2) out.push(invalidValue(field, domain, 'should be a domain with at least two segments separated by dots'));
	const badPart = path.split('.').find((l) => checkDns1123Subdomain(l).length > 0);
	if (badPart !== undefined)
		out.push(...checkDns1123Subdomain(badPart).map((e) => invalidValue(field, path, `validating label ${JSON.stringify(badPart)}: ${e}`)));
	return out;
}

function specErrors(spec: Fields): readonly FieldError[] {
	const out: FieldError[] = [];
	const request = readRequest(fromBase64(str(spec.request)) ?? '');
	if (typeof request === 'string') out.push(invalidValue('spec.request', str(spec.request), request));
	const usages = strs(spec.usages);
	if (usages.length === 0) out.push(requiredValue('spec.usages'));
	for (const [i, u] of usages.entries()) {
		if (!USAGES.includes(u)) out.push(notSupportedValue(`spec.usages[${i}]`, u, USAGES));
	}
	for (const [i, u] of usages.entries()) if (usages.indexOf(u) < i) out.push(duplicateValue(`spec.usages[${i}]`, u));
	out.push(...signerErrors(str(spec.signerName)));
	const seconds = spec.expirationSeconds;
	if (typeof seconds === 'number' && seconds < SHORTEST_LIFE) {
		out.push(invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'));
	}
	return out;
}

const ONLY_TRUE: ReadonlySet<string> = new Set(['Approved', 'Denied', 'Failed']);

function conditionErrors(csr: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	const seen = new Set<string>();
	for (const [i, c] of recs(statusOf(csr).conditions).entries()) {
		const field = `status.conditions[${i}]`;
		const type = str(c.type);
		const status = str(c.status);
		const allowed = ONLY_TRUE.has(type) ? ['True'] : ['False', 'True', 'Unknown'];
		if (type === '') out.push(requiredValue(`${field}.type`));
		if (status === '') out.push(requiredValue(`${field}.status`));
		else if (!allowed.includes(status)) out.push(notSupportedValue(`${field}.status`, status, allowed));
		if ((type === 'Approved' && seen.has('Denied')) || (type === 'Denied' && seen.has('Approved'))) {
			out.push(invalidValue(`${field}.type`, type, 'Approved and Denied conditions are mutually exclusive'));
		}
		if (seen.has(type)) out.push(duplicateValue(`${field}.type`, type));
		seen.add(type);
	}
	return out;
}

function certificateError(base64: string): string | undefined {
	if (base64 === '') return undefined;
	const block = readPem(fromBase64(base64) ?? '');
	if (block === undefined) return 'must contain at least one CERTIFICATE PEM block';
	return block.label === 'CERTIFICATE' ? undefined : `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(block.label)}`;
}

const ofType = (csr: KubeObject, type: string): readonly Fields[] => recs(statusOf(csr).conditions).filter((c) => c.type === type);

/** What each of the two subresources may change of the status, the other may not. */
function statusErrors(csr: KubeObject, old: KubeObject, approval: boolean): readonly FieldError[] {
	const out = [...conditionErrors(csr)];
	const field = 'status.conditions';
	for (const type of ['Approved', 'Denied', 'Failed']) {
		const [now, before] = [ofType(csr, type), ofType(old, type)];
		if (now.length < before.length) out.push(forbiddenValue(field, `updates may not remove a condition of type "${type}"`));
		else if (approval || type === 'Failed') continue;
		else if (now.length > before.length) out.push(forbiddenValue(field, `updates may not add a condition of type "${type}"`));
		else if (!sameData(now, before)) out.push(forbiddenValue(field, `updates may not modify a condition of type "${type}"`));
	}
	const [certificate, before] = [str(statusOf(csr).certificate), str(statusOf(old).certificate)];
	if (certificate === before) return out;
	const why = certificateError(certificate);
	if (why !== undefined) out.push(invalidValue('status.certificate', '<certificate data>', why));
	if (approval) out.push(forbiddenValue('status.certificate', 'updates may not set certificate content'));
	else if (before !== '') out.push(forbiddenValue('status.certificate', 'updates may not modify existing certificate content'));
	return out;
}

/** populateConditionTimestamps. */
function stamped(world: World, conditions: readonly Fields[], old: readonly Fields[]): readonly Fields[] {
	const now = formatTime(world.now);
	return conditions.map((c) => {
		const same = old.find((o) => o.type === c.type && o.status === c.status && typeof o.lastTransitionTime === 'string');
		return { ...c, lastUpdateTime: c.lastUpdateTime ?? now, lastTransitionTime: c.lastTransitionTime ?? same?.lastTransitionTime ?? now };
	});
}

/** Approval decides the conditions; the status of a signer keeps what was decided. */
function prepareStatus(world: World, csr: KubeObject, old: KubeObject, approval: boolean): KubeObject {
	const { uid, creationTimestamp, ownerReferences } = old.metadata;
	const metadata = { ...csr.metadata, uid, creationTimestamp, ...(ownerReferences === undefined ? {} : { ownerReferences }) };
	const before = recs(statusOf(old).conditions);
	const sent = recs(statusOf(csr).conditions);
	const decided = (type: unknown): boolean => type === 'Approved' || type === 'Denied';
	const kept = approval ? sent : sent.map((c) => (decided(c.type) ? (before.find((o) => o.type === c.type) ?? c) : c));
	const conditions = stamped(world, kept, before);
	const rest = approval ? statusOf(old) : statusOf(csr);
	return { ...old, metadata, status: { ...rest, ...(conditions.length > 0 ? { conditions } : {}) } };
}

function requestor(spec: Fields, user: UserInfo): Fields {
	return {
		...spec,
		username: user.name,
		uid: user.uid,
		groups: user.groups,
		extra: user.extra,
	};
}

const defined = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined));

function statusText(csr: KubeObject): string {
	const has = (type: string): boolean => ofType(csr, type).length > 0;
	const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
	return `${decision}${has('Failed') ? ',Failed' : ''}${str(statusOf(csr).certificate) === '' ? '' : ',Issued'}`;
}

export const certificatesigningrequests = defineResource({
	group: 'certificates.k8s.io',
	resource: 'certificatesigningrequests',
	kind: 'CertificateSigningRequest',
	shortNames: ['csr'],
	namespaced: false,
	subresources: ['status'],
	validateName: () => [],
	prepareForCreate: (_world, csr, user) => ({ ...csr, spec: defined(requestor(specOf(csr), user)) }),
	prepareForUpdate: (_world, csr, old) => ({ ...csr, spec: old.spec }),
	prepareForStatusUpdate: (world, csr, old) => prepareStatus(world, csr, old, false),
	parts: {
		approval: {
			prepareForUpdate: (world, csr, old) => prepareStatus(world, csr, old, true),
			validateUpdate: (_world, csr, old) => statusErrors(csr, old, true),
		},
	},
	validate: (_world, csr) => specErrors(specOf(csr)),
	validateStatusUpdate: (_world, csr, old) => statusErrors(csr, old, false),
	selectableFields: (csr) => ({ 'spec.signerName': str(specOf(csr).signerName) }),
	table: table(['Name', 'Age', 'SignerName', 'Requestor', 'RequestedDuration', 'Condition'], (world, csr) => {
		const { signerName, username, expirationSeconds } = specOf(csr);
		const asked = typeof expirationSeconds === 'number' ? humanDuration(expirationSeconds * 1000) : '<none>';
		return [csr.metadata.name, age(world, csr), str(signerName) || '<none>', str(username), asked, statusText(csr)];
	}),
});
