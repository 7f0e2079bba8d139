/** What every page does: theme toggle, and the learner's name in the header. */
import { byId, fill, h } from './dom.ts';
import { me } from './me.ts';
import { toggleTheme } from './theme.ts';

byId('theme-toggle')?.addEventListener('click', toggleTheme);

me().then(
	({ name }) => {
		fill(byId('who'), name ?? h('a', { href: '/' }, 'Choose a name'));
	},
	() => {
		// Pages that need the server say what is wrong themselves; a page that is only read stays quiet.
	},
);
