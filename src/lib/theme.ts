/** Light or dark: the system's preference until someone chooses; the choice is remembered (public/theme.js applies it before the first paint). */
export type Theme = 'light' | 'dark';

const KEY = 'foothold.theme';
const system = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

export function currentTheme(): Theme {
	const chosen = document.documentElement.dataset['theme'];
	if (chosen === 'light' || chosen === 'dark') return chosen;
	return system().matches ? 'dark' : 'light';
}

/** Switches, remembers, and tells whoever draws outside of CSS (terminal, editor). */
export function toggleTheme(): void {
	const next: Theme = currentTheme() === 'dark' ? 'light' : 'dark';
	document.documentElement.dataset['theme'] = next;
	try {
		localStorage.setItem(KEY, next);
	} catch {
		// Without storage the choice holds for this page only.
	}
	window.dispatchEvent(new Event('foothold:theme'));
}

/** Calls back on every change of theme, by toggle or by the system; the returned function ends it. */
export function onTheme(listener: (theme: Theme) => void): () => void {
	const tell = () => listener(currentTheme());
	const query = system();
	window.addEventListener('foothold:theme', tell);
	query.addEventListener('change', tell);
	return () => {
		window.removeEventListener('foothold:theme', tell);
		query.removeEventListener('change', tell);
	};
}
