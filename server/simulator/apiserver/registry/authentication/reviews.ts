/** authentication.k8s.io: reviews of the caller and of tokens. Nothing is stored. */
import type { World } from '../../../kernel/world.ts';
import { formatTime } from '../../../kernel/time.ts';
import { authenticateToken } from '../../auth/authenticator.ts';
import { ISSUER, readToken } from '../../auth/tokens.ts';
import type { ApiCall, ApiResult, UserInfo } from '../../types.ts';
import { defineResource } from '../define.ts';
import { rec, str, strs } from '../fields.ts';

const userInfo = (user: UserInfo): { readonly [field: string]: unknown } => ({
	username: user.name,
	...(user.uid === undefined ? {} : { uid: user.uid }),
	groups: user.groups,
	...(user.extra === undefined ? {} : { extra: user.extra }),
});

function selfSubjectReview(world: World, call: ApiCall): ApiResult {
	const body = {
		kind: 'SelfSubjectReview',
		apiVersion: 'authentication.k8s.io/v1',
		metadata: { creationTimestamp: formatTime(world.now) },
		status: { userInfo: userInfo(call.user) },
	};
	return { code: 201, body };
}

/** Of the audiences that were asked about, those that the token is for; a token out of a secret is the API server's. */
function known(world: World, token: string, asked: readonly string[]): readonly string[] {
	const own = strs(readToken(world, token)?.aud);
	return own.length === 0 ? [ISSUER] : asked.filter((a) => own.includes(a));
}

function tokenReview(world: World, call: ApiCall): ApiResult {
	const review = rec(call.body);
	const spec = rec(review.spec);
	const asked = strs(spec.audiences);
	const audiences = asked.length > 0 ? asked : [ISSUER];
	const { user, error } = authenticateToken(world, str(spec.token), audiences);
	const status =
		user === undefined
			? { authenticated: false, user: {}, error }
			: { authenticated: true, user: userInfo(user), audiences: known(world, str(spec.token), audiences) };
	return { code: 201, body: { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec, status } };
}

export const selfsubjectreviews = defineResource({
	group: 'authentication.k8s.io',
	resource: 'selfsubjectreviews',
	kind: 'SelfSubjectReview',
	namespaced: false,
	verbs: ['create'],
	virtualCreate: selfSubjectReview,
});

export const tokenreviews = defineResource({
	group: 'authentication.k8s.io',
	resource: 'tokenreviews',
	kind: 'TokenReview',
	namespaced: false,
	verbs: ['create'],
	virtualCreate: tokenReview,
});
