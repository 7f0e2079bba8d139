/** Bodies of requests, within a ceiling, whatever their Content-Length says. */

/**
 * All pieces as one (none where there is no body); undefined where they are more than `ceiling` bytes. A body that is too large is still read, and dropped, up to
 * sixteen times the ceiling: a client that goes on sending would see a reset connection instead of the answer.
 */
export async function readBounded(pieces: AsyncIterable<Uint8Array> | null, ceiling: number): Promise<Buffer<ArrayBuffer> | undefined> {
	const kept: Uint8Array[] = [];
	let bytes = 0;
	for await (const piece of pieces ?? []) {
		bytes += piece.length;
		if (bytes <= ceiling) kept.push(piece);
		else if (bytes > 16 * ceiling) break;
	}
	return bytes > ceiling ? undefined : Buffer.concat(kept);
}
