import { expect, it } from 'vitest';
import { sentenceParts } from './sentence.ts';

it('a sentence keeps its order around what stands in its places', () => {
	const link = { is: 'link' };
	expect(sentenceParts('Save as {file}, then {link} ({n}).', { file: 'a', link, n: 2 })).toEqual(['Save as ', 'a', ', then ', link, ' (', '2', ').']);
	expect(sentenceParts('{link}', { link })).toEqual([link]);
	expect(sentenceParts('a {missing} b', {})).toEqual(['a ', '{missing}', ' b']);
});
