/**
 * Graded evidence as an Open Badges 3.0 credential, signed as a VC-JWT: the payload is the credential, with `iss`, `jti`, `sub` and
 * `nbf` beside it, and the header carries the public key (1EdTech Open Badges 3.0, 8.2; W3C Verifiable Credentials data model 2.0).
 */
import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Evidence } from '../protocol/progress.ts';
import { ALGORITHM, type Signer } from './issuer.ts';
import { filled, WORDS } from './words.ts';

export const CONTEXTS = ['https://www.w3.org/ns/credentials/v2', 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json'];
const SCHEMA = 'https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json';

/** What a badge says about the lab. */
export interface BadgeLab {
	readonly id: string;
	readonly title: string;
	readonly summary: string;
	readonly objectives: readonly string[];
	readonly passScore: number;
}

export interface Holder {
	readonly id: string;
	readonly name: string;
}

/** A URN that is the same for the same thing: badges made twice are one badge. */
function urn(...parts: readonly string[]): string {
	const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
	// RFC 9562, version 8: bits of one's own choosing, here a digest's.
	return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The credential, unsigned. Only what passed is one: see `badges`. */
export function credential({ issuer }: Signer, holder: Holder, lab: BadgeLab, evidence: Evidence): Record<string, unknown> {
	const { verdict, confirmed } = evidence;
	const subject = urn('holder', issuer.id, holder.id);
	const scale = urn('score', lab.id);
	const passed = verdict.checks.filter(({ outcome }) => outcome === 'pass').length;
	return {
		'@context': CONTEXTS,
		// Confirmed, it says more than before: another credential.
		id: urn('credential', issuer.id, evidence.id, evidence.digest, ...(confirmed === undefined ? [] : [confirmed.at])),
		type: ['VerifiableCredential', 'OpenBadgeCredential'],
		name: lab.title,
		issuer: { id: issuer.id, type: ['Profile'], name: issuer.name },
		validFrom: new Date(evidence.at).toISOString(),
		credentialSubject: {
			id: subject,
			type: ['AchievementSubject'],
			identifier: [{ type: 'IdentityObject', hashed: false, identityHash: holder.name, identityType: 'name' }],
			achievement: {
				id: urn('achievement', lab.id),
				type: ['Achievement'],
				achievementType: 'Assessment',
				name: lab.title,
				description: lab.summary,
				criteria: {
					narrative: `Graded by effect: checks used what was built and broke things around it. Passed at ${lab.passScore} of 100 points.\n\n${lab.objectives.map((one) => `- ${one}`).join('\n')}`,
				},
				resultDescription: [
					{
						id: scale,
						type: ['ResultDescription'],
						name: 'Points',
						resultType: 'RawScore',
						valueMin: '0',
						valueMax: '100',
						requiredValue: String(lab.passScore),
					},
				],
			},
			result: [{ type: ['Result'], resultDescription: scale, value: String(evidence.score) }],
		},
		evidence: [
			{
				id: urn('evidence', evidence.digest),
				type: ['Evidence'],
				name: `Attempt ${evidence.attempt}, ${evidence.score} of 100 points`,
				narrative: `${passed} of ${verdict.checks.length} checks passed. SHA-256 over verdict and files: ${evidence.digest}`,
				genre: WORDS.badgeGraded,
			},
			...(confirmed === undefined
				? []
				: [
						{
							id: urn('confirmation', evidence.digest, confirmed.at),
							type: ['Evidence'],
							name: filled(WORDS.confirmed, { name: confirmed.name || WORDS.goneMentor, day: confirmed.at.slice(0, 10) }),
							genre: WORDS.badgeConfirmed,
						},
					]),
		],
		credentialSchema: [{ id: SCHEMA, type: '1EdTechJsonSchemaValidator2019' }],
	};
}

/** The badge as a compact JWS. The same evidence gives the same text: the signature is deterministic and nothing tells the time of signing. */
export async function badge(signer: Signer, holder: Holder, lab: BadgeLab, evidence: Evidence): Promise<string> {
	const payload = credential(signer, holder, lab, evidence);
	const subject = (payload['credentialSubject'] as { readonly id: string }).id;
	return new SignJWT(payload)
		.setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', jwk: signer.issuer.jwk })
		.setIssuer(signer.issuer.id)
		.setJti(String(payload['id']))
		.setSubject(subject)
		.setNotBefore(Math.floor(Date.parse(evidence.at) / 1000))
		.sign(signer.key);
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** The badge baked into a picture of its own (Open Badges 3.0, 9.2: `openbadges:credential` with the JWS as `verify`). */
export function baked(jws: string, lab: BadgeLab, evidence: Evidence, holder: Holder): string {
	const line = (y: number, size: number, text: string): string =>
		`<text x="150" y="${y}" text-anchor="middle" font-family="sans-serif" font-size="${size}" fill="#0d1b1e">${escaped(text)}</text>`;
	const words = lab.title.length > 26 ? `${lab.title.slice(0, 25)}…` : lab.title;
	return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" viewBox="0 0 300 300" role="img" aria-label="${escaped(`Badge: ${lab.title}, ${evidence.score} of 100 points`)}">
<openbadges:credential verify="${escaped(jws)}"/>
<circle cx="150" cy="150" r="142" fill="#f6f7f4" stroke="#0b5c66" stroke-width="10"/>
<path d="M96 118v-18h36V82h36V64h36" fill="none" stroke="#0b5c66" stroke-width="9"/>
${line(160, 20, words)}
${line(190, 16, `${evidence.score} of 100 points`)}
${line(216, 13, holder.name)}
${line(238, 12, evidence.at.slice(0, 10))}
</svg>
`;
}
