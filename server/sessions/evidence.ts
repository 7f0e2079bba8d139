/** What is put beside an attempt that is handed in: recordings, what differs from the lab's start, how it went. */
import type { Capture } from '../protocol/reviews.ts';
import type { AttemptFacts, RecordingInfo } from '../protocol/progress.ts';
import type { SessionFolders, SessionRecord } from './folders.ts';
import { recordingsToSubmit } from './recordings.ts';
import type { WorkerLink } from './worker-link.ts';

export type Captured = (learner: string, evidence: string, capture: Capture) => Promise<void>;

export interface EvidenceOptions {
	readonly record: SessionRecord;
	readonly folders: SessionFolders;
	/** Keeps what differs from the start beside an attempt. */
	readonly captured?: Captured | undefined;
	readonly log: (message: string, detail?: unknown) => void;
}

export class EvidenceKeeper {
	private readonly options: EvidenceOptions;
	private readonly link: WorkerLink;

	constructor(options: EvidenceOptions, link: WorkerLink) {
		this.options = options;
		this.link = link;
	}

	/** How the attempt went. Where that cannot be read the evidence stands without. */
	facts(): Promise<AttemptFacts | undefined> {
		return this.link.call('facts', {}).catch((error: unknown) => {
			this.options.log('what happened in the sandbox is not known', error);
			return undefined;
		});
	}

	/** Puts the terminals' recordings beside the evidence, before it says that it has them. */
	async keepRecordings(evidence: string): Promise<readonly RecordingInfo[]> {
		const { folders, record } = this.options;
		const carried = await recordingsToSubmit(await this.link.call('recordings', {}));
		for (const { info, text } of carried) await folders.keepRecording(record.learner, evidence, info.name, text);
		return carried.map(({ info }) => info);
	}

	/** What differs from the lab's start, kept beside the evidence for whoever reviews it. Where it cannot be worked out the evidence stands without. */
	async keepChanges(evidence: string): Promise<void> {
		const { captured, record, log } = this.options;
		const capture = await this.link.call('changes', {}).catch((error: unknown) => {
			log('what differs from the lab’s start is not known', error);
			return null;
		});
		if (capture !== null) await captured?.(record.learner, evidence, capture);
	}
}
