/**
 * What the editor does with files beyond reading and saving them, over HTTP below `/api/labs/:lab/`:
 *
 *   POST apply {path, dryRun}         → appliedSchema        `kubectl apply -f` of a file, and with dryRun what it would change
 *   POST files {op…}                  → fileDoneSchema       a new folder, a rename, a removal and the way back from it
 *   GET  archive?folder=…&format=…    → .zip or .tar.gz
 *   POST upload?folder=…&name=…       → uploadedSchema       the body is the file; an archive is unpacked, all of it or nothing
 */
import { z } from 'zod';

const path = z.string().min(1).max(1024);

export const applyFileSchema = z.object({ path, dryRun: z.boolean() });

/** One object of the file; `verb` as kubectl says it: created, configured, unchanged. */
const appliedObjectSchema = z.object({ name: z.string(), verb: z.string() });

export const appliedSchema = z.object({
	objects: z.array(appliedObjectSchema),
	/** Only of a dry run: unified hunks of each object that would change. */
	diffs: z.array(z.object({ name: z.string(), text: z.string() })),
	/** As the API server and kubectl word them. */
	warnings: z.array(z.string()),
	errors: z.array(z.string()),
});
export type Applied = z.infer<typeof appliedSchema>;

export const fileChangeSchema = z.discriminatedUnion('op', [
	z.object({ op: z.literal('mkdir'), path }),
	z.object({ op: z.literal('move'), path, to: path }),
	z.object({ op: z.literal('remove'), path }),
	/** Takes the last removal back. */
	z.object({ op: z.literal('restore'), removal: z.string().max(40) }),
]);
export type FileChange = z.infer<typeof fileChangeSchema>;

/** `removal`: what `restore` takes, as long as nothing else is removed. */
export const fileDoneSchema = z.object({ removal: z.string().optional() });
export type FileDone = z.infer<typeof fileDoneSchema>;

/** `taken`: files that are there already, for which nothing was written: asked again with `replace=1` they go. */
export const uploadedSchema = z.object({ files: z.number(), taken: z.array(z.string()) });
export type Uploaded = z.infer<typeof uploadedSchema>;

export const archiveFormat = z.enum(['zip', 'tar.gz']);
