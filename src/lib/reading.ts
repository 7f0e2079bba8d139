/** What was read, as the server keeps it; asked once a page. */
import type { ReadingChange } from '../../server/protocol/http.ts';
import type { Reading } from '../../server/protocol/progress.ts';
import { changeReading, getReading } from './api.ts';

let asked: Promise<Reading> | undefined;

export function reading(): Promise<Reading> {
	asked ??= getReading();
	return asked;
}

/** Resolves once it is kept: an acknowledged change survives a crash of the server. */
export function moveLesson(lesson: string, state: ReadingChange['state']): Promise<Reading> {
	asked = changeReading({ lesson, state });
	return asked;
}
