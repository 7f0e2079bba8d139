/** What of the workstation's files a page may touch, and what of them goes into evidence. */
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { WorkstationFiles } from '../sandboxes/sandbox.ts';
import { Masker, type Secrets } from '../terminal/masker.ts';

export const HOME = '/home/learner';

/** Throws where a page names anything but a normalised path below the home folder, or below /tmp (where `kubectl edit` keeps its drafts). */
export function checkPath(path: string): void {
	const refuse = (why: string): never => {
		throw fault('file-refused', { path, why });
	};
	if (!path.startsWith(`${HOME}/`) && !path.startsWith('/tmp/')) refuse('it is outside the home folder');
	if (path.length > 1024) refuse('it is too long');
	if (/[\u0000-\u001f\u007f]/.test(path)) refuse('it holds control characters');
	if (path.split('/').some((part, i) => i > 0 && (part === '' || part === '.' || part === '..'))) refuse('it is not a plain path');
}

/** The learner's text files, as many as evidence holds; dot files (settings, histories, credentials) stay out. Evidence is shown to others, so secrets are masked. */
export async function workspaceOf(files: WorkstationFiles, secrets: Secrets): Promise<{ readonly [path: string]: string }> {
	const masker = new Masker(secrets);
	const out: Record<string, string> = {};
	let bytes = 0;
	for (const file of await files.list(HOME)) {
		if (file.kind !== 'file' || file.path.includes('/.')) continue;
		const entry = await files.entry(file.path);
		if (entry === undefined || entry.binary) continue;
		bytes += Buffer.byteLength(entry.content);
		if (bytes > LIMITS.evidenceBytes) break;
		out[file.path] = masker.masked(entry.content);
	}
	return out;
}
