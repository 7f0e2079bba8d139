/** Conformance area "instrumentation": both event APIs. */
import type { CoreV1Event, EventsV1Event } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { meta } from './pods.ts';
import { area, spec } from './spec.ts';

area('instrumentation');
const AT = '2026-01-02T03:04:05.000006Z';
const core = (name: string, labels = {}): object => ({
	apiVersion: 'v1',
	kind: 'Event',
	metadata: meta(name, labels),
	message: 'This is a test event',
	reason: 'Test',
	type: 'Normal',
	count: 1,
	involvedObject: { namespace: 'default' },
});
const modern = (name: string, labels = {}): object => ({
	apiVersion: 'events.k8s.io/v1',
	kind: 'Event',
	metadata: meta(name, labels),
	regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
	eventTime: AT,
	note: 'This is a test event',
	reason: 'Test',
	action: 'Do',
	type: 'Normal',
	reportingController: 'test-controller',
	reportingInstance: 'test-node',
});

spec('Event, manage lifecycle of an Event', async (c) => {
	const of = c.at<CoreV1Event>('v1/events');
	await of.create(core('e', { 'testevent-constant': 'true' }));
	expect((await c.get<{ items: CoreV1Event[] }>('/api/v1/events?labelSelector=testevent-constant%3Dtrue')).items.map((e) => e.metadata.name)).toEqual(['e']);
	expect((await of.patch('e', { message: 'patched' }, 'strategic')).message).toBe('patched');
	const held = await of.get('e');
	const updated = await of.replace({ ...held, series: { count: 100, lastObservedTime: AT as never } });
	expect(updated.series).toEqual({ count: 100, lastObservedTime: AT });
	await of.delete('e');
	expect(await of.list('testevent-constant=true')).toEqual([]);
});

spec('Event, delete a collection', async (c) => {
	const of = c.at<CoreV1Event>('v1/events');
	for (const name of ['e1', 'e2', 'e3']) await of.create(core(name, { set: 'y' }));
	expect(await of.list('set=y')).toHaveLength(3);
	await of.deleteAll('set=y');
	expect(await of.list('set=y')).toEqual([]);
});

spec('New Event resource lifecycle, testing a single event', async (c) => {
	const of = c.at<EventsV1Event>('events.k8s.io/v1/events');
	await of.create(modern('e'));
	expect((await of.get('e')).regarding?.name).toBe('p');
	expect(
		(await c.get<{ items: EventsV1Event[] }>('/apis/events.k8s.io/v1/events?fieldSelector=reportingController%3Dtest-controller')).items.map(
			(e) => e.metadata?.name,
		),
	).toEqual(['e']);
	expect((await of.patch('e', { note: 'patched' }, 'strategic')).note).toBe('patched');
	const series = { count: 2, lastObservedTime: AT };
	const held = await of.get('e');
	expect((await of.replace({ ...held, series: series as never })).series).toEqual(series);
	// The same object by the other API.
	expect(await c.at<CoreV1Event>('v1/events').get('e')).toMatchObject({
		message: 'patched',
		involvedObject: { name: 'p' },
		reportingComponent: 'test-controller',
	});
	await of.delete('e');
	expect(await of.gone('e')).toBe(true);
});

spec('New Event resource lifecycle, testing a list of events', async (c) => {
	const of = c.at<EventsV1Event>('events.k8s.io/v1/events');
	for (const name of ['e1', 'e2', 'e3']) await of.create(modern(name, { set: 'y' }));
	expect(await of.list('set=y')).toHaveLength(3);
	await of.deleteAll('set=y');
	expect(await of.list('set=y')).toEqual([]);
});
