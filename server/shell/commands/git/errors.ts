/** A git command that ends early: what it says on standard error, and its exit code. */
export class GitError extends Error {
	readonly exitCode: number;
	constructor(message: string, exitCode = 1) {
		super(message);
		this.exitCode = exitCode;
	}
}
