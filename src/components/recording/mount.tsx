import { createRoot } from 'react-dom/client';
import { Recording, type RecordingProps } from './Recording.tsx';

/** Puts a player into an element of a page that has no components of its own. Returns the way to take it out again. */
export function mountRecording(host: Element, props: RecordingProps): () => void {
	const root = createRoot(host);
	root.render(<Recording {...props} />);
	return () => root.unmount();
}
