/** Markup of the lab's author, made from Markdown at build time or sanitised by the server; never anything a learner typed. */
export function Html({ html }: { readonly html: string }) {
	// biome-ignore lint/security/noDangerouslySetInnerHtml: the lab's own words, see above
	return <div className="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}
