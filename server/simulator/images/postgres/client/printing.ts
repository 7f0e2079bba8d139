/** What psql prints of an answer. */
import type { PostgresResponse } from '../../../network/types.ts';
import type { Process } from '../../program.ts';
import { formatResult } from '../format.ts';
import type { PsqlData } from './session.ts';

/** Prints rows or what was done, as the options want it. */
export function print(process: Process<PsqlData>, response: PostgresResponse): void {
	const { arguments: a, running, expanded } = process.data;
	const title = /\/\* (.*) \*\/$/.exec(running)?.[1];
	const quiet = a.flags.includes('q') || a.flags.includes('t');
	if (response.fields !== undefined) {
		if (title?.startsWith('Table') === true && (response.rows ?? []).length === 0) {
			process.stderr(`Did not find any relation named "${/public\.(.*)"/.exec(title)?.[1] ?? ''}".\n`);
			return;
		}
		if (title === 'List of relations' && (response.rows ?? []).length === 0) {
			process.stderr('Did not find any relations.\n');
			return;
		}
		const text = formatResult(response, {
			aligned: !a.flags.includes('A'),
			tuplesOnly: a.flags.includes('t'),
			separator: '|',
			expanded: expanded || a.flags.includes('x'),
			...(title === undefined ? {} : { title }),
		});
		process.stdout(
			title === undefined
				? text
				: title.startsWith('Table')
					? `${text}\n`
					: `${text}(${response.rows?.length} row${response.rows?.length === 1 ? '' : 's'})\n\n`,
		);
		if (/^(INSERT|UPDATE|DELETE)/.test(response.tag ?? '') && !quiet) process.stdout(`${response.tag}\n`);
	} else if (response.tag !== undefined && response.tag !== '' && !quiet) process.stdout(`${response.tag}\n`);
}
