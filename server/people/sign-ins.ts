/**
 * Sign-ins of team mode: a browser holds a random token, the server one file for it under the token's hash, so that the data folder
 * alone lets nobody in. A sign-in ends after LIMITS.signInIdleMs without use, LIMITS.signInMs after it began, and whenever it is ended.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from '../durable.ts';
import { diskFault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { JsonFile } from '../store/json-file.ts';

const signInSchema = z.object({
	person: z.string(),
	/** ms since 1970. */
	beganAt: z.number(),
	seenAt: z.number(),
	/** Tells the identity provider which of its sign-ins ends with ours. */
	idToken: z.string().optional(),
});
type SignIn = z.infer<typeof signInSchema>;

/** `key` names a sign-in on this side; nobody can sign in with it. */
export interface Found {
	readonly key: string;
	readonly person: string;
}

export class SignIns {
	private readonly folder: string;
	private readonly now: () => number;
	private readonly kept = new Map<string, SignIn>();
	/** Person → keys, oldest first. */
	private readonly ofPerson = new Map<string, Set<string>>();
	/** When each was last written. */
	private readonly written = new Map<string, number>();
	private readonly listeners = new Set<(key: string) => void>();
	private readonly writing = new Set<Promise<unknown>>();

	constructor(folder: string, now: () => number = () => Date.now()) {
		this.folder = folder;
		this.now = now;
	}

	async load(): Promise<void> {
		await mkdir(this.folder, { recursive: true, mode: 0o700 });
		for (const name of await readdir(this.folder)) {
			const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
			if (key === undefined) continue;
			const signIn = await this.file(key).read();
			if (signIn !== undefined) this.take(key, signIn);
		}
		await this.sweep();
	}

	/** Begins a sign-in; the token is for the browser alone. A person's oldest ones end beyond LIMITS.signInsPerPerson. */
	async begin(person: string, idToken: string | undefined): Promise<string> {
		const token = randomBytes(32).toString('base64url');
		const at = this.now();
		const signIn: SignIn = { person, beganAt: at, seenAt: at, ...(idToken === undefined ? {} : { idToken }) };
		const key = keyOf(token);
		await this.file(key).write(signIn);
		this.take(key, signIn);
		this.written.set(key, at);
		const keys = [...(this.ofPerson.get(person) ?? [])];
		for (const old of keys.slice(0, Math.max(0, keys.length - LIMITS.signInsPerPerson))) await this.end(old);
		return token;
	}

	/** The sign-in of a token, while it holds. */
	find(token: string): Found | undefined {
		const key = keyOf(token);
		const signIn = this.kept.get(key);
		return signIn === undefined || this.isOver(signIn) ? undefined : { key, person: signIn.person };
	}

	/** It was used. Written at most every LIMITS.signInNotedMs: a crash may make it seem idle for that much longer. */
	seen(key: string): void {
		const signIn = this.kept.get(key);
		if (signIn === undefined) return;
		signIn.seenAt = this.now();
		if (signIn.seenAt - (this.written.get(key) ?? 0) < LIMITS.signInNotedMs) return;
		this.written.set(key, signIn.seenAt);
		const write = this.file(key)
			.write(signIn)
			// Ended meanwhile: it must not come back.
			.then(() => (this.kept.has(key) ? undefined : this.unlink(key)))
			// A full disk keeps nobody out; it is tried again with the next use.
			.catch(() => this.written.delete(key))
			.finally(() => this.writing.delete(write));
		this.writing.add(write);
	}

	idToken(key: string): string | undefined {
		return this.kept.get(key)?.idToken;
	}

	count(person: string): number {
		return this.ofPerson.get(person)?.size ?? 0;
	}

	/** Ends one sign-in: from now on its token is worth nothing, and listeners close what it has open. */
	async end(key: string): Promise<void> {
		const signIn = this.kept.get(key);
		if (signIn === undefined) return;
		this.kept.delete(key);
		this.written.delete(key);
		this.ofPerson.get(signIn.person)?.delete(key);
		for (const listener of this.listeners) listener(key);
		await this.unlink(key);
	}

	async endAll(person: string): Promise<number> {
		const keys = [...(this.ofPerson.get(person) ?? [])];
		for (const key of keys) await this.end(key);
		return keys.length;
	}

	onEnd(listener: (key: string) => void): void {
		this.listeners.add(listener);
	}

	/** Ends those whose time is over. */
	async sweep(): Promise<void> {
		for (const [key, signIn] of [...this.kept]) if (this.isOver(signIn)) await this.end(key);
	}

	async close(): Promise<void> {
		await Promise.all(this.writing);
	}

	private isOver({ beganAt, seenAt }: SignIn): boolean {
		const now = this.now();
		return now - beganAt > LIMITS.signInMs || now - seenAt > LIMITS.signInIdleMs;
	}

	private take(key: string, signIn: SignIn): void {
		this.kept.set(key, signIn);
		const keys = this.ofPerson.get(signIn.person) ?? new Set();
		this.ofPerson.set(signIn.person, keys.add(key));
	}

	private file(key: string): JsonFile<SignIn> {
		return new JsonFile(join(this.folder, `${key}.json`), signInSchema);
	}

	private async unlink(key: string): Promise<void> {
		try {
			await rm(join(this.folder, `${key}.json`), { force: true });
			syncFolder(this.folder);
		} catch (error) {
			throw diskFault(this.folder, error);
		}
	}
}

const keyOf = (token: string): string => createHash('sha256').update(`sign-in:${token}`).digest('hex');
