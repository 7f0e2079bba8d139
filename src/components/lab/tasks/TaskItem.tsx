import type { TaskState } from '../../../../server/protocol/messages.ts';
import type { StaticTask } from '../../../lib/static-lab.ts';
import { Html } from '../parts/Html.tsx';
import { Hints } from './Hints.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

interface Props {
	readonly task: StaticTask;
	readonly number: number;
	readonly state: TaskState | undefined;
}

export function TaskItem({ task, number, state }: Props) {
	const done = state?.done ?? false;
	return (
		<li className={done ? 'task done' : 'task'} data-task={task.id}>
			<span className="task-mark" aria-hidden="true">
				{done ? '✓' : number}
			</span>
			<div className="task-body">
				<h2>
					{task.title} {done && <span className="badge pass">{t.done}</span>}
				</h2>
				<p className="eyebrow">{fillIn(t.points, { points: task.points })}</p>
				<Html html={task.html} />
				<Hints task={task} opened={state?.hintsOpened ?? []} left={state?.hintsLeft ?? task.hints} />
			</div>
		</li>
	);
}
