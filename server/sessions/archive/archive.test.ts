import { gzipSync as quickGzip } from 'node:zlib';
import { gunzipSync, gzipSync, strToU8, zipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../errors/catalogue.ts';
import { LIMITS } from '../../limits.ts';
import { memorySandbox } from '../../shell/testing/sandbox.ts';
import { HOME } from '../workspace.ts';
import type { ArchiveEntry } from './entries.ts';
import { packFolder, putInto } from './folder.ts';
import { readTarGz, writeTar, writeTarGz } from './tar.ts';
import { readZip } from './zip.ts';

const file = (name: string, text = 'x'): ArchiveEntry => ({ name, kind: 'file', data: strToU8(text), mode: 0o644 });
const tar = (...entries: ArchiveEntry[]): Uint8Array => writeTarGz(entries, 0);
const zip = (...entries: ArchiveEntry[]): Uint8Array => zipSync(Object.fromEntries(entries.map(({ name, data }) => [name, data])));

/** The same for tens of megabytes that pack badly anyway. */
const tarFast = (...entries: ArchiveEntry[]): Uint8Array => quickGzip(writeTar(entries, 0), { level: 1 });
const zipStored = (...entries: ArchiveEntry[]): Uint8Array => zipSync(Object.fromEntries(entries.map(({ name, data }) => [name, data])), { level: 0 });

/** What an archive is refused for. */
function refusal(read: () => unknown): string {
	try {
		read();
	} catch (error) {
		if (error instanceof Fault) return error.message;
		throw error;
	}
	return 'taken';
}

/** A tar.gz of one entry of any type, its header as given. */
function odd(name: string, type: string): Uint8Array {
	const bytes = Buffer.from(gunzipSync(tar(file('placeholder', ''))));
	bytes.fill(0, 0, 100);
	bytes.write(name, 0);
	bytes.write(type, 156);
	bytes.write('        ', 148);
	const sum = bytes.subarray(0, 512).reduce((a, b) => a + b, 0);
	bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
	return gzipSync(bytes);
}

/** Overwrites bytes of an archive. */
function patched(bytes: Uint8Array, from: string, to: Uint8Array | string): Uint8Array {
	const out = Buffer.from(bytes);
	for (let at = out.indexOf(from, 0, 'latin1'); at >= 0; at = out.indexOf(from, at + 1, 'latin1'))
		out.set(typeof to === 'string' ? Buffer.from(to, 'latin1') : to, at);
	return out;
}

describe.each([
	{ format: 'zip', read: readZip, pack: zip, packFast: zipStored },
	{ format: 'tar.gz', read: readTarGz, pack: tar, packFast: tarFast },
])('$format', ({ read, pack, packFast }) => {
	it('gives back what was packed', () => {
		const long = `${'d'.repeat(90)}/${'f'.repeat(90)}.yaml`;
		expect(
			read(pack(file('web/a.yaml', 'a: 1\n'), file(long, 'long'), file('한글/ü.txt', 'ü'))).map(({ name, data }) => [name, Buffer.from(data).toString()]),
		).toEqual([
			['web/a.yaml', 'a: 1\n'],
			[long, 'long'],
			['한글/ü.txt', 'ü'],
		]);
	});

	it('refuses paths that lead elsewhere, and names the entry', () => {
		expect(refusal(() => read(pack(file('ok'), file('/etc/passwd'))))).toContain('“/etc/passwd”: its path is absolute');
		expect(refusal(() => read(pack(file('C:/x'))))).toContain('absolute');
		expect(refusal(() => read(pack(file('a/../../x'))))).toContain('“a/../../x”: its path leads out of the folder');
		expect(refusal(() => read(pack(file('a\\..\\x'))))).toContain('backslash');
		expect(refusal(() => read(pack(file('a//x'))))).toContain('not a plain path');
	});

	it('refuses names that hold control characters, are not UTF-8, or too long', () => {
		expect(refusal(() => read(pack(file('a\u001b[31m'))))).toMatch(/“a�\[31m”: its name holds control/);
		expect(refusal(() => read(pack(file('gnp.\u202eyaml'))))).toContain('control characters');
		expect(refusal(() => read(patchName(pack(file('abcdef')))))).toContain('not UTF-8');
		expect(refusal(() => read(pack(file('n'.repeat(LIMITS.archiveNameBytes + 1)))))).toContain(`longer than ${LIMITS.archiveNameBytes} bytes`);
		expect(refusal(() => read(pack(file(`${'d/'.repeat(LIMITS.archiveDepth)}x`))))).toContain(`more than ${LIMITS.archiveDepth} folders deep`);
	});

	it('refuses names that are one file on some machine', () => {
		expect(refusal(() => read(pack(file('Web/a'), file('web/A'))))).toContain('letter case alone');
		expect(refusal(() => read(pack(file('ReadMe'), file('README'))))).toContain('letter case alone');
		expect(refusal(() => read(pack(file('a'), file('a/b'))))).toContain('a file and a folder');
	});

	it('holds to archiveEntries, and passes over what programs leave in archives', () => {
		const many = Array.from({ length: LIMITS.archiveEntries + 1 }, (_, index) => file(`f${index}`, ''));
		expect(refusal(() => read(pack(...many)))).toContain(`${LIMITS.archiveEntries} are the most`);
		expect(read(pack(file('__MACOSX/._a'), file('a/.DS_Store'), file('a/b'))).map((entry) => entry.name)).toEqual(['a/b']);
	});

	it('holds to archiveRatio and archiveUnpackedBytes', () => {
		const zeros = (bytes: number): string => '\0'.repeat(bytes);
		const two = pack(file('a', zeros(LIMITS.fileBytes)), file('b', zeros(LIMITS.fileBytes)));
		expect(refusal(() => read(two))).toContain(`more than ${LIMITS.archiveRatio} times its size`);
		const noise = Buffer.alloc(LIMITS.fileBytes);
		for (let i = 0; i < noise.length; i++) noise[i] = (Math.imul(i ^ (i >>> 7), 2654435761) >>> 20) & 0xff;
		const full = Array.from({ length: Math.ceil(LIMITS.archiveUnpackedBytes / LIMITS.fileBytes) + 1 }, (_, index) => ({ ...file(`n${index}`), data: noise }));
		expect(refusal(() => read(packFast(...full)))).toContain(`more than ${LIMITS.archiveUnpackedBytes / 1_048_576} MiB`);
		expect(refusal(() => read(packFast({ ...file('big'), data: Buffer.concat([noise, noise.subarray(0, 1)]) })))).toContain('“big”: it is larger than 4 MiB');
	});

	it('never does anything but take or refuse, whatever the bytes', () => {
		const good = Buffer.from(pack(file('a/b.yaml', 'kind: Pod\n'), file('c', 'text')));
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(good.length), (changes, end) => {
				const bytes = Buffer.from(good.subarray(0, end));
				for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
				expect(typeof refusal(() => read(bytes))).toBe('string');
			}),
			{ numRuns: 200 },
		);
	});

	function patchName(bytes: Uint8Array): Uint8Array {
		if (read === readZip) return patched(bytes, 'abcdef', 'a\xffcdef');
		return gzipSync(withSum(patched(gunzipSync(bytes), 'abcdef', 'a\xffcdef')));
	}
});

function withSum(bytes: Uint8Array): Uint8Array {
	const out = Buffer.from(bytes);
	out.write('        ', 148);
	out.write(
		`${out
			.subarray(0, 512)
			.reduce((a, b) => a + b, 0)
			.toString(8)
			.padStart(6, '0')}\0 `,
		148,
	);
	return out;
}

describe('special entries', () => {
	it.each([
		['1', 'hard link'],
		['2', 'symbolic link'],
		['3', 'device'],
		['4', 'device'],
		['6', 'named pipe'],
		['S', 'unknown'],
	])('refuses tar type %s: %s', (type, word) => {
		expect(refusal(() => readTarGz(odd('evil', type)))).toMatch(new RegExp(`“evil”: .*${word}`));
	});

	it('refuses links, devices and locked entries in a zip, and one whose two names differ', () => {
		const unix = (mode: number): Uint8Array => zipSync({ evil: [strToU8('/etc/passwd'), { os: 3, attrs: (mode << 16) >>> 0 }] });
		expect(refusal(() => readZip(unix(0o120777)))).toContain('“evil”: it is a symbolic link');
		expect(refusal(() => readZip(unix(0o020666)))).toContain('special file');
		const locked = Buffer.from(zip(file('evil')));
		const central = locked.indexOf('PK\u0001\u0002', 0, 'latin1');
		locked[central + 8] = (locked[central + 8] ?? 0) | 1;
		expect(refusal(() => readZip(locked))).toContain('encrypted');
		const renamed = Buffer.from(zip(file('good')));
		renamed.write('evil', renamed.indexOf('good'));
		expect(refusal(() => readZip(renamed))).toContain('two different names');
		const wrong = Buffer.from(zip(file('sum')));
		const at = wrong.indexOf('PK\u0001\u0002', 0, 'latin1') + 16;
		wrong[at] = (wrong[at] ?? 0) ^ 1;
		expect(refusal(() => readZip(wrong))).toContain('checksum');
	});
});

describe('folders', () => {
	const put = (sandbox: ReturnType<typeof memorySandbox>, name: string, bytes: Uint8Array, replace = false) =>
		putInto(sandbox.files, HOME, name, bytes, replace);

	it('asks before it replaces, and writes nothing meanwhile', async () => {
		const sandbox = memorySandbox({ [`${HOME}/a.yaml`]: 'mine' });
		const bytes = zip(file('a.yaml', 'theirs'), file('b.yaml', 'new'));
		expect(await put(sandbox, 'x.zip', bytes)).toEqual({ files: 0, taken: ['a.yaml'] });
		expect(await sandbox.files.read(`${HOME}/b.yaml`)).toBeUndefined();
		expect(await put(sandbox, 'x.zip', bytes, true)).toEqual({ files: 2, taken: [] });
		expect(await sandbox.files.read(`${HOME}/a.yaml`)).toBe('theirs');
	});

	it('takes everything back where the disk is full in the middle', async () => {
		const sandbox = memorySandbox({ [`${HOME}/a.yaml`]: 'mine' });
		const { change } = sandbox.files;
		const files = {
			...sandbox.files,
			change: async (op: Parameters<typeof change>[0]) => {
				if (op.path.endsWith('/c')) throw new Error('full');
				await change(op);
			},
		};
		await expect(putInto(files, HOME, 'x.tgz', tar(file('a.yaml', 'theirs'), file('new/b'), file('c')), true)).rejects.toThrow('full');
		expect((await files.list(HOME)).map((entry) => entry.path)).toEqual([`${HOME}/a.yaml`]);
		expect(await files.read(`${HOME}/a.yaml`)).toBe('mine');
	});

	it('puts any other file under its name, bytes and all, within archiveBytes', async () => {
		const sandbox = memorySandbox();
		await put(sandbox, 'logo.png', new Uint8Array([0x89, 0x50, 0xff, 0]));
		expect(await sandbox.files.entry(`${HOME}/logo.png`)).toMatchObject({ binary: true, content: '\u0089P\u00ff\u0000' });
		await expect(put(sandbox, '../x', new Uint8Array([1]))).rejects.toMatchObject({ code: 'file-refused' });
		await expect(put(sandbox, 'x.zip', new Uint8Array(LIMITS.archiveBytes + 1))).rejects.toMatchObject({ code: 'archive-refused' });
		await expect(putInto(sandbox.files, '/etc', 'x', new Uint8Array([1]), false)).rejects.toMatchObject({ code: 'file-refused' });
	});

	it.each(['zip', 'tar.gz'] as const)('packs a folder as %s that it takes back itself', async (format) => {
		const sandbox = memorySandbox({ [`${HOME}/web/a.yaml`]: 'a: ü\n', [`${HOME}/web/deep/b`]: 'b', [`${HOME}/.kube/config`]: 'token' });
		const bytes = await packFolder(sandbox.files, HOME, format, Date.UTC(2026, 0, 1));
		const entries = format === 'zip' ? readZip(bytes) : readTarGz(bytes);
		const packed = entries.filter((entry) => entry.kind === 'file');
		expect(packed.map((entry) => entry.name).sort()).toEqual(['web/a.yaml', 'web/deep/b']);
		expect(Buffer.from(entries.find((entry) => entry.name === 'web/a.yaml')?.data ?? []).toString()).toBe('a: ü\n');
		await expect(packFolder(sandbox.files, '/etc', format, 0)).rejects.toMatchObject({ code: 'file-refused' });
	});
});
