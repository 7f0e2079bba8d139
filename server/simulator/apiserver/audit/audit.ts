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

/** Every request is written down: what is put together field by field costs a fifth of what spreads of fields that may be missing do. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

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
	const { name: user, groups } = trail.user;
	const path = at < 0 ? request.url : request.url.slice(0, at);
	if (call === undefined) return { user, groups, path, verb: request.method.toLowerCase() };
	const { group, resource, subresource = '', namespace = '' } = call;
	return { user, groups, path, verb: call.verb, resource: { group, resource, subresource, namespace, name: requestName(call) ?? '' } };
}

function createdName(body: unknown): string | undefined {
	const metadata = isRecord(body) && body['kind'] !== 'Status' ? body['metadata'] : undefined;
	const name = isRecord(metadata) ? metadata['name'] : undefined;
	return typeof name === 'string' ? name : undefined;
}

type Ref = NonNullable<AuditEvent['objectRef']>;

function refOf(call: ApiCall, body: unknown): Ref {
	const name = requestName(call) ?? (call.verb === 'create' ? createdName(body) : undefined);
	const out: { -readonly [K in keyof Ref]?: Ref[K] } = { resource: call.resource };
	if (call.namespace !== undefined) out.namespace = call.namespace;
	if (name !== undefined) out.name = name;
	if (call.group !== '') out.apiGroup = call.group;
	out.apiVersion = call.version;
	if (call.subresource !== undefined) out.subresource = call.subresource;
	return out as Ref;
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
	const said = { 'authorization.k8s.io/decision': decision.allowed ? 'allow' : 'forbid', 'authorization.k8s.io/reason': decision.reason };
	return annotations === undefined ? said : { ...annotations, ...said };
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
	return { next: state.next + 1, entries, bytes, open: state.open };
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
	const whole: Writable<Entry> = {
		id,
		at: world.now,
		ended: world.now,
		level: decision.level,
		stage: 'RequestReceived',
		url: request.url.slice(0, URL_KEPT),
		verb: call?.verb ?? request.method.toLowerCase(),
		user: trail.user,
		sourceIPs: request.sourceIPs,
		bytes: 0,
	};
	if (request.agent !== undefined) whole.agent = request.agent.slice(0, AGENT_KEPT);
	if (wanted('RequestReceived')) state = push(state, call === undefined ? { ...whole } : { ...whole, ref: refOf(call, undefined) });
	const body = trail.body ?? response.json;
	if (impersonated !== undefined) whole.impersonated = impersonated;
	if (call !== undefined) whole.ref = refOf(call, body);
	whole.status = statusOf(response.json, response.status);
	const annotations = annotationsOf(trail);
	if (annotations !== undefined) whole.annotations = annotations;
	if (decision.omitManagedFields) whole.omitManagedFields = true;
	const { request: sent, response: answered } = bodiesOf(decision, trail, body);
	if (sent !== undefined) whole.bytes = request.size;
	const last = trail.panic === true ? 'Panic' : response.long ? 'ResponseStarted' : 'ResponseComplete';
	if (response.long && trail.panic !== true && response.stream !== undefined && wanted('ResponseComplete') && treeSize(state.open) < AUDIT_OPEN_KEPT) {
		state = { ...state, open: treeSet(state.open, response.stream.id, { ...whole, stage: 'ResponseComplete', ended: 0 }) };
	}
	if (sent !== undefined) whole.request = sent;
	if (answered !== undefined) whole.response = answered;
	whole.stage = last;
	if (wanted(last)) state = push(state, whole);
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

/** Events written down so far, those that are no longer kept among them. */
export const auditedSoFar = (world: World): number => world.read(auditSlice).next - 1;

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
