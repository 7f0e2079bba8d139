/** The families of the portfolio, from the same file that the pages are built of. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const deliverableSchema = z.object({
	id: z.string(),
	title: z.string(),
	about: z.string(),
	order: z.number().int(),
	month: z.number().int().optional(),
	target: z.number().int().optional(),
	unit: z.string().optional(),
});
export type Deliverable = z.infer<typeof deliverableSchema>;

/** In their order. Rejects with what is wrong in the file. */
export async function readDeliverables(path: string): Promise<readonly Deliverable[]> {
	const found = z.array(deliverableSchema).parse(parse(await readFile(path, 'utf8')));
	return found.sort((a, b) => a.order - b.order);
}
