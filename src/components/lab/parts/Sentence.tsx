import { createElement, Fragment, type ReactElement } from 'react';
import { sentenceParts } from '../../../lib/i18n/sentence.ts';

interface Props {
	readonly text: string;
	readonly values: Readonly<Record<string, ReactElement | string | number>>;
}

/** A sentence of the catalogue with elements in its places. */
export function Sentence({ text, values }: Props) {
	return createElement(Fragment, null, ...sentenceParts(text, values));
}
