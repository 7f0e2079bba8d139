/** What every page does: theme toggle, the search's door, and the learner's name in the header. */
import { ApiError } from './api.ts';
import { byId, fill, h } from './dom.ts';
import { say } from './i18n/script.ts';
import { me, signInHere } from './me.ts';
import { askNotices } from './notices.ts';
import { toggleTheme } from './theme.ts';

byId('theme-toggle')?.addEventListener('click', toggleTheme);

/** Where the header's links scroll, the one of this page is in sight. */
function showWhere(): void {
	const here = document.querySelector<HTMLElement>('.site-nav [aria-current]');
	const nav = here?.parentElement;
	if (here && nav) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.clientWidth) / 2;
}
showWhere();

/** Typing belongs to fields, editors and terminals. */
const isTyping = (target: EventTarget | null): boolean => target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;

function openSearch(): void {
	import('./search.ts').then(
		({ openSearch: open }) => open(),
		(error: unknown) => console.error('The search could not be loaded:', error),
	);
}
const searchButton = byId('search-open');
searchButton?.addEventListener('click', openSearch);
if (searchButton)
	document.addEventListener('keydown', (event) => {
		if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
		event.preventDefault();
		openSearch();
	});

/** What the pages say differently where people sign in. */
function inTeam(): void {
	byId('who')?.classList.add('team');
	fill(byId('footer-words'), say().footerTeam);
}

me().then(
	({ name, mode }) => {
		// A mark that is missing costs nobody anything: the page it leads to says what is wrong.
		askNotices().catch((error: unknown) => console.warn('What is new could not be asked for:', error));
		fill(byId('who'), name === null ? h('a', { href: '/' }, say().chooseName) : h('a', { href: '/account/' }, name));
		if (mode === 'team') inTeam();
	},
	(error: unknown) => {
		if (error instanceof ApiError && error.code === 'sign-in-needed') {
			fill(byId('who'), h('a', { href: signInHere() }, say().signIn));
			inTeam();
		}
		// Pages that need the server say what is wrong themselves; a page that is only read stays quiet.
	},
);
