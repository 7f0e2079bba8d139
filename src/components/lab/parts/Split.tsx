import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { recall, remember } from '../../../lib/remember.ts';

interface Props {
	readonly direction: 'row' | 'column';
	/** Under this name the place of the divider is remembered. */
	readonly name: string;
	/** What the divider moves, for those who hear it. */
	readonly label: string;
	/** Share of the first pane, in percent. */
	readonly initial: number;
	readonly min?: number;
	readonly max?: number;
	readonly first: ReactNode;
	readonly second: ReactNode;
}

/** Two panes and a divider that a pointer drags and arrow keys move. */
export function Split({ direction, name, label, initial, min = 15, max = 85, first, second }: Props) {
	const key = `split.${name}`;
	const [share, setShare] = useState(() => clamp(Number(recall(key) ?? initial), min, max, initial));
	const box = useRef<HTMLDivElement>(null);
	const row = direction === 'row';
	const move = (next: number) => {
		const to = clamp(next, min, max, initial);
		setShare(to);
		remember(key, String(Math.round(to * 10) / 10));
	};
	const onPointerMove = (event: PointerEvent<HTMLHRElement>) => {
		const area = box.current?.getBoundingClientRect();
		if (!area || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
		move(row ? ((event.clientX - area.left) / area.width) * 100 : ((event.clientY - area.top) / area.height) * 100);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		const step = { ArrowLeft: row ? -3 : 0, ArrowRight: row ? 3 : 0, ArrowUp: row ? 0 : -3, ArrowDown: row ? 0 : 3, Home: min - share, End: max - share }[
			event.key
		];
		if (!step) return;
		event.preventDefault();
		move(share + step);
	};
	return (
		<div
			ref={box}
			className={`split split-${direction}`}
			style={{ [row ? 'gridTemplateColumns' : 'gridTemplateRows']: `minmax(0, ${share}fr) auto minmax(0, ${100 - share}fr)` }}
		>
			<div className="split-pane">{first}</div>
			<hr
				className="divider"
				tabIndex={0}
				aria-label={label}
				aria-orientation={row ? 'vertical' : 'horizontal'}
				aria-valuenow={Math.round(share)}
				aria-valuemin={min}
				aria-valuemax={max}
				onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
				onPointerMove={onPointerMove}
				onDoubleClick={() => move(initial)}
				onKeyDown={onKeyDown}
			/>
			<div className="split-pane">{second}</div>
		</div>
	);
}

const clamp = (value: number, min: number, max: number, otherwise: number): number =>
	Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : otherwise;
