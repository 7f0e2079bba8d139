/** location blocks, those in one another, and where they pass requests on to. */
import type { Found } from './found.ts';
import type { Location, Settings } from './model.ts';
import { settingsOf } from './settings.ts';
import { stepsOf } from './steps.ts';
import type { Directive } from './syntax.ts';
import { at, check, checkRegex, fail, splitHost } from './values.ts';

/** The locations in a block; two of the same pattern are refused. */
export function locationsOf(found: Found, parent: Settings, block: readonly Directive[]): readonly Location[] {
	const out: Location[] = [];
	for (const d of block) {
		if (d.name !== 'location') continue;
		const location = locationOf(found, parent, d);
		if (
			location.modifier !== '~' &&
			location.modifier !== '~*' &&
			out.some((l) => l.pattern === location.pattern && (l.modifier === '=') === (location.modifier === '='))
		) {
			fail(d, `duplicate location "${location.pattern}"`);
		}
		out.push(location);
	}
	return out;
}

function locationOf(found: Found, parent: Settings, d: Directive): Location {
	const block = d.block ?? [];
	for (const inner of block) check(inner, 'location');
	const [first = '', second] = d.args;
	let modifier: Location['modifier'] = '';
	let pattern = first;
	if (second !== undefined) {
		if (first !== '=' && first !== '^~' && first !== '~' && first !== '~*') fail(d, `invalid location modifier "${first}"`);
		modifier = first as Location['modifier'];
		pattern = second;
	} else if (first.startsWith('@')) modifier = '@';
	if (modifier === '~' || modifier === '~*') checkRegex(d, pattern);
	const settings = settingsOf(found, parent, block);
	const find = (name: string): Directive | undefined => block.find((b) => b.name === name);
	const pass = find('proxy_pass');
	if (pass !== undefined) proxyPass(found, pass, modifier);
	const alias = find('alias')?.args[0];
	const tryFiles = find('try_files')?.args;
	return {
		modifier,
		pattern,
		settings,
		steps: stepsOf(block),
		...(alias === undefined ? {} : { alias }),
		...(tryFiles === undefined ? {} : { tryFiles }),
		...(pass === undefined ? {} : { proxyPass: pass.args[0] ?? '' }),
		stubStatus: find('stub_status') !== undefined,
		internal: find('internal') !== undefined,
		locations: locationsOf(found, settings, block),
	};
}

function proxyPass(found: Found, d: Directive, modifier: Location['modifier']): void {
	const url = d.args[0] ?? '';
	if (url.includes('$')) return;
	const m = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(url);
	if (m === null) {
		fail(d, /^https?:\/\/$/.test(url) || /^https?:\/\/\//.test(url) ? `no host in upstream "${url.replace(/^https?:\/\//, '')}"` : 'invalid URL prefix');
		return;
	}
	if (m[3] !== undefined && (modifier === '~' || modifier === '~*' || modifier === '@')) {
		fail(
			d,
			'"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block',
		);
	}
	const authority = m[2] ?? '';
	const { host, port } = splitHost(authority, m[1] === 'https' ? 443 : 80);
	if (!Number.isInteger(port) || port < 1 || port > 65_535) fail(d, `invalid port in upstream "${authority}${m[3] ?? ''}"`);
	found.hosts.push({ host: authority, at: `host not found in upstream "${host}" in ${at(d)}` });
}
