/**
 * The event recorder, as client-go's record package: equal events are counted instead of written again, many similar
 * ones are combined, a source that floods is cut off. Events vanish an hour after they were last seen (the API server's
 * --event-ttl).
 */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { defineSlice } from '../kernel/state.ts';
import { formatMicroTime, formatTime } from '../kernel/time.ts';
import { type Tree, treeGet, treeRemove, treeSet } from '../kernel/tree.ts';
import type { TimerHandler, World } from '../kernel/world.ts';
import type { Services } from '../services.ts';
import { SYSTEM_USERS } from '../services.ts';

export interface EventInput {
	/** What the event is about. */
	readonly object: KubeObject;
	readonly type: 'Normal' | 'Warning';
	readonly reason: string;
	readonly message: string;
	/** Who reports: 'kubelet', 'default-scheduler', 'deployment-controller'… */
	readonly component: string;
	/** The reporting node, for the kubelet. */
	readonly host?: string;
	/** Part of the object, e.g. `spec.containers{nginx}`. */
	readonly fieldPath?: string;
	/** Set by parts that speak events.k8s.io (the scheduler): what was being done. Such events carry eventTime and a series. */
	readonly action?: string;
}

const EVENT_TTL_MS = 3_600_000;
/** Spam filter: a source may report so often on one object at once, then once in REFILL_MS (client-go: 25, 1 in 5 minutes). */
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;
/** So many different messages of one reason within SIMILAR_MS before they are combined into one event. */
const SIMILAR_MAX = 10;
const SIMILAR_MS = 600_000;

interface Seen {
	readonly namespace: string;
	readonly name: string;
	readonly count: number;
	readonly last: number;
}

/** What one source has said about one object. */
interface Source {
	readonly tokens: number;
	readonly at: number;
	/** type NUL reason → different messages since `since`. */
	readonly similar: { readonly [group: string]: { readonly since: number; readonly messages: readonly string[] } };
	/** type NUL reason NUL message → its event. */
	readonly events: { readonly [key: string]: Seen };
}

const eventsSlice = defineSlice<{ readonly next: number; readonly sources: Tree<string, Source> }>('controllers.events', { next: 1, sources: null });

const EXPIRE = 'events:expire';

/** Spends a token of the source's bucket; events.k8s.io has no such filter. */
function spend(source: Source, now: number, free: boolean): Pick<Source, 'tokens' | 'at'> | undefined {
	if (free) return source;
	const refilled = Math.min(SPAM_BURST, source.tokens + (now - source.at) / SPAM_REFILL_MS);
	if (refilled < 1) return undefined;
	return { tokens: refilled - 1, at: now };
}

/** The message to write: the event's own, or a combined one where its group has too many different ones. */
function combine(source: Source, input: EventInput, now: number): { readonly similar: Source['similar']; readonly key: string; readonly message: string } {
	const group = `${input.type}\u0000${input.reason}`;
	const held = source.similar[group];
	const fresh = held === undefined || now - held.since > SIMILAR_MS;
	const messages = fresh ? [] : held.messages;
	const known = messages.includes(input.message);
	const next = known || messages.length >= SIMILAR_MAX ? messages : [...messages, input.message];
	const similar = fresh || next !== messages ? { ...source.similar, [group]: { since: fresh ? now : held.since, messages: next } } : source.similar;
	const combined = !known && messages.length >= SIMILAR_MAX;
	return {
		similar,
		key: combined ? `${group}\u0000` : `${group}\u0000${input.message}`,
		message: combined ? `(combined from similar events): ${input.message}` : input.message,
	};
}

function reference(input: EventInput): { readonly [k: string]: unknown } {
	const { object } = input;
	const { namespace, name, uid, resourceVersion } = object.metadata;
	const out = { kind: object.kind, namespace, name, uid, apiVersion: object.apiVersion, resourceVersion };
	return input.fieldPath === undefined ? out : { ...out, fieldPath: input.fieldPath };
}

const NO_SOURCE = {};

interface Reporter {
	readonly source: { readonly component: string; readonly host?: string };
	/** The name of a control plane's component. */
	readonly instance: string;
}

/** Events of all worlds share what says who reported: few report, and much. */
const reporters = new Map<string, Reporter>();
const REPORTERS_KEPT = 1000;

function reporterOf(component: string, host: string | undefined): Reporter {
	const key = host === undefined ? component : `${component}/${host}`;
	const known = reporters.get(key);
	if (known !== undefined) return known;
	if (reporters.size >= REPORTERS_KEPT) reporters.clear();
	const made = { source: { component, ...(host === undefined ? {} : { host }) }, instance: `${component}-foothold-control-plane` };
	reporters.set(key, made);
	return made;
}

function newEvent(world: World, input: EventInput, namespace: string, name: string, message: string): { readonly [k: string]: unknown } {
	const common = { apiVersion: 'v1', kind: 'Event', metadata: { name, namespace }, involvedObject: reference(input), reason: input.reason, message };
	if (input.action !== undefined) {
		return {
			...common,
			source: NO_SOURCE,
			firstTimestamp: null,
			lastTimestamp: null,
			type: input.type,
			eventTime: formatMicroTime(world.now),
			action: input.action,
			reportingComponent: input.component,
			reportingInstance: reporterOf(input.component, undefined).instance,
		};
	}
	const now = formatTime(world.now);
	return {
		...common,
		source: reporterOf(input.component, input.host).source,
		firstTimestamp: now,
		lastTimestamp: now,
		count: 1,
		type: input.type,
		eventTime: null,
		reportingComponent: input.component,
		reportingInstance: input.host ?? '',
	};
}

/** Counts an event that stands already. False where it is gone. */
function countUp(world: World, client: ApiClient, seen: Seen, input: EventInput, message: string): boolean {
	const event = client.get(world, 'v1/events', seen.namespace, seen.name);
	if (event === undefined) return false;
	const count = seen.count + 1;
	const next: KubeObject =
		input.action === undefined
			? { ...event, message, count, lastTimestamp: formatTime(world.now) }
			: { ...event, series: { count, lastObservedTime: formatMicroTime(world.now) } };
	return client.update(world, 'v1/events', next).ok;
}

/**
 * Writes an event about `input.object`, or counts it where the same source said the same of it within the last hour.
 * Never fails: an event that can't be written is lost, as upstream.
 */
export function recordEvent(world: World, client: ApiClient, input: EventInput): void {
	const state = world.read(eventsSlice);
	const { uid, name } = input.object.metadata;
	// Kept for an hour in three places, so it is short.
	const sourceKey = `${uid ? uid : `${input.object.kind}/${name}`}\u0000${input.component}`;
	const known = treeGet(state.sources, sourceKey);
	const held = known ?? { tokens: SPAM_BURST, at: world.now, similar: {}, events: {} };
	const spent = spend(held, world.now, input.action !== undefined);
	if (spent === undefined) return;
	const { similar, key, message } = combine(held, input, world.now);
	const eventKey = input.fieldPath === undefined ? key : `${key}\u0000${input.fieldPath}`;
	const namespace = input.object.metadata.namespace ?? 'default';
	let seen = held.events[eventKey];
	let next = state.next;
	if (seen !== undefined && countUp(world, client, seen, input, message)) seen = { ...seen, count: seen.count + 1, last: world.now };
	else {
		// Upstream names an event by its nanosecond; the counter stands in for what is below our millisecond.
		const nanos = BigInt(Math.floor(world.now)) * 1_000_000n + BigInt(next % 1_000_000);
		next += 1;
		seen = { namespace, name: `${input.object.metadata.name}.${nanos.toString(16)}`, count: 1, last: world.now };
		if (!client.create(world, 'v1/events', namespace, newEvent(world, input, namespace, seen.name, message)).ok) return;
	}
	const source = { tokens: spent.tokens, at: spent.at, similar, events: { ...held.events, [eventKey]: seen } };
	world.write(eventsSlice, { next, sources: treeSet(world.read(eventsSlice).sources, sourceKey, source) });
	// One that is known has its timer: it comes due an hour after the first event, and looks again for what is younger.
	if (known === undefined) world.schedule(EXPIRE, sourceKey, EVENT_TTL_MS);
}

/** Timers of the recorder: removes what was last seen an hour ago. */
export function eventTimers(services: Services): { readonly [kind: string]: TimerHandler } {
	const expire: TimerHandler = (world, sourceKey) => {
		const source = treeGet(world.read(eventsSlice).sources, sourceKey);
		if (source === undefined) return;
		const client = services.api.client(SYSTEM_USERS.loopback);
		const kept: { [key: string]: Seen } = {};
		let oldest = Number.POSITIVE_INFINITY;
		for (const [key, seen] of Object.entries(source.events)) {
			if (world.now - seen.last >= EVENT_TTL_MS) client.delete(world, 'v1/events', seen.namespace, seen.name);
			else {
				kept[key] = seen;
				oldest = Math.min(oldest, seen.last);
			}
		}
		const state = world.read(eventsSlice);
		if (oldest === Number.POSITIVE_INFINITY) {
			world.write(eventsSlice, { ...state, sources: treeRemove(state.sources, sourceKey) });
			return;
		}
		world.write(eventsSlice, { ...state, sources: treeSet(state.sources, sourceKey, { ...source, events: kept }) });
		world.schedule(EXPIRE, sourceKey, oldest + EVENT_TTL_MS - world.now);
	};
	return { [EXPIRE]: expire };
}
