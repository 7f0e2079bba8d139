/** audit.k8s.io/v1 Event, and the small form in which the log keeps it. `apiserver/pkg/apis/audit/v1/types.go`. */
import { formatMicroTime } from '../../kernel/time.ts';
import { isRecord } from '../equal.ts';
import type { UserInfo } from '../types.ts';
import type { Level, Stage } from './policy.ts';

export interface AuditUser {
	readonly username: string;
	readonly uid?: string;
	readonly groups?: readonly string[];
	readonly extra?: UserInfo['extra'];
}

export interface AuditEvent {
	readonly kind: 'Event';
	readonly apiVersion: 'audit.k8s.io/v1';
	readonly level: Level;
	readonly auditID: string;
	readonly stage: Stage;
	readonly requestURI: string;
	readonly verb: string;
	readonly user: AuditUser;
	readonly impersonatedUser?: AuditUser;
	readonly sourceIPs: readonly string[];
	readonly userAgent?: string;
	readonly objectRef?: {
		readonly resource: string;
		readonly namespace?: string;
		readonly name?: string;
		readonly apiGroup?: string;
		readonly apiVersion: string;
		readonly subresource?: string;
	};
	/** Left out at the stage RequestReceived. */
	readonly responseStatus?: {
		readonly metadata: object;
		readonly code: number;
		readonly status?: string;
		readonly message?: string;
		readonly reason?: string;
		readonly details?: object;
	};
	readonly requestObject?: unknown;
	readonly responseObject?: unknown;
	readonly requestReceivedTimestamp: string;
	readonly stageTimestamp: string;
	readonly annotations?: { readonly [key: string]: string };
}

/** Kept small: an event is written out when it is read. Bodies are those of request and store, shared. */
export interface Entry {
	/** Tells requests apart; the stages of one share it. */
	readonly id: number;
	readonly at: number;
	readonly ended: number;
	readonly level: Level;
	readonly stage: Stage;
	readonly url: string;
	readonly verb: string;
	readonly user: UserInfo;
	readonly impersonated?: UserInfo;
	readonly sourceIPs: readonly string[];
	readonly agent?: string;
	readonly ref?: AuditEvent['objectRef'];
	readonly status?: AuditEvent['responseStatus'];
	readonly annotations?: AuditEvent['annotations'];
	readonly request?: unknown;
	readonly response?: unknown;
	readonly omitManagedFields?: boolean;
	/** Counted against the log's bound. */
	readonly bytes: number;
}

const userOf = (user: UserInfo): AuditUser => ({
	username: user.name,
	...(user.uid === undefined ? {} : { uid: user.uid }),
	groups: user.groups,
	...(user.extra === undefined ? {} : { extra: user.extra }),
});

const hex = (n: number, width: number): string => (n >>> 0).toString(16).padStart(width, '0');

/** A UUID that follows from the request's number: replays give the same. */
export function auditID(id: number): string {
	const a = Math.imul(id, 0x9e37_79b1);
	const b = Math.imul(a ^ (a >>> 15), 0x85eb_ca77);
	const c = Math.imul(b ^ (b >>> 13), 0xc2b2_ae3d);
	return `${hex(a, 8)}-${hex(b >>> 16, 4)}-4${hex(b & 0xfff, 3)}-a${hex((c >>> 20) & 0xfff, 3)}-${hex(c & 0xffff, 4)}${hex(id, 8)}`;
}

function withoutManaged(value: unknown): unknown {
	if (!isRecord(value)) return value;
	const items = value['items'];
	const whole = Array.isArray(items) ? { ...value, items: items.map(withoutManaged) } : value;
	const metadata = whole['metadata'];
	if (!isRecord(metadata) || metadata['managedFields'] === undefined) return whole;
	const { managedFields: _dropped, ...rest } = metadata;
	return { ...whole, metadata: rest };
}

const sorted = (map: { readonly [key: string]: string }): { readonly [key: string]: string } =>
	Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The event as the log's reader sees it. */
export function eventOf(entry: Entry): AuditEvent {
	const body = (value: unknown): unknown => (entry.omitManagedFields === true ? withoutManaged(value) : value);
	return {
		kind: 'Event',
		apiVersion: 'audit.k8s.io/v1',
		level: entry.level,
		auditID: auditID(entry.id),
		stage: entry.stage,
		requestURI: entry.url,
		verb: entry.verb,
		user: userOf(entry.user),
		...(entry.impersonated === undefined ? {} : { impersonatedUser: userOf(entry.impersonated) }),
		sourceIPs: entry.sourceIPs,
		...(entry.agent === undefined ? {} : { userAgent: entry.agent }),
		...(entry.ref === undefined ? {} : { objectRef: entry.ref }),
		...(entry.status === undefined ? {} : { responseStatus: entry.status }),
		...(entry.request === undefined ? {} : { requestObject: body(entry.request) }),
		...(entry.response === undefined ? {} : { responseObject: body(entry.response) }),
		requestReceivedTimestamp: formatMicroTime(entry.at),
		stageTimestamp: formatMicroTime(entry.ended),
		...(entry.annotations === undefined ? {} : { annotations: sorted(entry.annotations) }),
	};
}
