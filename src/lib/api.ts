/** Calls to the server, typed by the protocol. No validator is shipped: these pages must stay light; tests hold the shapes against the schemas. */
import type { Assessment, AssessmentChange } from '../../server/protocol/assessment.ts';
import type { LabPage, LabSummary, Me, ReadingChange } from '../../server/protocol/http.ts';
import type { Market, MarketChange } from '../../server/protocol/market.ts';
import type { PlanChange, Plans } from '../../server/protocol/plan.ts';
import type { DeclaredChange, Issuer, ShownDeclared } from '../../server/protocol/portfolio.ts';
import type { Evidence, Learner, Reading, RecordingInfo } from '../../server/protocol/progress.ts';
import { fillIn } from './i18n/fill-in.ts';
import { say } from './i18n/script.ts';

/** A call that did not succeed: the server's sentence and next step, or ours where there was no answer at all. */
export class ApiError extends Error {
	readonly status: number;
	readonly code: string;
	readonly next: string;
	constructor(status: number, code: string, message: string, next: string) {
		super(message);
		this.status = status;
		this.code = code;
		this.next = next;
	}
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const textOf = (value: unknown, otherwise: string): string => (typeof value === 'string' && value !== '' ? value : otherwise);

/** Makes the error of an answer that is not 2xx. A body that isn't ours (a proxy's page, say) still gives a sentence. */
async function errorOf(response: Response): Promise<ApiError> {
	const body: unknown = await response.json().catch(() => undefined);
	const error = isRecord(body) && isRecord(body['error']) ? body['error'] : {};
	if (response.status === 401 && error['code'] !== 'sign-in-needed')
		return new ApiError(401, textOf(error['code'], 'not-signed-in'), say().notSignedIn, say().notSignedInNext);
	return new ApiError(
		response.status,
		textOf(error['code'], 'unexpected-answer'),
		textOf(error['message'], fillIn(say().answered, { status: response.status })),
		textOf(error['next'], say().loadAgain),
	);
}

async function call(path: string, init?: RequestInit): Promise<Response> {
	let response: Response;
	try {
		response = await fetch(path, { credentials: 'same-origin', ...init });
	} catch {
		throw new ApiError(0, 'no-answer', say().noAnswer, say().noAnswerNext);
	}
	if (!response.ok) throw await errorOf(response);
	return response;
}

/** A call's answer as JSON. */
export async function json<T>(path: string, init?: RequestInit): Promise<T> {
	return (await (await call(path, init)).json()) as T;
}

export const post = (body: unknown): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

export const getMe = (): Promise<Me> => json('/api/me');
export const chooseName = (name: string): Promise<Me> => json('/api/me', post({ name }));
export const getReading = (): Promise<Reading> => json('/api/reading');
export const changeReading = (change: ReadingChange): Promise<Reading> => json('/api/reading', post(change));
export const getPlans = (): Promise<Plans> => json('/api/plan');
export const changePlan = (change: PlanChange): Promise<Plans> => json('/api/plan', post(change));
export const getAssessment = (): Promise<Assessment> => json('/api/assessment');
export const changeAssessment = (change: AssessmentChange): Promise<Assessment> => json('/api/assessment', post(change));
export const getDeclared = (): Promise<ShownDeclared[]> => json('/api/portfolio/declared');
export const changeDeclared = (change: DeclaredChange): Promise<ShownDeclared[]> => json('/api/portfolio/declared', post(change));
export const getIssuer = (): Promise<Issuer> => json('/api/issuer');
/** A file that the server makes for a download. */
export const getFile = async (path: string): Promise<Blob> => (await call(path)).blob();
export const getMarket = (): Promise<Market> => json('/api/market');
export const changeMarket = (change: MarketChange): Promise<Market> => json('/api/market', post(change));
export const getLabs = (): Promise<LabSummary[]> => json('/api/labs');
export const getLab = (id: string): Promise<LabPage> => json(`/api/labs/${encodeURIComponent(id)}`);
export const getProgress = (): Promise<Learner> => json('/api/progress');
export const getEvidence = (id: string): Promise<Evidence> => json(`/api/evidence/${encodeURIComponent(id)}`);
/** Recordings of a lab's terminals, newest first. */
export const getRecordings = (lab: string): Promise<RecordingInfo[]> => json(`/api/labs/${encodeURIComponent(lab)}/recordings`);
/** Where one of them lies. */
export const recordingAddress = (lab: string, name: string): string => `/api/labs/${encodeURIComponent(lab)}/recordings/${encodeURIComponent(name)}.cast`;
/** The kubeconfig of the learner's own cluster, YAML text. */
export const getKubeconfig = async (lab: string): Promise<string> => (await call(`/api/labs/${encodeURIComponent(lab)}/kubeconfig`)).text();
