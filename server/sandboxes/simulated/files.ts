/** The workstation's files inside a simulated world. */
import { fault } from '../../errors/catalogue.ts';
import { LIMITS } from '../../limits.ts';
import { type HostFile, hostFile, hostFilesUnder } from '../../simulator/hosts/files.ts';
import type { FileInput } from '../../simulator/inputs.ts';
import type { WorkstationFile, WorkstationFiles } from '../sandbox.ts';
import type { SimHost } from './host.ts';

export class SimulatedFiles implements WorkstationFiles {
	private readonly host: SimHost;
	/** Bytes and entries held; counted once, then kept up. */
	private held: { bytes: number; entries: number } | undefined;

	constructor(host: SimHost) {
		this.host = host;
	}

	async read(path: string): Promise<string | undefined> {
		let at = path;
		// As many links as Linux follows (MAXSYMLINKS).
		for (let i = 0; i < 40; i++) {
			const file = hostFile(this.host.simulator.world, at);
			if (file?.kind === 'file') return file.content;
			if (file?.kind !== 'symlink') return undefined;
			at = file.content.startsWith('/') ? file.content : join(at, file.content);
		}
		return undefined;
	}

	write(path: string, content: string, options?: { readonly mode?: number }): Promise<void> {
		return this.change({ op: 'write', path, content, ...(options?.mode === undefined ? {} : { mode: options.mode }) });
	}

	remove(path: string): Promise<void> {
		return this.change({ op: 'remove', path });
	}

	async list(under: string): Promise<readonly WorkstationFile[]> {
		return hostFilesUnder(this.host.simulator.world, under).map(({ path, file }) => describe(path, file));
	}

	async entry(path: string): Promise<(WorkstationFile & { readonly content: string; readonly binary: boolean }) | undefined> {
		const file = hostFile(this.host.simulator.world, path);
		return file === undefined ? undefined : { ...describe(path, file), content: file.content, binary: file.binary === true };
	}

	async change(op: FileInput): Promise<void> {
		if (!op.path.startsWith('/') || op.path.includes('\u0000')) throw fault('file-refused', { path: op.path, why: 'it is no absolute path' });
		const before = this.size(op.path);
		const held = (this.held ??= this.count());
		const content = op.op === 'write' ? Buffer.byteLength(op.content) : 0;
		if (content > LIMITS.fileBytes) throw fault('file-too-large', { path: op.path, limit: mib(LIMITS.fileBytes) });
		const grows = op.op === 'write' ? content - (before ?? 0) : 0;
		const adds = op.op === 'write' || op.op === 'mkdir' || op.op === 'symlink' ? this.missing(op.path) : 0;
		if (grows > 0 && held.bytes + grows > LIMITS.filesBytes) throw fault('workstation-full', { limit: mib(LIMITS.filesBytes) });
		if (held.entries + adds > LIMITS.fileEntries) throw fault('workstation-full', { limit: `${LIMITS.fileEntries} entries` });
		this.host.apply({ kind: 'file', op });
		if (op.op === 'remove') this.held = undefined;
		else this.held = { bytes: held.bytes + grows, entries: held.entries + adds };
	}

	watch(listener: (path: string) => void): () => void {
		return this.host.onFile((op) => listener(op.path));
	}

	private size(path: string): number | undefined {
		const file = hostFile(this.host.simulator.world, path);
		return file === undefined ? undefined : Buffer.byteLength(file.content);
	}

	/** How many entries making one at `path` adds: itself, and the folders above it that are not there. */
	private missing(path: string): number {
		let count = 0;
		for (let at = path; at !== '' && hostFile(this.host.simulator.world, at) === undefined; at = at.slice(0, at.lastIndexOf('/'))) count++;
		return count;
	}

	private count(): { bytes: number; entries: number } {
		const all = hostFilesUnder(this.host.simulator.world, '/');
		return { bytes: all.reduce((sum, { file }) => sum + Buffer.byteLength(file.content), 0), entries: all.length };
	}
}

function describe(path: string, file: HostFile): WorkstationFile {
	return {
		path,
		kind: file.kind,
		size: file.kind === 'directory' ? 4096 : Buffer.byteLength(file.content, file.binary === true ? 'latin1' : 'utf8'),
		mode: file.mode,
		mtime: file.mtime,
	};
}

/** A relative link's target, from the link's folder. */
function join(from: string, target: string): string {
	const parts = from.split('/').slice(0, -1);
	for (const part of target.split('/')) {
		if (part === '..') parts.pop();
		else if (part !== '' && part !== '.') parts.push(part);
	}
	return parts.join('/') || '/';
}

const mib = (bytes: number): string => `${bytes / 1_048_576} MiB`;
