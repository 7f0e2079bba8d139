/** The audit log: audit.k8s.io/v1 events of requests, as the policy wants them. `apiserver/pkg/audit`, `pkg/endpoints/filters/audit.go`. */
import { defineSlice } from '../../kernel/state.ts';
import { type Tree, treeFirst, treeGet, treeRange, treeRemove, treeSet, treeSize } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { requestName } from '../authorized.ts';
import { auditPolicy } from '../config/control-plane.ts';
import { isRecord } from '../equal.ts';
import { type AuditEvent, auditID, type Entry, eventOf } from './event.ts';
import { type AuditAttributes, type AuditDecision, decide, type Stage } from './policy.ts';
import type { ApiCall, StreamRef, UserInfo } from '../types.ts';

/** Events kept; the oldest go first. */
export const AUDIT_EVENTS_KEPT = 1000;
/** Rough bytes of the request bodies that the kept events hold; the oldest events go first. */
export const AUDIT_BYTES_KEPT = 8 * 1024 * 1024;
/** Long-running requests whose end is still to be written down. */
export const AUDIT_OPEN_KEPT = 256;
/** Characters kept of texts that a client chooses. */
const MESSAGE_KEPT = 512;
const URL_KEPT = 2048;
const AGENT_KEPT = 256;

interface AuditState {
	/** Number of the next event. */
	readonly next: number;
	readonly entries: Tree<number, Entry>;
	readonly bytes: number;
	/** Streams that a request opened: their end completes it. */
	readonly open: Tree<string, Entry>;
}

const auditSlice = defineSlice<AuditState>('audit', { next: 1, entries: null, bytes: 0, open: null });

/** A request's way through the server, as the audit sees it; filled in on the way. */
export interface AuditTrail {
	/** The caller before any impersonation. */
	user: UserInfo;
	impersonated?: UserInfo;
	call?: ApiCall;
	/** Set once the authorizer has spoken. */
	decision?: { readonly allowed: boolean; readonly reason: string };
	annotations?: { [key: string]: string };
	/** What the handler answered, before it was given the form that the client asked for. */
	body?: unknown;
	/** A fault of ours came between. */
	panic?: boolean;
}

export interface AuditedRequest {
	readonly method: string;
	readonly url: string;
	readonly agent: string | undefined;
	/** Where it comes from, nearest last. */
	readonly sourceIPs: readonly string[];
	/** UTF-16 units of its body. */
	readonly size: number;
}

export interface AuditedResponse {
	readonly status: number;
	readonly json?: unknown;
	/** It goes on after its head (watch, exec, a followed log). */
	readonly long: boolean;
	readonly stream?: StreamRef;
}

function attributesOf(request: AuditedRequest, trail: AuditTrail): AuditAttributes {
	const { call } = trail;
	const at = request.url.indexOf('?');
	const base = { user: trail.user.name, groups: trail.user.groups, path: at < 0 ? request.url : request.url.slice(0, at) };
	if (call === undefined) return { ...base, verb: request.method.toLowerCase() };
	const { group, resource, subresource = '', namespace = '' } = call;
	return { ...base, verb: call.verb, resource: { group, resource, subresource, namespace, name: requestName(call) ?? '' } };
}

function createdName(body: unknown): string | undefined {
	const metadata = isRecord(body) && body['kind'] !== 'Status' ? body['metadata'] : undefined;
	const name = isRecord(metadata) ? metadata['name'] : undefined;
	return typeof name === 'string' ? name : undefined;
}

function refOf(call: ApiCall, body: unknown): AuditEvent['objectRef'] {
	const name = requestName(call) ?? (call.verb === 'create' ? createdName(body) : undefined);
	return {
		resource: call.resource,
		...(call.namespace === undefined ? {} : { namespace: call.namespace }),
		...(name === undefined ? {} : { name }),
		...(call.group === '' ? {} : { apiGroup: call.group }),
		apiVersion: call.version,
		...(call.subresource === undefined ? {} : { subresource: call.subresource }),
	};
}

/** The bounded fields of a Status (LogResponseObject). */
function statusOf(body: unknown, code: number): AuditEvent['responseStatus'] {
	if (!isRecord(body) || body['kind'] !== 'Status') return { metadata: {}, code };
	const { status, message, reason, details } = body;
	return {
		metadata: {},
		...(typeof status === 'string' ? { status } : {}),
		...(typeof message === 'string' ? { message: message.slice(0, MESSAGE_KEPT) } : {}),
		...(typeof reason === 'string' ? { reason } : {}),
		...(isRecord(details) && JSON.stringify(details).length <= MESSAGE_KEPT * 4 ? { details } : {}),
		code,
	};
}

function annotationsOf({ decision, annotations }: AuditTrail): Entry['annotations'] {
	if (decision === undefined) return annotations;
	return {
		...annotations,
		'authorization.k8s.io/decision': decision.allowed ? 'allow' : 'forbid',
		'authorization.k8s.io/reason': decision.reason,
	};
}

function push(state: AuditState, entry: Entry): AuditState {
	let entries: Tree<number, Entry> = treeSet(state.entries, state.next, entry);
	let bytes = state.bytes + entry.bytes;
	for (;;) {
		const first: { readonly k: number; readonly v: Entry } | undefined = treeFirst(entries);
		if (first === undefined || treeSize(entries) === 1 || (treeSize(entries) <= AUDIT_EVENTS_KEPT && bytes <= AUDIT_BYTES_KEPT)) break;
		entries = treeRemove(entries, first.k);
		bytes -= first.v.bytes;
	}
	return { ...state, next: state.next + 1, entries, bytes };
}

/** What of the bodies an event carries at its level. */
function bodiesOf(decision: AuditDecision, trail: AuditTrail, body: unknown): Pick<Entry, 'request' | 'response'> {
	const { level } = decision;
	if (level !== 'Request' && level !== 'RequestResponse') return {};
	const request = trail.call?.body;
	return {
		...(request === undefined ? {} : { request }),
		...(level === 'RequestResponse' && body !== undefined ? { response: body } : {}),
	};
}

/**
 * Writes a request down once it has been answered: one event a stage that the policy wants.
 * @returns the events' auditID, which the answer's header tells; undefined where nothing was written.
 */
export function recordAudit(world: World, request: AuditedRequest, trail: AuditTrail, response: AuditedResponse): string | undefined {
	const { policy } = auditPolicy(world);
	const decision = decide(policy, attributesOf(request, trail));
	if (decision.level === 'None') return undefined;
	const wanted = (stage: Stage): boolean => !decision.omitStages.includes(stage);
	const { call, impersonated } = trail;
	let state = world.read(auditSlice);
	const id = state.next;
	const base = {
		id,
		at: world.now,
		level: decision.level,
		url: request.url.slice(0, URL_KEPT),
		verb: call?.verb ?? request.method.toLowerCase(),
		user: trail.user,
		sourceIPs: request.sourceIPs,
		...(request.agent === undefined ? {} : { agent: request.agent.slice(0, AGENT_KEPT) }),
	};
	if (wanted('RequestReceived')) {
		state = push(state, {
			...base,
			ended: world.now,
			stage: 'RequestReceived',
			bytes: 0,
			...(call === undefined ? {} : { ref: refOf(call, undefined) }),
		});
	}
	const body = trail.body ?? response.json;
	const annotations = annotationsOf(trail);
	const bodies = bodiesOf(decision, trail, body);
	const whole: Omit<Entry, 'stage' | 'ended'> = {
		...base,
		...(impersonated === undefined ? {} : { impersonated }),
		...(call === undefined ? {} : { ref: refOf(call, body) }),
		status: statusOf(response.json, response.status),
		...(annotations === undefined ? {} : { annotations }),
		...(decision.omitManagedFields ? { omitManagedFields: true } : {}),
		bytes: 'request' in bodies ? request.size : 0,
	};
	const add = (stage: Stage, more: Pick<Entry, 'request' | 'response'> = bodies): void => {
		if (wanted(stage)) state = push(state, { ...whole, ...more, stage, ended: world.now });
	};
	if (trail.panic === true) add('Panic');
	else if (response.long) {
		add('ResponseStarted');
		if (response.stream !== undefined && wanted('ResponseComplete') && treeSize(state.open) < AUDIT_OPEN_KEPT) {
			state = { ...state, open: treeSet(state.open, response.stream.id, { ...whole, stage: 'ResponseComplete', ended: 0 }) };
		}
	} else add('ResponseComplete');
	world.write(auditSlice, state);
	return auditID(id);
}

/** A stream that a request opened has been closed: the request is complete. */
export function completeAudit(world: World, stream: string): void {
	const state = world.read(auditSlice);
	const entry = treeGet(state.open, stream);
	if (entry === undefined) return;
	world.write(auditSlice, push({ ...state, open: treeRemove(state.open, stream) }, { ...entry, ended: world.now }));
}

/** The log's events, oldest first. */
export function auditEvents(world: World): readonly AuditEvent[] {
	return auditEventsSince(world, 0).events;
}

/**
 * Events from number `from` on, for whoever follows the log.
 * @returns them, the number to go on from, and how many were dropped before they were read.
 */
export function auditEventsSince(world: World, from: number): { readonly events: readonly AuditEvent[]; readonly next: number; readonly missed: number } {
	const { next, entries } = world.read(auditSlice);
	const events: AuditEvent[] = [];
	let first: number | undefined;
	for (const e of treeRange(entries, from)) {
		first ??= e.k;
		events.push(eventOf(e.v));
	}
	return { events, next, missed: Math.max(0, (first ?? next) - Math.max(from, 1)) };
}
