/** The audit log: audit.k8s.io/v1 events of the requests that came over the wire, at level Metadata. */
import { defineSlice } from '../../kernel/state.ts';
import { formatMicroTime } from '../../kernel/time.ts';
import { type Tree, treeFirst, treeRemove, treeSet, treeSize, treeValues } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { isRecord } from '../equal.ts';
import type { ApiCall, UserInfo } from '../types.ts';
import type { ApiResponse, ApiWireRequest } from '../wire.ts';

/** Events kept; the oldest go first. */
export const AUDIT_EVENTS_KEPT = 1000;

export interface AuditEvent {
	readonly kind: 'Event';
	readonly apiVersion: 'audit.k8s.io/v1';
	readonly level: 'Metadata';
	readonly auditID: string;
	readonly stage: 'ResponseComplete' | 'ResponseStarted';
	readonly requestURI: string;
	readonly verb: string;
	readonly user: { readonly username: string; readonly uid?: string; readonly groups?: readonly string[] };
	readonly impersonatedUser?: AuditEvent['user'];
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
	readonly responseStatus: { readonly metadata: object; readonly code: number; readonly status?: string; readonly message?: string; readonly reason?: string };
	readonly requestReceivedTimestamp: string;
	readonly stageTimestamp: string;
	readonly annotations?: { readonly [key: string]: string };
}

/** Kept small: an event is written out when it is read. */
interface Entry {
	readonly at: number;
	readonly url: string;
	readonly verb: string;
	readonly user: UserInfo;
	readonly impersonated?: UserInfo;
	readonly agent?: string;
	readonly ref?: AuditEvent['objectRef'];
	readonly code: number;
	readonly message?: string;
	readonly reason?: string;
	readonly long: boolean;
}

const auditSlice = defineSlice<{ readonly next: number; readonly entries: Tree<number, Entry> }>('audit', { next: 1, entries: null });

function refOf(call: ApiCall, response: ApiResponse): AuditEvent['objectRef'] {
	const name = call.name ?? (call.verb === 'create' ? createdName(response) : undefined);
	return {
		resource: call.resource,
		...(call.namespace === undefined ? {} : { namespace: call.namespace }),
		...(name === undefined ? {} : { name }),
		...(call.group === '' ? {} : { apiGroup: call.group }),
		apiVersion: call.version,
		...(call.subresource === undefined ? {} : { subresource: call.subresource }),
	};
}

function createdName(response: ApiResponse): string | undefined {
	const metadata = isRecord(response.json) && response.json['kind'] !== 'Status' ? response.json['metadata'] : undefined;
	const name = isRecord(metadata) ? metadata['name'] : undefined;
	return typeof name === 'string' ? name : undefined;
}

/** Characters kept of texts that a client chooses. */
const MESSAGE_KEPT = 512;
const URL_KEPT = 2048;
const AGENT_KEPT = 256;

/** Adds a request's line. */
export function recordAudit(
	world: World,
	request: ApiWireRequest,
	{ user, impersonated, call }: { readonly user: UserInfo; readonly impersonated?: UserInfo; readonly call?: ApiCall },
	response: ApiResponse,
): void {
	const { next, entries } = world.read(auditSlice);
	const failed = response.status >= 400 && isRecord(response.json) ? response.json : undefined;
	const message = failed?.['message'];
	const reason = failed?.['reason'];
	const agent = request.headers['user-agent'];
	const entry: Entry = {
		at: world.now,
		url: request.url.slice(0, URL_KEPT),
		verb: call?.verb ?? request.method.toLowerCase(),
		user,
		...(impersonated === undefined ? {} : { impersonated }),
		...(agent === undefined ? {} : { agent: agent.slice(0, AGENT_KEPT) }),
		...(call === undefined ? {} : { ref: refOf(call, response) }),
		code: response.status,
		...(typeof message === 'string' ? { message: message.slice(0, MESSAGE_KEPT) } : {}),
		...(typeof reason === 'string' ? { reason } : {}),
		long: response.watch !== undefined || response.stream !== undefined,
	};
	let kept: Tree<number, Entry> = treeSet(entries, next, entry);
	if (treeSize(kept) > AUDIT_EVENTS_KEPT) {
		const first = treeFirst(kept);
		if (first !== undefined) kept = treeRemove(kept, first.k);
	}
	world.write(auditSlice, { next: next + 1, entries: kept });
}

const userOf = (user: UserInfo): AuditEvent['user'] => ({ username: user.name, ...(user.uid === undefined ? {} : { uid: user.uid }), groups: user.groups });

function eventOf(entry: Entry, number: number): AuditEvent {
	const { user, code, message, reason } = entry;
	const time = formatMicroTime(entry.at);
	return {
		kind: 'Event',
		apiVersion: 'audit.k8s.io/v1',
		level: 'Metadata',
		auditID: `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`,
		stage: entry.long ? 'ResponseStarted' : 'ResponseComplete',
		requestURI: entry.url,
		verb: entry.verb,
		user: userOf(user),
		...(entry.impersonated === undefined ? {} : { impersonatedUser: userOf(entry.impersonated) }),
		sourceIPs: ['172.18.0.1'],
		...(entry.agent === undefined ? {} : { userAgent: entry.agent }),
		...(entry.ref === undefined ? {} : { objectRef: entry.ref }),
		responseStatus: {
			metadata: {},
			...(message === undefined ? {} : { status: 'Failure', message }),
			...(reason === undefined ? {} : { reason }),
			code,
		},
		requestReceivedTimestamp: time,
		stageTimestamp: time,
		annotations: { 'authorization.k8s.io/decision': code === 403 ? 'forbid' : 'allow' },
	};
}

/** The log's events, oldest first. */
export function auditEvents(world: World): readonly AuditEvent[] {
	const { next, entries } = world.read(auditSlice);
	const all = treeValues(entries);
	return all.map((entry, i) => eventOf(entry, next - all.length + i));
}
