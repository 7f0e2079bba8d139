import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, diskFault, Fault, fault, toFault } from './catalogue.ts';

const root = join(import.meta.dirname, '..', '..');

async function sources(folder: string): Promise<string[]> {
	const out: string[] = [];
	for (const entry of await readdir(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory() && entry.name !== 'simulator') out.push(...(await sources(path)));
		else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') && entry.name !== 'catalogue.ts') out.push(await readFile(path, 'utf8'));
	}
	return out;
}

describe('the error catalogue', () => {
	it('documents every code, and no other, with its sentence and next step', async () => {
		const text = await readFile(join(root, 'docs', 'errors.md'), 'utf8');
		const documented = new Map([...text.matchAll(/^\| `([\w-]+)` \| (.*?) \| (.*?) \|$/gm)].map((m) => [m[1], [m[2], m[3]]]));
		expect([...documented.keys()].sort()).toEqual(Object.keys(CATALOGUE).sort());
		for (const [code, entry] of Object.entries(CATALOGUE)) expect(documented.get(code), code).toEqual([entry.message, entry.next]);
	});

	it('holds no code that nothing uses', async () => {
		const all =
			(await sources(join(root, 'server'))).join('\n') + (await readFile(join(root, 'server/errors/catalogue.ts'), 'utf8')).split('} as const satisfies')[1];
		const unused = Object.keys(CATALOGUE).filter((code) => !all.includes(`fault('${code}'`));
		expect(unused).toEqual([]);
	});

	it('puts the offending value into the sentence, cut where it is long', () => {
		expect(fault('lab-unknown', { lab: 'nope' })).toMatchObject({ code: 'lab-unknown', status: 404, message: 'There is no lab “nope”.' });
		expect(fault('lab-unknown', { lab: 'x'.repeat(5000) }).message.length).toBeLessThan(400);
	});

	it('tells a full disk from other failures', () => {
		expect(diskFault('/x', Object.assign(new Error('full'), { code: 'ENOSPC' })).code).toBe('disk-full');
		expect(diskFault('/x', Object.assign(new Error('no'), { code: 'EACCES' })).message).toContain('EACCES');
	});

	it('keeps a fault as it is and words anything else', () => {
		const known = fault('reset-none', {});
		expect(toFault(known)).toBe(known);
		expect(toFault(new Error('boom'))).toMatchObject({ code: 'internal' });
		expect(toFault('boom')).toBeInstanceOf(Fault);
	});
});
