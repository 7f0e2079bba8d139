import { type SubmitEvent, useState } from 'react';

interface Props {
	readonly label: string;
	readonly initial: string;
	readonly placeholder: string;
	/** A sentence where the name won't do. */
	readonly onName: (typed: string) => string | undefined;
	/** `named`: the name was taken; else it was given up. */
	readonly onClose: (named: boolean) => void;
}

/** Asks for a name in the list of files. */
export function NameForm({ label, initial, placeholder, onName, onClose }: Props) {
	const [fault, setFault] = useState('');
	const submit = (event: SubmitEvent<HTMLFormElement>) => {
		event.preventDefault();
		const name = new FormData(event.currentTarget).get('name');
		const problem = onName(typeof name === 'string' ? name : '');
		setFault(problem ?? '');
		if (!problem) onClose(true);
	};
	return (
		<form className="new-file" onSubmit={submit}>
			<input
				className="field"
				name="name"
				aria-label={label}
				placeholder={placeholder}
				defaultValue={initial}
				autoComplete="off"
				spellCheck={false}
				ref={focus}
				onKeyDown={(event) => event.key === 'Escape' && onClose(false)}
			/>
			{fault !== '' && (
				<p className="tiny fault" role="alert">
					{fault}
				</p>
			)}
		</form>
	);
}

/** The field appears because the learner has just asked for it; what is chosen is the name without its ending. */
function focus(input: HTMLInputElement | null): void {
	if (!input || input === document.activeElement) return;
	input.focus();
	const name = input.value.lastIndexOf('/') + 1;
	const end = input.value.lastIndexOf('.');
	input.setSelectionRange(name, end > name ? end : input.value.length);
}
