/** Every ceiling of the server, in one place. Each has a test in limits.test.ts that it holds, or beside the code that keeps it. */
const KB = 1024;
const MB = 1024 * KB;

export const LIMITS = {
	/** Bytes of one WebSocket message from a page. A file written from the editor travels in one. */
	messageBytes: 6 * MB,
	/** Messages a page may send in a second, on average, and at once. */
	messagesPerSecond: 200,
	messagesAtOnce: 600,
	/** Bytes a page may send in a second, on average, and at once. */
	bytesPerSecond: 4 * MB,
	bytesAtOnce: 16 * MB,
	/** Bytes waiting in a page's socket before it counts as slow: terminal output is then dropped and drawn anew when it catches up. */
	socketBufferBytes: 4 * MB,
	/** Bytes waiting before a page that never reads is closed. */
	socketBufferCloseBytes: 32 * MB,
	/** Tabs attached to one session. */
	tabsPerSession: 16,
	/** Bytes of one HTTP body from a page (not the cluster API, which has its own limit). */
	bodyBytes: 64 * KB,

	/** Terminals of one session. */
	terminals: 8,
	/** Characters of scrollback kept for a terminal. */
	scrollbackCharacters: 256 * KB,
	/** Characters typed or pasted ahead of a command that does not read them. */
	typeaheadCharacters: 1 * MB,
	/** Characters of output on their way to the page before the writer has to wait. */
	outputUnacknowledged: 128 * KB,
	/** ms for which output is gathered before it is sent. */
	outputGatherMs: 6,

	/** Bytes of one workstation file, and of all of them. */
	fileBytes: 4 * MB,
	filesBytes: 48 * MB,
	/** Characters of one shell variable, command substitution or pipe into a utility. */
	shellCharacters: 16 * MB,
	/** Prompts of one `vllm bench serve`: every one is an entry of the sandbox's journal. */
	benchPrompts: 5000,
	/** Processes a terminal may have at once; a fork bomb ends here. */
	shellProcesses: 256,
	/** Real ms that one of a learner's patterns may match for. */
	patternMs: 250,
	/** Bytes of a text in an editor of the terminal (vi, nano). */
	editorBytes: 2 * MB,
	/** Bytes of a file or archive that is uploaded; entries of an archive, bytes of what they hold, and how many times its size that may be. */
	archiveBytes: 16 * MB,
	archiveEntries: 2000,
	archiveUnpackedBytes: 32 * MB,
	archiveRatio: 200,
	/** Bytes of one part of an entry's path, and how many parts it may have. */
	archiveNameBytes: 255,
	archiveDepth: 32,
	/** Real ms that applying a file from the editor may take, and characters that are shown of what kubectl says. */
	applyMs: 30_000,
	applyCharacters: 512 * KB,
	/** Entries on the workstation. */
	fileEntries: 20_000,
	/** Command lines, warnings of the cluster and measurements that one piece of evidence holds, the newest; characters of each line. */
	attemptCommands: 150,
	attemptWarnings: 60,
	attemptRuns: 40,
	attemptLine: 240,
	/** Loose objects of a git repository, about: beyond it they are packed, as each is an entry. */
	gitLooseObjects: 1000,
	/** Bytes of files that go into one piece of evidence. */
	evidenceBytes: 1 * MB,

	/** Bytes of an API request's body: the API server's own limit (`MaxRequestBodyBytes`, 3 MiB). */
	requestBytes: 3 * MB,
	/** Bytes of a journal after which a snapshot is taken. */
	journalBytes: 4 * MB,
	/** Inputs after which a snapshot is taken: bounds the time a resume takes. */
	journalInputs: 4000,
	/** Bytes of a sandbox's state as JSON; beyond it the sandbox takes deletions only. */
	stateBytes: 160 * MB,
	/** Virtual ms that one wake-up may bring; a machine that falls behind slips instead of racing after. */
	catchUpMs: 1500,
	/** Real ms between two wake-ups of a busy sandbox. */
	wakeMs: 20,
	/** Real ms that a sandbox whose time is hurried computes before others get their turn. */
	hurrySliceMs: 8,
	/** Real ms for which a cluster's time goes on after its last outside request, where no page is attached. */
	lingerMs: 60_000,
	/** Real ms between fsyncs of a journal. */
	fsyncMs: 250,

	/** Sandboxes that one worker thread holds in memory; the longest unattached go to disk first. */
	sandboxesPerWorker: 200,
	/** Real ms that a session stays in memory after its last page has gone. */
	idleSessionMs: 10 * 60_000,
	/** Heap of a worker thread, MB. */
	workerHeapMb: 3072,
	/** Real ms without a heartbeat after which a worker counts as hung. */
	workerSilenceMs: 10_000,
	heartbeatMs: 500,
	/** Times in a row that a session may take its worker down before it is set aside. */
	sessionCrashes: 3,

	/** Checkpoints of a session to go back to; those among them that a learner named; bytes of all. The oldest automatic ones go first. */
	checkpoints: 30,
	checkpointsNamed: 12,
	checkpointsBytes: 96 * MB,
	/** Real ms of work after which a checkpoint is made by itself. */
	checkpointEveryMs: 4 * 60_000,
	/** Files, and objects, that are listed before going back; characters of their diffs; fields told of one object. */
	rewindChanges: 200,
	rewindDiffCharacters: 256 * KB,
	rewindFields: 8,
	/** Command lines that a checkpoint remembers. */
	checkpointCommands: 50,

	/** Bytes of one terminal's recording: beyond it its older half goes. */
	recordingBytes: 4 * MB,
	/** Characters of output that are recorded at once, and in a second on average: of a flood the rest is left out, and said so. */
	recordingBurst: 512 * KB,
	recordingPerSecond: 32 * KB,
	/** Characters of one word that is held back until it is clear whether it holds a secret. */
	recordingWord: 4096,
	/** Recordings of a session: those of terminals that were closed go first. */
	recordingsKept: 24,
	/** Bytes of the recordings that one submission carries, the newest first. */
	submissionRecordings: 12 * MB,

	/** Real ms between two cluster views pushed to a page. */
	viewMs: 300,
	/** Rows of each kind in a cluster view. */
	viewPods: 500,
	viewEvents: 60,
	/** Lines that say why one pod is Pending. */
	viewPending: 12,
	/** Real ms of quiet before the live checks run, and between two runs. */
	liveSettleMs: 700,
	liveEveryMs: 2500,
	/** Real ms between live checks where nothing seems to change. */
	liveIdleMs: 20_000,

	/** Lessons whose reading is kept for a learner. */
	lessonsKept: 500,
	/** Milestones of one plan; earlier plans kept for going back; milestones called done by hand, over all plans. */
	planMilestones: 120,
	plansKept: 20,
	planTicks: 400,
	/** Links to work elsewhere in one portfolio. */
	declaredKept: 200,
	/** Bytes of an exported portfolio before it is packed; real ms that making its PDF may take. */
	exportBytes: 64 * MB,
	pdfMs: 30_000,
	/** Listings and exchange rates of one market worksheet. */
	marketListings: 200,
	marketRates: 30,
	/** Pieces of evidence that one self-rating points at; changes of self-ratings and rounds of exercises that are kept. */
	piecesPerRating: 12,
	ratingsKept: 500,
	exerciseRuns: 200,
	/** Criteria by which one exercise is scored. */
	exerciseCriteria: 12,
	/** Documents of a learner, bytes of one as JSON, and earlier versions of it to go back to. */
	documentsKept: 100,
	documentBytes: 48 * KB,
	documentVersions: 12,
	/** Documents that are evidence in the portfolio, and bytes of all documents with versions and evidence: they lie in the learner's record. */
	writingsKept: 100,
	documentsBytes: 6 * MB,

	/** People and cohorts that one server knows; those in one cohort on either side; its invitations that are open at once. */
	people: 5000,
	cohorts: 500,
	cohortMembers: 500,
	invitationsPerCohort: 20,

	/** Real ms that a sign-in holds without use, and at most; between two notes on disk that it was used; that one may take at the provider. */
	signInIdleMs: 12 * 3_600_000,
	signInMs: 7 * 86_400_000,
	signInNotedMs: 60_000,
	signInFlowMs: 10 * 60_000,
	/** Browsers in which one person is signed in. */
	signInsPerPerson: 20,
	/** Sign-ins from one address in a minute; API requests of one person in a second, on average, and at once. */
	signInsPerMinute: 120,
	requestsPerSecond: 40,
	requestsAtOnce: 400,
	/** Addresses and people whose rates are remembered. */
	rateKeys: 10_000,
	/** Seconds for which the identity provider may think. */
	issuerSeconds: 10,
	/** Bytes of one file of the audit trail, files that are kept, and lines that one answer shows. */
	auditFileBytes: 4 * MB,
	auditFiles: 50,
	auditLines: 500,
	/** Real ms within which the same look by the same person is not written down again. */
	auditAgainMs: 60_000,
	/** Files of it that a page's question looks through. */
	auditFilesShown: 5,
	/** Times that a folder which changes while it is backed up is looked at again. */
	backupTries: 50,

	/** Submissions of one learner that are kept, those that wait or are under review at once, and rounds of one. */
	submissionsKept: 300,
	submissionsOpen: 20,
	submissionRounds: 12,
	/** Happenings of one submission that are kept, the newest. */
	submissionHappenings: 200,
	/** Bytes of one round's bundle as JSON; attempts that a portfolio item's bundle holds. */
	submissionBytes: 4 * MB,
	submissionAttempts: 6,
	/** Findings of one round; all types count. */
	findingsPerRound: 3,
	/** Real ms that a mentor's claim holds after they last wrote something. */
	claimMs: 4 * 3_600_000,
	/** Saved comments of one mentor. */
	savedComments: 300,
	/** Percent of rounds that a second mentor sees. */
	secondReviewPercent: 20,
	/** People from whom on figures about a cohort are shown, and pairs of reviews from whom on their agreement can be leaned on. */
	fewestPeople: 3,
	fewestPairs: 10,
	/** Bytes of one attempt's cluster changes as JSON, and how many objects. */
	changesBytes: 1 * MB,
	changedObjects: 400,
	/** Lines up to which two texts are compared line by line; beyond, they are shown as replaced. */
	diffLines: 4000,

	/** Idempotency keys remembered for a learner. */
	appliedKeys: 500,
} as const;
