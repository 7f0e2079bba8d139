import { useLab, useLabState } from '../context.ts';
import { TaskItem } from './TaskItem.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

/** The lab's tasks; they turn green by themselves when what they ask for has come true. */
export function Tasks() {
	const { lab } = useLab();
	const states = useLabState((state) => state.tasks);
	const done = states.filter((state) => state.done).length;
	return (
		<div className="pane-text">
			<p className="quiet small">{fillIn(t.ofDoneA, { done, n: lab.tasks.length })}</p>
			<ol className="tasks">
				{lab.tasks.map((task, index) => (
					<TaskItem key={task.id} task={task} number={index + 1} state={states.find((state) => state.id === task.id)} />
				))}
			</ol>
		</div>
	);
}
