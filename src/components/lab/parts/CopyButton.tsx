import { useEffect, useState } from 'react';
import { t } from '../page-words.ts';

/** Copies a text and says so. Where the browser refuses, it says that, too: the text stands beside the button to be selected. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
	const [result, setResult] = useState('');
	useEffect(() => {
		if (result === '') return;
		const timer = setTimeout(() => setResult(''), 2000);
		return () => clearTimeout(timer);
	}, [result]);
	const copy = () => {
		navigator.clipboard.writeText(text).then(
			() => setResult(t.copied),
			() => setResult(t.selectAndCopy),
		);
	};
	return (
		<button type="button" className="button plain tiny" onClick={copy} aria-label={label}>
			<span aria-live="polite">{result || t.copy}</span>
		</button>
	);
}
