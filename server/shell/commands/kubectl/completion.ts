/** `kubectl completion`. */
import { CliError } from './errors.ts';
import type { Subcommand } from './subcommand.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** Names that people's own lines refer to, as `complete -o default -F __start_kubectl k`. */
const SCRIPTS: { readonly [shell: string]: string } = {
	bash: '__start_kubectl() { :; }\ncomplete -o default -F __start_kubectl kubectl\n',
	zsh: '#compdef kubectl\n_kubectl() { :; }\n',
};

export const completion: Subcommand = {
	name: 'completion',
	flags: [],
	run(kube, args) {
		const [shell] = args;
		if (shell === undefined) throw new CliError("Shell not specified.\nSee 'kubectl completion -h' for help and examples");
		if (args.length > 1) throw new CliError("Too many arguments. Expected only the shell type.\nSee 'kubectl completion -h' for help and examples");
		if (!SHELLS.includes(shell)) throw new CliError(`Unsupported shell type "${shell}".\nSee 'kubectl completion -h' for help and examples`);
		kube.out(`# ${shell} completion for kubectl: this terminal completes kubectl's words, and those of its aliases, by itself.\n${SCRIPTS[shell] ?? ''}`);
		return Promise.resolve(0);
	},
};
