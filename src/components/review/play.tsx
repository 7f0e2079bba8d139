/** Puts the player of recordings into a page that is otherwise light. */
import { createRoot } from 'react-dom/client';
import { Recording } from '../recording/Recording.tsx';

/** Returns the way to jump to a second of the recording's own time. */
export function play(place: Element, url: string, startAt: number | undefined, onMoment: ((seconds: number) => void) | undefined): (seconds: number) => void {
	const root = createRoot(place);
	let jumps = 0;
	const draw = (at: number | undefined): void => {
		root.render(
			<Recording
				recordingUrl={url}
				{...(at === undefined ? {} : { startAt: at })}
				{...(onMoment === undefined ? {} : { onMoment: (moment) => onMoment(moment.at) })}
			/>,
		);
	};
	draw(startAt);
	return (seconds) => {
		// The same moment again is a jump, too: a value that differs by less than anyone sees.
		jumps++;
		draw(seconds + jumps * 1e-6);
	};
}
