/**
 * Scripts whose output a real program gave once, beside what our shell gives now. `<tool>.cases.txt` holds them, each under a line
 * `### name`; `<tool>.json` what the real ones answered. A case that differs on purpose begins with `# differs: why`: its recording
 * is kept all the same, and the test says so when the difference has gone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const TOOLS = ['bash', 'git', 'make'] as const;
export type Tool = (typeof TOOLS)[number];

export interface Case {
	readonly name: string;
	readonly script: string;
	/** Why our answer is another. */
	readonly differs?: string;
}

export interface Recording {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number;
}

/** Where cases run, on both sides: an empty folder. */
export const FOLDER = '/tmp/w';

const file = (name: string): string => join(import.meta.dirname, name);

/** What the scripts of a tool find in their environment. */
export const ENVIRONMENT: { readonly [name: string]: string } = {
	HOME: FOLDER,
	LC_ALL: 'C.UTF-8',
	TZ: 'UTC',
	GIT_AUTHOR_NAME: 'A U Thor',
	GIT_AUTHOR_EMAIL: 'author@example.com',
	GIT_COMMITTER_NAME: 'C O Mitter',
	GIT_COMMITTER_EMAIL: 'committer@example.com',
	GIT_AUTHOR_DATE: '@1767225600 +0000',
	GIT_COMMITTER_DATE: '@1767225600 +0000',
	GIT_CONFIG_NOSYSTEM: '1',
	GIT_CONFIG_GLOBAL: `${FOLDER}/.gitconfig`,
	GIT_EDITOR: 'true',
	GIT_PAGER: 'cat',
};

const PREPARE: { readonly [tool in Tool]: string } = {
	bash: '',
	git: 'git config --global init.defaultBranch main\ngit config --global advice.detachedHead false\n',
	make: '',
};

export function casesOf(tool: Tool): readonly Case[] {
	if (!existsSync(file(`${tool}.cases.txt`))) return [];
	const parts = readFileSync(file(`${tool}.cases.txt`), 'utf8').split(/^### /m).slice(1);
	return parts.map((part) => {
		const at = part.indexOf('\n');
		const body = part.slice(at + 1);
		const differs = /^# differs: (.*)\n/.exec(body);
		// The note is no line of the script: messages name lines.
		return { name: part.slice(0, at), script: PREPARE[tool] + (differs === null ? body : body.slice(differs[0].length)), ...(differs === null ? {} : { differs: differs[1] ?? '' }) };
	});
}

export const recordingFile = (tool: Tool): string => file(`${tool}.json`);

export function recordingsOf(tool: Tool): { readonly version: string; readonly answers: { readonly [name: string]: Recording } } {
	return JSON.parse(readFileSync(recordingFile(tool), 'utf8')) as { version: string; answers: { [name: string]: Recording } };
}
