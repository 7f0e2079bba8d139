/** `kubectl events`. Upstream: pkg/cmd/events. */
import { lines, type Obj } from './client.ts';
import { eventAge, sortEvents } from './describe/events.ts';
import { CliError } from './errors.ts';
import { bool, int, list, text } from './flags.ts';
import { parseJson } from './json-text.ts';
import { PRINT_FLAGS, printerFor } from './printers.ts';
import type { Subcommand } from './subcommand.ts';
import { TableText } from './tabs.ts';

export const events: Subcommand = {
	name: 'events',
	flags: [
		bool('all-namespaces', { short: 'A' }),
		int('chunk-size', 500),
		text('for'),
		bool('no-headers'),
		list('types'),
		bool('watch', { short: 'w' }),
		...PRINT_FLAGS,
	],
	async run(kube, _args, flags) {
		const everywhere = flags.bool('all-namespaces');
		const fields: string[] = [];
		if (flags.str('for') !== '') {
			const [type = '', name = ''] = flags.str('for').split('/');
			if (name === '') throw new CliError(`--for must be in resource/name form`);
			const mapping = await kube.mapper.byWord(type).catch((err: unknown) => {
				throw err instanceof CliError ? new CliError(err.message, { raw: true }) : err;
			});
			fields.push(`involvedObject.kind=${mapping.kind}`, `involvedObject.name=${name}`);
		}
		const types = flags.list('types').map((t) => t.toLowerCase());
		for (const t of types) if (!['normal', 'warning'].includes(t)) throw new CliError('valid --types are Normal or Warning');
		const wanted = (e: Obj): boolean => types.length === 0 || types.includes(String(e['type']).toLowerCase());
		const path = everywhere ? '/api/v1/events' : `/api/v1/namespaces/${kube.namespace}/events`;
		const query = { fieldSelector: fields.length > 0 ? fields.join(',') : undefined };
		const answer = await kube.client.json(path, { query: { ...query, limit: 500 } });
		const found = sortEvents(((answer['items'] ?? []) as Obj[]).filter(wanted));
		const printer = await printerFor(kube, flags);
		const table = new TableText();
		const row = (e: Obj): string[] => [
			...(everywhere ? [e.metadata?.namespace ?? ''] : []),
			eventAge(e, kube.now),
			String(e['type'] ?? ''),
			String(e['reason'] ?? ''),
			`${e['involvedObject']?.kind}/${e['involvedObject']?.name}`,
			String(e['message'] ?? '').trim(),
		];
		const head = [...(everywhere ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'];
		if (found.length === 0 && !flags.bool('watch')) {
			kube.err(everywhere ? 'No events found.\n' : `No events found in ${kube.namespace} namespace.\n`);
			return 0;
		}
		// Upstream's printer of names has nothing to say about a list.
		if (flags.str('output') === 'name') return 0;
		if (printer !== undefined) kube.out(printer({ apiVersion: 'v1', kind: 'EventList', metadata: {}, items: found }));
		else kube.out(table.rows(flags.bool('no-headers') ? found.map(row) : [head, ...found.map(row)]));
		if (!flags.bool('watch')) return 0;
		const response = await kube.client.fetch(path, { query: { ...query, watch: true, resourceVersion: answer.metadata?.resourceVersion } });
		for await (const line of lines(response, kube.signal)) {
			if (line === '') continue;
			const event = parseJson(line) as { readonly type: string; readonly object: Obj };
			if (!['ADDED', 'MODIFIED'].includes(event.type) || !wanted(event.object)) continue;
			kube.out(printer === undefined ? table.rows([row(event.object)]) : printer(event.object));
		}
		return 0;
	},
};
