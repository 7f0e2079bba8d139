import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';

export interface TabItem {
	readonly id: string;
	readonly label: ReactNode;
	/** The panel scrolls and may hold nothing to focus: it takes the focus itself, so that keys can scroll it. */
	readonly reads?: boolean;
	readonly panel: ReactNode;
}

interface Props {
	readonly label: string;
	readonly items: readonly TabItem[];
	readonly active: string;
	readonly onSelect: (id: string) => void;
	/** Shown at the end of the row of tabs. */
	readonly extra?: ReactNode;
	readonly className?: string;
}

const MOVES: Readonly<Record<string, (at: number, count: number) => number>> = {
	ArrowRight: (at, count) => (at + 1) % count,
	ArrowLeft: (at, count) => (at - 1 + count) % count,
	Home: () => 0,
	End: (_at, count) => count - 1,
};

/** Tabs after the ARIA pattern. Panels stay mounted, so that a terminal keeps its screen while another tab is in front. */
export function Tabs({ label, items, active, onSelect, extra, className = '' }: Props) {
	const base = useId();
	const list = useRef<HTMLDivElement>(null);
	const onKeyDown = (event: KeyboardEvent) => {
		const move = MOVES[event.key];
		if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
		event.preventDefault();
		const at = items.findIndex((item) => item.id === active);
		const next = items[move(at, items.length)];
		if (!next) return;
		onSelect(next.id);
		list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
	};
	return (
		<div className={`tabs ${className}`}>
			<div className="tab-row">
				<div className="tab-list" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
					{items.map((item) => (
						<button
							key={item.id}
							type="button"
							role="tab"
							className="tab"
							id={`${base}-tab-${item.id}`}
							data-tab={item.id}
							aria-selected={item.id === active}
							aria-controls={`${base}-panel-${item.id}`}
							tabIndex={item.id === active ? 0 : -1}
							onClick={() => onSelect(item.id)}
						>
							{item.label}
						</button>
					))}
				</div>
				{extra}
			</div>
			{items.map((item) => (
				<div
					key={item.id}
					role="tabpanel"
					className="tab-panel"
					id={`${base}-panel-${item.id}`}
					aria-labelledby={`${base}-tab-${item.id}`}
					tabIndex={item.reads ? 0 : undefined}
					hidden={item.id !== active}
				>
					{item.panel}
				</div>
			))}
		</div>
	);
}
