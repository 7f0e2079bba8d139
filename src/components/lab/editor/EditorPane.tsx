import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { tabOf } from '../../../lib/editor-state.ts';
import { baseName } from '../../../lib/files.ts';
import type { Store } from '../../../lib/lab-session.ts';
import { useLab } from '../context.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { ApplyDialog } from './ApplyDialog.tsx';
import { CodeView } from './CodeView.tsx';
import { CompareDialog } from './CompareDialog.tsx';
import { EditorController } from './controller.ts';
import { EditorNotices } from './EditorNotices.tsx';
import { EditorTabs } from './EditorTabs.tsx';
import { FileTree } from './FileTree.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

interface Props {
	/** A command wants the learner here. */
	readonly onAsked: () => void;
	/** It has what it wanted. */
	readonly onAnswered: () => void;
}

/** The editor over the workstation's files. */
export default function EditorPane({ onAsked, onAnswered }: Props) {
	const controller = useController(onAsked, onAnswered);
	const model = useStore(controller.model);
	const files = useStore(controller.files);
	const notice = useStore(controller.notice);
	const version = useStore(controller.version);
	const [asking, setAsking] = useState<{ readonly what: 'remove' | 'close'; readonly path: string } | undefined>();
	const tab = model.active === undefined ? undefined : tabOf(model, model.active);
	const applying = useStore(controller.applying);
	const autosave = useStore(controller.autosave);
	const [comparing, setComparing] = useState<string | undefined>();
	const close = (path: string) => (tabOf(model, path)?.dirty ? setAsking({ what: 'close', path }) : controller.close(path));
	return (
		<section className="editor" aria-label={t.editor} data-pane="editor" tabIndex={-1}>
			<FileTree controller={controller} files={files} active={model.active} onRemove={(path) => setAsking({ what: 'remove', path })} />
			<div className="editor-main">
				<div className="editor-head">
					<EditorTabs model={model} onSelect={(path) => controller.open(path)} onClose={close} />
					{tab && (
						<div className="pane-tools">
							{isYaml(tab.path) && (
								<button type="button" className="button tiny" onClick={() => controller.apply(tab.path)}>
									{t.applyAsk} <span className="key-note">{t.ctrlEnter}</span>
								</button>
							)}
							<button type="button" className="button plain tiny" onClick={() => controller.save(tab.path)} disabled={!tab.dirty}>
								{t.save} <span className="key-note">{t.ctrlS}</span>
							</button>
							<label className="autosave tiny">
								<input type="checkbox" checked={autosave} onChange={(event) => controller.setAutosave(event.target.checked)} /> {t.autosave}
							</label>
						</div>
					)}
				</div>
				<p className="visually-hidden" id="editor-leave">
					{t.f6LeavesThe}
				</p>
				<EditorNotices controller={controller} tab={tab} notice={notice} onCompare={setComparing} />
				{model.active === undefined ? (
					<p className="empty quiet">{t.openAFile}</p>
				) : (
					<CodeView documents={controller.documents} path={model.active} version={version} />
				)}
			</div>
			<Confirm
				open={asking !== undefined}
				title={
					asking?.what === 'close' ? fillIn(t.closeUnsaved, { path: baseName(asking.path) }) : fillIn(t.deleteSure, { path: baseName(asking?.path ?? '') })
				}
				action={asking?.what === 'close' ? t.closeWithoutSaving : t.deleteIt}
				onClose={() => setAsking(undefined)}
				onConfirm={() => {
					if (asking?.what === 'close') controller.close(asking.path);
					else if (asking) controller.actions.remove(asking.path);
				}}
			>
				<p>{asking?.what === 'close' ? t.yourChangesSince : t.theTerminalWill}</p>
			</Confirm>
			<ApplyDialog lab={controller.lab} path={applying} onClose={() => controller.applying.dispatch(undefined)} onApplied={() => controller.applied()} />
			<CompareDialog controller={controller} path={comparing} onClose={() => setComparing(undefined)} />
		</section>
	);
}

function useController(onAsked: () => void, onAnswered: () => void): EditorController {
	const { client } = useLab();
	const [controller] = useState(() => new EditorController(client));
	const asked = useRef(onAsked);
	const answered = useRef(onAnswered);
	asked.current = onAsked;
	answered.current = onAnswered;
	useEffect(() => {
		controller.onAsked = () => asked.current();
		controller.onAnswered = () => answered.current();
		return () => controller.dispose();
	}, [controller]);
	return controller;
}

const useStore = <S, A>(store: Store<S, A>): S => useSyncExternalStore(store.subscribe, store.get);

const isYaml = (path: string): boolean => /\.(ya?ml|json)$/i.test(path);
