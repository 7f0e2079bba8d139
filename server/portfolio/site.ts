/** A portfolio as a static site: files by path, the same for the same record and time. */
import { strToU8, zipSync } from 'fflate';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { Learner } from '../protocol/progress.ts';
import { badge, baked, type Holder } from './badge.ts';
import { type Contents, contents, type ExportLab } from './contents.ts';
import type { Deliverable } from './deliverables.ts';
import type { Signer } from './issuer.ts';
import { attemptPage, documentPage, indexPage, verifyPage } from './pages.ts';
import { resume } from './resume.ts';
import { STYLE } from './style.ts';
import { verifierScript } from './verifier.ts';

export interface ExportSource {
	readonly labs: readonly ExportLab[];
	readonly deliverables: readonly Deliverable[];
	readonly signer: Signer;
	/** Sanitised markup of a document's Markdown. */
	readonly html: (markdown: string) => string;
}

export type SiteFiles = Readonly<Record<string, string>>;

/** The badge of one attempt in the three forms that it can be had in. */
export async function badgeFiles(signer: Signer, holder: Holder, lab: ExportLab, evidence: Learner['evidence'][number]): Promise<SiteFiles> {
	const jws = await badge(signer, holder, lab, evidence);
	const data = { type: 'OpenBadgeCredential', format: 'application/vc+jwt', credential: jws };
	return { 'badge.jwt': `${jws}\n`, 'badge.json': `${JSON.stringify(data, null, 2)}\n`, 'badge.svg': baked(jws, lab, evidence, holder) };
}

/** `at`: ISO time of the export. */
export async function siteFiles(learner: Learner, source: ExportSource, at: string): Promise<SiteFiles> {
	const all: Contents = contents(learner, source.labs, source.deliverables);
	const holder: Holder = { id: learner.id, name: all.name };
	const files: Record<string, string> = {
		'index.html': indexPage(all, at),
		'style.css': STYLE,
		'verify.html': verifyPage(),
		'verify.js': verifierScript(),
		'resume.json': `${JSON.stringify(resume(all, at), null, 2)}\n`,
	};
	for (const attempt of all.attempts) {
		const folder = `evidence/${attempt.evidence.id}`;
		files[`${folder}/index.html`] = attemptPage(attempt);
		for (const [name, text] of Object.entries(await badgeFiles(source.signer, holder, attempt.lab, attempt.evidence))) files[`${folder}/${name}`] = text;
	}
	for (const entry of all.groups.flatMap((group) => group.entries))
		if (entry.is === 'document') files[`documents/${entry.writing.id}/index.html`] = documentPage(entry.writing, source.html(entry.writing.markdown));
	return files;
}

/** The files as one archive. Throws `export-too-large` beyond the ceiling. */
export function zipped(files: SiteFiles, at: string): Uint8Array<ArrayBuffer> {
	const packed = Object.fromEntries(Object.entries(files).map(([path, text]) => [`portfolio/${path}`, strToU8(text)]));
	const bytes = Object.values(packed).reduce((sum, one) => sum + one.length, 0);
	if (bytes > LIMITS.exportBytes) throw fault('export-too-large', { limit: `${Math.round(LIMITS.exportBytes / 1024 / 1024)} MB` });
	return zipSync(packed, { mtime: new Date(at) }) as Uint8Array<ArrayBuffer>;
}
