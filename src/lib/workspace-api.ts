/** What the editor asks of the server over HTTP (protocol/workspace.ts): applying files, changing folders, archives in and out. */
import type { Applied, FileChange, FileDone, Uploaded } from '../../server/protocol/workspace.ts';
import { ApiError, json, post } from './api.ts';
import { fillIn } from './i18n/fill-in.ts';
import { say } from './i18n/script.ts';
import { wordsOf } from './i18n/words-of.ts';

const t = wordsOf('lab');

const at = (lab: string, what: string): string => `/api/labs/${encodeURIComponent(lab)}/${what}`;

export const applyFile = (lab: string, path: string, dryRun: boolean): Promise<Applied> => json(at(lab, 'apply'), post({ path, dryRun }));
export const changeFiles = (lab: string, change: FileChange): Promise<FileDone> => json(at(lab, 'files'), post(change));

/** Address of a folder as an archive. */
export const archiveAddress = (lab: string, folder: string, format: 'zip' | 'tar.gz'): string =>
	at(lab, `archive?${new URLSearchParams({ folder, format }).toString()}`);

/** Uploads a file; `onProgress` is told which share of it (0 to 1) is on its way. */
export function upload(lab: string, folder: string, file: File, replace: boolean, onProgress: (share: number) => void): Promise<Uploaded> {
	const query = new URLSearchParams({ folder, name: file.name, ...(replace ? { replace: '1' } : {}) });
	return new Promise((resolve, reject) => {
		// fetch cannot tell how far an upload is.
		const request = new XMLHttpRequest();
		request.open('POST', at(lab, `upload?${query.toString()}`));
		request.responseType = 'json';
		request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 1));
		request.addEventListener('error', () => reject(new ApiError(0, 'no-answer', t.uploadCut, t.uploadCutNext)));
		request.addEventListener('load', () => {
			if (request.status < 300) resolve(request.response as Uploaded);
			else {
				const { error } = (request.response ?? {}) as { readonly error?: { readonly code: string; readonly message: string; readonly next: string } };
				reject(
					new ApiError(
						request.status,
						error?.code ?? 'unexpected-answer',
						error?.message ?? fillIn(say().answered, { status: request.status }),
						error?.next ?? t.tryAgain,
					),
				);
			}
		});
		request.send(file);
	});
}
