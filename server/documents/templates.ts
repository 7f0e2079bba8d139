/** What a new document starts with: no sentences to leave standing, only the rows that every one needs. */
import type { DocumentKind } from '../protocol/document-kinds.ts';
import type { DocumentContent } from '../protocol/documents.ts';

export function blankDocument(kind: DocumentKind): DocumentContent {
	const bare = { title: '', texts: {}, timeline: [], actions: [], options: [] };
	switch (kind) {
		case 'postmortem':
			return {
				...bare,
				timeline: (['start', 'detect', 'mitigated', 'resolved'] as const).map((type) => ({ at: '', what: '', type, source: '' })),
				actions: (['prevent', 'detect', 'mitigate'] as const).map((type) => ({ what: '', owner: '', due: '', type, verify: '' })),
			};
		case 'decision-memo':
			return { ...bare, options: ['', '', 'Do nothing'].map(option) };
		case 'rfc':
			return { ...bare, options: ['', 'Do nothing'].map(option) };
	}
}

const option = (name: string) => ({ name, cost: '', latency: '', risk: '', source: '' });
