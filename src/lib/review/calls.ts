import type {
	Answer,
	Bundle,
	CohortPage,
	Draft,
	LearnerStanding,
	NewSubmission,
	NextRound,
	Notices,
	Queue,
	RoundDiff,
	SavedComment,
	ShownSubmission,
	SubmissionSummary,
} from '../../../server/protocol/reviews.ts';
import type { CohortView, MadeInvitation } from '../../../server/protocol/people.ts';
import { json, post } from '../api.ts';

const at = (id: string, rest = ''): string => `/api/submissions/${encodeURIComponent(id)}${rest}`;

export const listSubmissions = (): Promise<SubmissionSummary[]> => json('/api/submissions');
export const submit = (wanted: NewSubmission): Promise<ShownSubmission> => json('/api/submissions', post(wanted));
export const getSubmission = (id: string): Promise<ShownSubmission> => json(at(id));
export const getBundle = (id: string, round: number): Promise<Bundle> => json(at(id, `/rounds/${round}`));
export const getDocumentHtml = async (id: string, round: number, document: string): Promise<string> =>
	(await json<{ html: string }>(at(id, `/rounds/${round}/documents/${encodeURIComponent(document)}`))).html;
export const getDiff = (id: string, round: number): Promise<RoundDiff> => json(at(id, `/rounds/${round}/diff`));
export const resubmit = (id: string, next: NextRound): Promise<ShownSubmission> => json(at(id, '/rounds'), post(next));
export const withdraw = (id: string): Promise<ShownSubmission> => json(at(id, '/withdraw'), post({}));
export const answer = (id: string, finding: string, said: Answer): Promise<ShownSubmission> => json(at(id, '/answers'), post({ finding, answer: said }));
export const rate = (id: string, round: number, helpful: boolean): Promise<ShownSubmission> => json(at(id, '/helpful'), post({ round, helpful }));
export const seen = (id: string): Promise<Notices> => json(at(id, '/seen'), post({}));
export const claim = (id: string): Promise<ShownSubmission> => json(at(id, '/claim'), post({}));
export const release = (id: string): Promise<ShownSubmission> => json(at(id, '/release'), post({}));
export const saveDraft = (id: string, base: number, draft: Draft): Promise<ShownSubmission> =>
	json(at(id, '/draft'), { ...post({ base, draft }), method: 'PUT', keepalive: true });
export const sendReview = (id: string, base: number): Promise<ShownSubmission> => json(at(id, '/review'), post({ base }));
export const getStanding = (id: string): Promise<LearnerStanding> => json(at(id, '/standing'));
export const getQueue = (): Promise<Queue> => json('/api/mentor/queue');
export const preview = async (markdown: string): Promise<string> => (await json<{ html: string }>('/api/mentor/preview', post({ markdown }))).html;
export const getComments = (submission?: string): Promise<SavedComment[]> =>
	json(`/api/mentor/comments${submission === undefined ? '' : `?submission=${encodeURIComponent(submission)}`}`);
type CommentWords = Pick<SavedComment, 'type' | 'text' | 'when'>;
export const saveComment = (words: CommentWords): Promise<SavedComment[]> => json('/api/mentor/comments', post(words));
export const editComment = (id: string, words: CommentWords): Promise<SavedComment[]> =>
	json(`/api/mentor/comments/${encodeURIComponent(id)}`, { ...post(words), method: 'PUT' });
export const removeComment = (id: string): Promise<SavedComment[]> => json(`/api/mentor/comments/${encodeURIComponent(id)}`, { method: 'DELETE' });
export const getCohorts = (): Promise<CohortView[]> => json('/api/cohorts');
export const getCohortPage = (id: string): Promise<CohortPage> => json(`/api/mentor/cohorts/${encodeURIComponent(id)}`);
export const makeCohort = (name: string): Promise<CohortView> => json('/api/cohorts', post({ name }));
export const inviteLearners = (cohort: string): Promise<MadeInvitation> =>
	json(`/api/cohorts/${encodeURIComponent(cohort)}/invitations`, post({ as: 'learner', days: 14, uses: 30 }));
