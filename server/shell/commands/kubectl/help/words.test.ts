/** Every command and flag that the help names is there, with the default that it says. */
import { describe, expect, test } from 'vitest';
import type { FlagSpec } from '../flags.ts';
import { GLOBAL_FLAGS } from '../kube.ts';
import type { Subcommand } from '../subcommand.ts';
import { subcommands } from '../subcommands.ts';
import { FLAGS, HELP } from './words.gen.ts';

/** Where the help of 1.35 says something else than 1.36 does, or pflag shows a type of its own without quotes. */
const OTHERWISE = new Set(['debug --profile', 'create clusterrole --aggregation-rule', 'options --vmodule']);

function find(path: string): Subcommand | undefined {
	let all: readonly Subcommand[] = subcommands;
	let found: Subcommand | undefined;
	for (const word of path.split(' ')) {
		found = all.find((c) => c.name === word);
		all = found?.children ?? [];
	}
	return found;
}

function shown({ kind, def = '', bare, short, name }: FlagSpec): string {
	const value = kind === 'list' || kind === 'array' ? `[${def}]` : kind === 'string' || (bare !== undefined && kind !== 'bool') ? `'${def}'` : def;
	return `${short === undefined ? '' : `-${short}, `}--${name}=${value}`;
}

const said = (path: string): readonly string[] =>
	(HELP[path]?.flags ?? []).map((i) => /^ {4}(.*?):\n/s.exec(FLAGS[i] ?? '')?.[1] ?? '').filter((f) => !OTHERWISE.has(`${path} ${f.split('=')[0]}`));

const have = (path: string, flags: readonly FlagSpec[]): readonly string[] =>
	flags.filter((f) => !f.hidden && !OTHERWISE.has(`${path} --${f.name}`)).map(shown);

describe('the help', () => {
	const paths = Object.keys(HELP).filter((p) => !['', 'options', 'help'].includes(p));

	test.each(paths)('of kubectl %s names what is there', (path) => {
		const command = find(path);
		if (command === undefined) throw new Error('there is no such command');
		expect([...have(path, command.flags)].sort()).toEqual([...said(path)].sort());
		// An alias may be one that the help keeps to itself, as `log` for `logs`.
		expect([command.name, ...(command.aliases ?? [])]).toEqual(expect.arrayContaining((HELP[path]?.aliases ?? command.name).split(', ')));
	});

	test('of the global flags', () => {
		expect([...have('options', GLOBAL_FLAGS)].sort()).toEqual([...said('options')].sort());
	});
});
