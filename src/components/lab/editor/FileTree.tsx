import { type ChangeEvent, type DragEvent, type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from 'react';
import type { FileEntry } from '../../../../server/protocol/messages.ts';
import { baseName, fileTree, HOME, parentOf, shortPath, type TreeRow, treeMove, treeRows } from '../../../lib/files.ts';
import { archiveAddress } from '../../../lib/workspace-api.ts';
import type { EditorController } from './controller.ts';
import { closeMenu, Menu } from '../parts/Menu.tsx';
import { NameForm } from './NameForm.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

interface Props {
	readonly controller: EditorController;
	readonly files: readonly FileEntry[];
	readonly active: string | undefined;
	readonly onRemove: (path: string) => void;
}

/** What a name is being typed for. */
type Naming = { readonly what: 'file' | 'folder' } | { readonly what: 'rename'; readonly path: string } | undefined;

const MOVED = 'application/x-foothold-path';

/** The learner's files: a tree after the ARIA pattern, one stop of the Tab key, walked by arrows. */
export function FileTree({ controller, files, active, onRemove }: Props) {
	const { actions } = controller;
	const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
	const rows = useMemo(() => treeRows(fileTree(files), closed), [files, closed]);
	const [chosen, setChosen] = useState<string>();
	const [naming, setNaming] = useState<Naming>();
	const [dropOn, setDropOn] = useState<string>();
	const list = useRef<HTMLDivElement>(null);
	const at = Math.max(
		0,
		rows.findIndex(({ node }) => node.path === (chosen ?? active)),
	);
	const row = rows[at];
	/** Where new things go: the chosen folder, or the one around the chosen file. */
	const folder = chosen === undefined || row === undefined ? HOME : row.node.directory ? row.node.path : parentOf(row.node.path);

	const focusRow = (index: number) => {
		const next = rows[index];
		if (!next) return;
		setChosen(next.node.path);
		list.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[index]?.focus();
	};
	const toggle = (path: string) => setClosed(closed.has(path) ? new Set([...closed].filter((other) => other !== path)) : new Set([...closed, path]));
	const use = ({ node }: TreeRow) => {
		setChosen(node.path);
		if (node.directory) toggle(node.path);
		else controller.open(node.path);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (!row || event.ctrlKey || event.altKey || event.metaKey || (event.target as HTMLElement).getAttribute('role') !== 'treeitem') return;
		const { node } = row;
		const opening = node.directory && ((event.key === 'ArrowRight' && !row.open) || (event.key === 'ArrowLeft' && row.open));
		const next = treeMove(rows, at, event.key);
		if (opening) toggle(node.path);
		else if (event.key === 'Enter' || event.key === ' ') use(row);
		else if (event.key === 'F2') setNaming({ what: 'rename', path: node.path });
		else if (event.key === 'Delete') onRemove(node.path);
		else if (next !== undefined) focusRow(next);
		else return;
		event.preventDefault();
	};
	const target = ({ node }: TreeRow): string => (node.directory ? node.path : parentOf(node.path));
	const dropping = {
		over: (event: DragEvent, path: string) => {
			event.preventDefault();
			event.stopPropagation();
			setDropOn(path);
		},
		drop: (event: DragEvent, path: string) => {
			event.preventDefault();
			event.stopPropagation();
			setDropOn(undefined);
			const moved = event.dataTransfer.getData(MOVED);
			if (moved !== '') actions.moveInto(moved, path);
			else if (event.dataTransfer.files.length > 0) actions.upload(path, [...event.dataTransfer.files]);
		},
	};
	const named = (typed: string): string | undefined => {
		if (naming?.what === 'rename') return actions.rename(naming.path, typed);
		return naming?.what === 'folder' ? actions.createFolder(typed) : actions.create(typed);
	};
	const within = folder === HOME ? '' : `${shortPath(folder)}/`;
	return (
		<nav
			className={dropOn === HOME ? 'files drop' : 'files'}
			aria-label={t.files}
			onDragOver={(event) => dropping.over(event, HOME)}
			onDragLeave={() => setDropOn(undefined)}
			onDrop={(event) => dropping.drop(event, HOME)}
		>
			<div className="files-head">
				<span className="eyebrow">{t.files}</span>
				<span className="files-tools">
					<button
						type="button"
						className="button plain tiny"
						aria-expanded={naming?.what === 'file'}
						aria-label={t.newFile}
						title={t.newFile}
						onClick={() => setNaming({ what: 'file' })}
					>
						+
					</button>
					<FilesMenu
						controller={controller}
						folder={folder}
						chosen={row && chosen !== undefined ? row.node.path : undefined}
						onFolder={() => setNaming({ what: 'folder' })}
						onRename={(path) => setNaming({ what: 'rename', path })}
						onRemove={onRemove}
					/>
				</span>
			</div>
			{naming && (
				<NameForm
					key={naming.what === 'rename' ? naming.path : naming.what}
					label={naming.what === 'rename' ? fillIn(t.newNameOr, { path: baseName(naming.path) }) : naming.what === 'file' ? t.nameOfFile : t.nameOfFolder}
					initial={naming.what === 'rename' ? shortPath(naming.path) : within}
					placeholder={naming.what === 'folder' ? 'web' : 'web/service.yaml'}
					onName={named}
					onClose={(done) => {
						setNaming(undefined);
						if (done) setChosen(undefined);
						else list.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[at]?.focus();
					}}
				/>
			)}
			{rows.length === 0 ? (
				<p className="tiny quiet">{t.noFilesYet}</p>
			) : (
				<div role="tree" aria-label={t.filesOfYour} ref={list} onKeyDown={onKeyDown}>
					{rows.map((item, index) => (
						<div
							key={item.node.path}
							role="treeitem"
							className={`file${item.node.directory ? ' folder' : ''}${dropOn === item.node.path ? ' drop' : ''}`}
							style={{ paddingInlineStart: `${(item.level - 1) * 0.9}rem` }}
							aria-level={item.level}
							aria-posinset={item.position}
							aria-setsize={item.siblings}
							aria-expanded={item.node.directory ? item.open : undefined}
							aria-selected={item.node.path === active}
							aria-label={item.node.name}
							tabIndex={index === at ? 0 : -1}
							draggable
							title={item.node.path}
							onFocus={(event) => event.target === event.currentTarget && setChosen(item.node.path)}
							onDragStart={(event) => event.dataTransfer.setData(MOVED, item.node.path)}
							onDragOver={(event) => dropping.over(event, item.node.directory ? item.node.path : target(item))}
							onDrop={(event) => dropping.drop(event, target(item))}
						>
							{/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the tree item's */}
							{/* biome-ignore lint/a11y/noStaticElementInteractions: the role is the tree item's */}
							<span className="file-open" onClick={() => use(item)}>
								<span aria-hidden="true" className="file-mark">
									{item.node.directory ? (item.open ? '▾' : '▸') : ''}
								</span>
								{item.node.name}
							</span>
							<button
								type="button"
								className="file-remove"
								tabIndex={-1}
								aria-label={fillIn(t.deleteOne, { name: item.node.name })}
								onClick={() => onRemove(item.node.path)}
							>
								✕
							</button>
						</div>
					))}
				</div>
			)}
		</nav>
	);
}

interface MenuProps {
	readonly controller: EditorController;
	readonly folder: string;
	readonly chosen: string | undefined;
	readonly onFolder: () => void;
	readonly onRename: (path: string) => void;
	readonly onRemove: (path: string) => void;
}

/** What can be done with the chosen file or folder besides opening it. */
function FilesMenu({ controller, folder, chosen, onFolder, onRename, onRemove }: MenuProps) {
	const input = useRef<HTMLInputElement>(null);
	const then = (action: () => void) => (event: MouseEvent) => {
		closeMenu(event.currentTarget);
		action();
	};
	const onFiles = (event: ChangeEvent<HTMLInputElement>) => {
		controller.actions.upload(folder, [...(event.target.files ?? [])]);
		event.target.value = '';
	};
	const where = folder === HOME ? t.allFiles : shortPath(folder);
	return (
		<>
			<Menu label={t.moreForFiles} mark="⋯" className="files-menu">
				<button type="button" className="menu-item" onClick={then(onFolder)}>
					{t.newFolder}
				</button>
				{chosen !== undefined && (
					<>
						<button type="button" className="menu-item" onClick={then(() => onRename(chosen))}>
							{fillIn(t.renameOrMove, { name: baseName(chosen) })} <kbd>F2</kbd>
						</button>
						<button type="button" className="menu-item" onClick={then(() => onRemove(chosen))}>
							{fillIn(t.deleteWord, { name: baseName(chosen) })} <kbd>Del</kbd>
						</button>
					</>
				)}
				<button type="button" className="menu-item" onClick={then(() => input.current?.click())}>
					{t.uploadFilesOr}
				</button>
				<a className="menu-item" download href={archiveAddress(controller.lab, folder, 'tar.gz')} onClick={(event) => closeMenu(event.currentTarget)}>
					{fillIn(t.downloadAsTar, { where })}
				</a>
				<a className="menu-item" download href={archiveAddress(controller.lab, folder, 'zip')} onClick={(event) => closeMenu(event.currentTarget)}>
					{fillIn(t.downloadAsZip, { where })}
				</a>
			</Menu>
			<input ref={input} type="file" multiple hidden aria-label={t.filesToUpload} onChange={onFiles} />
		</>
	);
}
