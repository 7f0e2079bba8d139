/** The mark in the header for what is new about one's submissions and reviews. */
import type { Notices } from '../../server/protocol/reviews.ts';
import { json } from './api.ts';
import { byId } from './dom.ts';
import { fillIn } from './i18n/fill-in.ts';
import { say } from './i18n/script.ts';

export function showNotices({ unread }: Pick<Notices, 'unread'>): void {
	const [link, count] = [byId('notices'), byId('notices-count')];
	if (link === undefined || count === undefined) return;
	count.textContent = unread > 9 ? '9+' : String(unread);
	count.hidden = unread === 0;
	link.setAttribute('aria-label', unread === 0 ? link.title : fillIn(say().unreadReviews, { n: unread }));
}

export const askNotices = async (): Promise<void> => showNotices(await json<Notices>('/api/notices'));
