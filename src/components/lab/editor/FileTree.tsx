import { type SubmitEvent, useMemo, useState } from 'react';
import type { FileEntry } from '../../../../server/protocol/messages.ts';
import { fileTree, type TreeNode } from '../../../lib/files.ts';

interface Props {
	readonly files: readonly FileEntry[];
	readonly active: string | undefined;
	readonly onOpen: (path: string) => void;
	/** A sentence where the name won't do. */
	readonly onCreate: (name: string) => string | undefined;
	readonly onRemove: (path: string) => void;
}

/** The learner's files: nested lists of buttons, which every keyboard and screen reader knows how to walk. */
export function FileTree({ files, active, onOpen, onCreate, onRemove }: Props) {
	const tree = useMemo(() => fileTree(files), [files]);
	const [naming, setNaming] = useState(false);
	const [fault, setFault] = useState('');
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		const name = new FormData(event.currentTarget).get('name');
		const problem = onCreate(typeof name === 'string' ? name : '');
		setFault(problem ?? '');
		if (!problem) setNaming(false);
	};
	return (
		<nav className="files" aria-label="Files">
			<div className="files-head">
				<span className="eyebrow">Files</span>
				<button type="button" className="button plain tiny" aria-expanded={naming} aria-label="New file" onClick={() => setNaming(!naming)}>
					+
				</button>
			</div>
			{naming && (
				<form className="new-file" onSubmit={submit}>
					<input
						className="field"
						name="name"
						aria-label="Name of the new file"
						placeholder="web/service.yaml"
						ref={focus}
						onKeyDown={(event) => event.key === 'Escape' && setNaming(false)}
					/>
					{fault !== '' && (
						<p className="tiny fault" role="alert">
							{fault}
						</p>
					)}
				</form>
			)}
			{tree.length === 0 ? (
				<p className="tiny quiet">No files yet. Make one with +, or in the terminal.</p>
			) : (
				<Branch nodes={tree} active={active} onOpen={onOpen} onRemove={onRemove} />
			)}
		</nav>
	);
}

/** The field appears because the learner has just asked for it. */
const focus = (input: HTMLInputElement | null): void => input?.focus();

interface BranchProps {
	readonly nodes: readonly TreeNode[];
	readonly active: string | undefined;
	readonly onOpen: (path: string) => void;
	readonly onRemove: (path: string) => void;
}

function Branch({ nodes, active, onOpen, onRemove }: BranchProps) {
	return (
		<ul>
			{nodes.map((node) =>
				node.directory ? (
					<li key={node.path}>
						<details open>
							<summary>{node.name}</summary>
							<Branch nodes={node.children} active={active} onOpen={onOpen} onRemove={onRemove} />
						</details>
					</li>
				) : (
					<li key={node.path} className="file">
						<button
							type="button"
							className="file-open"
							aria-current={node.path === active ? 'true' : undefined}
							onClick={() => onOpen(node.path)}
							title={node.path}
						>
							{node.name}
						</button>
						<button type="button" className="file-remove" aria-label={`Delete ${node.name}`} onClick={() => onRemove(node.path)}>
							✕
						</button>
					</li>
				),
			)}
		</ul>
	);
}
