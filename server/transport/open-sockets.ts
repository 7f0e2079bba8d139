/** Which socket is whose: closed at once when the sign-in behind it ends, or the person may not come in any more. */
import type { RawData, WebSocket } from 'ws';
import type { People } from '../people/people.ts';
import type { TeamDoor } from './sign-in.ts';

/** What a page reads as "you are signed out" (4000–4999 are an application's own). */
const SIGNED_OUT = 4401;
const SWEEP_MS = 60_000;
/** How a page's heartbeat begins. */
const PING = Buffer.from('{"type":"ping"');

export class OpenSockets {
	private readonly team: TeamDoor | undefined;
	private readonly open = new Map<WebSocket, { readonly person: string; readonly key: string | undefined }>();
	private readonly stop: () => void;
	private readonly timer: ReturnType<typeof setInterval> | undefined;

	constructor(people: People, team: TeamDoor | undefined, log: (message: string, detail?: unknown) => void) {
		this.team = team;
		team?.signIns.onEnd((key) => this.close((one) => one.key === key));
		this.stop = people.onOut((person) => this.close((one) => one.person === person));
		// Sign-ins also end by themselves, when nobody asks for anything.
		this.timer =
			team === undefined
				? undefined
				: setInterval(() => void team.signIns.sweep().catch((error: unknown) => log('sign-ins could not be ended', error)), SWEEP_MS);
		this.timer?.unref();
	}

	/** `cookies`: the header that the socket was opened with. False where the person signed out while it was being opened: it is closed then. */
	add(ws: WebSocket, person: string, cookies: string | undefined): boolean {
		const key = this.team?.security.signIn(cookies)?.key;
		if (this.team !== undefined && key === undefined) {
			ws.close(SIGNED_OUT, 'signed out');
			return false;
		}
		this.open.set(ws, { person, key });
		ws.on('close', () => this.open.delete(ws));
		if (key === undefined) return true;
		ws.on('message', (data: RawData) => {
			// Work keeps a sign-in alive; an open tab that nobody looks at does not.
			if (!(Buffer.isBuffer(data) && data.subarray(0, PING.length).equals(PING))) this.team?.signIns.seen(key);
		});
		return true;
	}

	dispose(): void {
		this.stop();
		clearInterval(this.timer);
	}

	private close(which: (one: { readonly person: string; readonly key: string | undefined }) => boolean): void {
		for (const [ws, one] of this.open) {
			if (!which(one)) continue;
			// What is still on its way is not taken any more: the end is now, not when the browser agrees.
			ws.removeAllListeners('message');
			ws.close(SIGNED_OUT, 'signed out');
		}
	}
}
