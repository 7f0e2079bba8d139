import { Sentence } from './parts/Sentence.tsx';
import { useEffect, useState } from 'react';
import { ApiError, getKubeconfig } from '../../lib/api.ts';
import { useLab } from './context.ts';
import { CopyButton } from './parts/CopyButton.tsx';
import { Dialog } from './parts/Dialog.tsx';
import { t } from './page-words.ts';

type Loaded = { readonly text: string } | { readonly problem: string } | undefined;

/** The way in for the learner's own kubectl, k9s or Helm. */
export function Kubeconfig({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
	const { lab } = useLab();
	const [loaded, setLoaded] = useState<Loaded>();
	useEffect(() => {
		if (!open) return;
		setLoaded(undefined);
		getKubeconfig(lab.id).then(
			(text) => setLoaded({ text }),
			(error: unknown) => setLoaded({ problem: explain(error) }),
		);
	}, [open, lab.id]);
	const file = `foothold-${lab.id}.yaml`;
	const command = `kubectl --kubeconfig ${file} get nodes`;
	return (
		<Dialog open={open} title={t.useYourOwn} onClose={onClose} wide>
			{loaded === undefined && <p role="status">{t.askingTheServer}</p>}
			{loaded && 'problem' in loaded && (
				<p className="notice warn" role="alert">
					{loaded.problem}
				</p>
			)}
			{loaded && 'text' in loaded && (
				<>
					<p>
						<Sentence text={t.saveThisAs} values={{ file: <code>{file}</code>, command: <code>{command}</code> }} />
					</p>
					<textarea className="kubeconfig" readOnly rows={12} aria-label="Kubeconfig" value={loaded.text} />
				</>
			)}
			<div className="dialog-actions">
				{loaded && 'text' in loaded && (
					<>
						<CopyButton text={loaded.text} label={t.copyTheKubeconfig} />
						<a className="button plain tiny" download={file} href={`data:text/yaml;charset=utf-8,${encodeURIComponent(loaded.text)}`}>
							{t.download}
						</a>
					</>
				)}
				<button type="button" className="button tiny" onClick={onClose}>
					{t.close}
				</button>
			</div>
		</Dialog>
	);
}

function explain(error: unknown): string {
	if (error instanceof ApiError && error.status === 404) return t.thisServerDoes;
	return error instanceof ApiError ? `${error.message} ${error.next}` : String(error);
}
