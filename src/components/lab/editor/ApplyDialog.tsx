import { useEffect, useState } from 'react';
import type { Applied } from '../../../../server/protocol/workspace.ts';
import { ApiError } from '../../../lib/api.ts';
import { baseName } from '../../../lib/files.ts';
import { applyFile } from '../../../lib/workspace-api.ts';
import { DiffView } from '../parts/DiffView.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

interface Props {
	readonly lab: string;
	/** The file, saved already; undefined while the dialog is closed. */
	readonly path: string | undefined;
	readonly onClose: () => void;
	/** The cluster has changed. */
	readonly onApplied: () => void;
}

type Stage =
	| { readonly at: 'asking' | 'applying' }
	| { readonly at: 'preview' | 'done'; readonly said: Applied }
	| { readonly at: 'failed'; readonly why: string };

/** Shows what applying a file would change, as the API server says, then applies it. */
export function ApplyDialog({ lab, path, onClose, onApplied }: Props) {
	const [stage, setStage] = useState<Stage>({ at: 'asking' });
	useEffect(() => {
		if (path === undefined) return;
		let current = true;
		setStage({ at: 'asking' });
		ask(lab, path, true).then((next) => current && setStage(next));
		return () => {
			current = false;
		};
	}, [lab, path]);
	const apply = async () => {
		if (path === undefined) return;
		setStage({ at: 'applying' });
		setStage(await ask(lab, path, false));
		onApplied();
	};
	const preview = stage.at === 'preview' ? stage.said : undefined;
	const nothing = preview !== undefined && preview.diffs.length === 0 && preview.errors.length === 0;
	return (
		<Dialog open={path !== undefined} title={fillIn(t.applyOne, { path: baseName(path ?? '') })} onClose={onClose} wide>
			<div role="status" className="apply-status">
				{stage.at === 'asking' && <p>{t.askingTheCluster}</p>}
				{stage.at === 'applying' && <p>{t.applying}</p>}
				{preview && <p>{summary(preview)}</p>}
				{stage.at === 'done' && <p>{stage.said.errors.length === 0 ? t.applied : t.appliedInPart}</p>}
			</div>
			{stage.at === 'failed' && (
				<p className="notice warn" role="alert">
					{stage.why}
				</p>
			)}
			{'said' in stage && <Said said={stage.said} />}
			<div className="dialog-actions">
				<button type="button" className="button plain" onClick={onClose}>
					{stage.at === 'done' || nothing ? t.close : t.cancel}
				</button>
				{(stage.at === 'preview' || stage.at === 'asking' || stage.at === 'applying') && !nothing && (
					<button type="button" className="button" disabled={stage.at !== 'preview'} onClick={() => void apply()}>
						{preview && preview.errors.length > 0 ? t.applyAllThe : t.apply}
					</button>
				)}
			</div>
		</Dialog>
	);
}

async function ask(lab: string, path: string, dryRun: boolean): Promise<Stage> {
	try {
		return { at: dryRun ? 'preview' : 'done', said: await applyFile(lab, path, dryRun) };
	} catch (error) {
		return { at: 'failed', why: error instanceof ApiError ? `${error.message} ${error.next}` : String(error) };
	}
}

function summary({ objects, diffs, errors }: Applied): string {
	if (errors.length > 0) return t.theClusterWould;
	if (objects.length === 0) return t.thereIsNo;
	if (diffs.length === 0) return t.nothingWouldChange;
	return objects.length === 1 ? t.theOneWouldChange : fillIn(t.someWouldChange, { n: diffs.length, all: objects.length });
}

function Said({ said }: { readonly said: Applied }) {
	return (
		<div className="apply-said">
			{said.errors.map((text) => (
				<p key={text} className="notice fail apply-text">
					<strong>{t.error}</strong> {text}
				</p>
			))}
			{said.warnings.map((text) => (
				<p key={text} className="notice warn apply-text">
					<strong>{t.warning}</strong> {text}
				</p>
			))}
			{said.objects.length > 0 && (
				<ul className="apply-objects">
					{said.objects.map(({ name, verb }) => (
						<li key={name}>
							<code>{name}</code> {verb}
						</li>
					))}
				</ul>
			)}
			{said.diffs.map(({ name, text }) => (
				<section key={name}>
					<h3>{name}</h3>
					<DiffView label={fillIn(t.changesOf, { name })} lines={text.replace(/\n$/, '').split('\n')} />
				</section>
			))}
		</div>
	);
}
