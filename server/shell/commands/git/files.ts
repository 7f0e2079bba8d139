/** The files of a commit or of the index, by path. */
/** What a tree or the index says of one file. Modes as git has them: 0o100644, 0o100755, 0o120000. */
export interface Blob {
	readonly oid: string;
	readonly mode: number;
}

export type Files = ReadonlyMap<string, Blob>;
