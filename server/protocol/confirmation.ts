/** A mentor's confirmation: shared by everything that can be confirmed. */
import { z } from 'zod';

/** Which mentor approved it, in which submission, and what they said of the whole. Nobody's own review is ever one. */
export const confirmationSchema = z.object({
	by: z.string(),
	name: z.string(),
	at: z.string(),
	submission: z.string(),
	/** The mentor's words to the learner; theirs alone, never part of an export. */
	why: z.string().optional(),
});
export type Confirmation = z.infer<typeof confirmationSchema>;
