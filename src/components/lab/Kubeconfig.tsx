import { useEffect, useState } from 'react';
import { ApiError, getKubeconfig } from '../../lib/api.ts';
import { useLab } from './context.ts';
import { CopyButton } from './parts/CopyButton.tsx';
import { Dialog } from './parts/Dialog.tsx';

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
		<Dialog open={open} title="Use your own kubectl" onClose={onClose} wide>
			{loaded === undefined && <p role="status">Asking the server…</p>}
			{loaded && 'problem' in loaded && (
				<p className="notice warn" role="alert">
					{loaded.problem}
				</p>
			)}
			{loaded && 'text' in loaded && (
				<>
					<p>
						Save this as <code>{file}</code> on the computer that runs Foothold, then try <code>{command}</code>. It holds a token for your cluster alone: treat
						it like a password.
					</p>
					<textarea className="kubeconfig" readOnly rows={12} aria-label="Kubeconfig" value={loaded.text} />
				</>
			)}
			<div className="dialog-actions">
				{loaded && 'text' in loaded && (
					<>
						<CopyButton text={loaded.text} label="Copy the kubeconfig" />
						<a className="button plain tiny" download={file} href={`data:text/yaml;charset=utf-8,${encodeURIComponent(loaded.text)}`}>
							Download
						</a>
					</>
				)}
				<button type="button" className="button tiny" onClick={onClose}>
					Close
				</button>
			</div>
		</Dialog>
	);
}

function explain(error: unknown): string {
	if (error instanceof ApiError && error.status === 404)
		return 'This server does not offer a way in for your own kubectl. The terminal on this page has one built in.';
	return error instanceof ApiError ? `${error.message} ${error.next}` : String(error);
}
