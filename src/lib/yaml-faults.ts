import { parseAllDocuments } from 'yaml';

export interface YamlFault {
	/** Offsets into the text. */
	readonly from: number;
	readonly to: number;
	readonly message: string;
}

/** Beyond this many characters a text is not looked at while one types. */
const LONGEST = 200_000;

/** What keeps a text from being YAML as kubectl reads it (1.1, several documents); empty where it is. Whether it makes sense is the cluster's to say. */
export function yamlFaults(text: string): YamlFault[] {
	if (text.length > LONGEST) return [];
	const documents = parseAllDocuments(text, { version: '1.1', prettyErrors: false });
	const parsed = Array.isArray(documents) ? documents : [];
	return parsed.flatMap((document) =>
		document.errors.map(({ pos: [start, end], message }) => {
			const from = Math.min(start, text.length);
			return { from, to: Math.min(text.length, Math.max(end, from)), message };
		}),
	);
}
