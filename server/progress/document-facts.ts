/** What a learner's document is held against, from their own record. */
import type { Draft } from '../documents/check.ts';
import { attemptOf, type Facts, type LabTexts, labText, measurementsOf } from '../documents/facts.ts';
import { toMarkdown } from '../documents/markdown.ts';
import type { DocumentContent } from '../protocol/documents.ts';
import type { Learner } from '../protocol/progress.ts';
import { documentsOf, writingsOf } from './writing.ts';

/** A document's Markdown as people read it. */
export const withoutFrontMatter = (draft: Draft): string => toMarkdown(draft).replace(/^---\n[\s\S]*?\n---\n+/, '');

/** The attempt that the document names, the labs' texts and the learner's other documents. `id`: the document's own. */
export function factsFor(learner: Learner, id: string, content: DocumentContent, labs: readonly LabTexts[]): Facts {
	const evidence = learner.evidence.find((e) => e.id === content.attempt);
	const lab = labs.find((l) => l.definition.id === evidence?.lab);
	const own = documentsOf(learner)
		.filter((d) => d.id !== id)
		.map((d) => ({ name: `your document “${d.content.title || 'Untitled'}”`, text: withoutFrontMatter({ kind: d.kind, content: d.content }) }));
	const handedIn = writingsOf(learner)
		.filter((w) => w.document !== id && !documentsOf(learner).some((d) => d.id === w.document))
		.map((w) => ({ name: `your evidence “${w.title}”`, text: w.markdown }));
	return {
		...(evidence === undefined ? {} : { events: attemptOf(learner, evidence, lab?.definition).events, measurements: measurementsOf(evidence) }),
		...(lab?.definition.fault === undefined ? {} : { fault: lab.definition.fault }),
		others: [...labs.map((l) => ({ name: `the lab “${l.definition.title}”`, text: labText(l) })), ...own, ...handedIn],
	};
}
