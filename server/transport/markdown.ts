/**
 * Markdown as HTML for pages: briefs, documents, reviews. No HTML of the source passes through, and what the parser makes of it is
 * sanitised after GitHub's rules, so the result is safe whatever the source holds.
 */
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';

const processor = unified()
	.use(remarkParse)
	.use(remarkGfm)
	.use(remarkRehype)
	// Pictures from elsewhere would tell their host who reads; the pages' own policy refuses them anyway.
	.use(rehypeSanitize, { ...defaultSchema, tagNames: (defaultSchema.tagNames ?? []).filter((tag) => tag !== 'img') })
	.use(rehypeStringify)
	.freeze();

export function markdownToHtml(source: string): string {
	return String(processor.processSync(source));
}
