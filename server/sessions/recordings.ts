/** A session's recordings on disk: one of each terminal, and those of terminals that were closed. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LIMITS } from '../limits.ts';
import type { RecordingInfo } from '../protocol/progress.ts';

const ENDING = '.cast';

/** Ends the recording of a terminal and puts it aside, so that another of that name begins anew; the oldest of too many go. */
export function endRecording(path: string): void {
	if (!existsSync(path)) return;
	appendFileSync(path, '[0,"x","0"]\n');
	const stem = path.slice(0, -ENDING.length);
	let n = 1;
	while (existsSync(`${stem}.${n}${ENDING}`)) n++;
	renameSync(path, `${stem}.${n}${ENDING}`);
	const folder = dirname(path);
	const aside = readdirSync(folder)
		.filter((name) => /\.\d+\.cast$/.test(name))
		.map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }))
		.sort((a, b) => b.at - a.at);
	for (const { name } of aside.slice(LIMITS.recordingsKept)) rmSync(join(folder, name), { force: true });
}

/** Where a recording of this name lies; undefined where there is none. Names come from pages. */
export function recordingFile(folder: string, name: string): string | undefined {
	if (!/^[\w%-]+(\.\d+)?$/.test(name)) return undefined;
	const path = join(folder, `${name}${ENDING}`);
	return existsSync(path) ? path : undefined;
}

/** All of a session's recordings, the newest first. */
export async function recordingsIn(folder: string): Promise<readonly RecordingInfo[]> {
	const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(ENDING)) : [];
	const dated = names.map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs })).sort((a, b) => b.at - a.at);
	return Promise.all(dated.map(async ({ name }) => infoOf(basename(name, ENDING), await readFile(join(folder, name), 'utf8'))));
}

/** Recordings with their texts that one submission carries: the newest, as many as fit; those without a command are left out. */
export async function recordingsToSubmit(folder: string): Promise<readonly { readonly info: RecordingInfo; readonly text: string }[]> {
	const out: { info: RecordingInfo; text: string }[] = [];
	let bytes = 0;
	for (const info of await recordingsIn(folder)) {
		bytes += info.bytes;
		if (info.commands === 0 || bytes > LIMITS.submissionRecordings) continue;
		const text = await readFile(join(folder, `${info.name}${ENDING}`), 'utf8');
		// Output may have come since: what is described is what is carried.
		out.push({ info: infoOf(info.name, text), text });
	}
	return out;
}

function infoOf(name: string, text: string): RecordingInfo {
	let seconds = 0;
	let commands = 0;
	for (const m of text.matchAll(/^\[([\d.e-]+),"(\w)"/gm)) {
		seconds += Number(m[1]);
		if (m[2] === 'm') commands++;
	}
	const timestamp = Number(/"timestamp":(\d+)/.exec(text.slice(0, 500))?.[1] ?? 0);
	return {
		name,
		startedAt: new Date(timestamp * 1000).toISOString(),
		seconds: Math.round(seconds * 10) / 10,
		commands,
		bytes: Buffer.byteLength(text),
		sha256: createHash('sha256').update(text).digest('hex'),
	};
}
