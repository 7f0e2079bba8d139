/** Paths that are no resources: discovery, version, health, OpenAPI. */
import type { World } from '../../kernel/world.ts';
import type { Extension } from '../aggregator/extensions.ts';
import { authorize, type Decision } from '../auth/authorizer.ts';
import { Discovery } from '../discovery/discovery.ts';
import { ApiError, type Strategy, type UserInfo } from '../types.ts';
import { failure, forbiddenPath, methodNotAllowed } from '../errors.ts';
import { OpenApi } from '../openapi/documents.ts';
import type { ApiResponse, ApiWireRequest } from '../wire.ts';
import { negotiate } from './accept.ts';
import { serveHealth } from './health.ts';
import { metricsText } from './metrics.ts';
import { serveIssuer } from './oidc.ts';
import type { Query } from './query.ts';
import { jsonAnswer, textAnswer } from './respond.ts';

/** `/version` of the release that is modelled. */
export const VERSION = {
	major: '1',
	minor: '36',
	emulationMajor: '1',
	emulationMinor: '36',
	minCompatibilityMajor: '1',
	minCompatibilityMinor: '35',
	gitVersion: 'v1.36.0',
	gitCommit: '0000000000000000000000000000000000000000',
	gitTreeState: 'clean',
	buildDate: '2026-04-22T00:00:00Z',
	goVersion: 'go1.26.0',
	compiler: 'gc',
	platform: 'linux/amd64',
} as const;

/** Where the control plane's node serves the API: `network/boot.ts` gives it the first address. */
const API_SERVER = 'https://172.18.0.2:6443';

export class NonResource {
	readonly #discovery: Discovery;
	readonly #openapi: OpenApi;
	readonly #strategies: readonly Strategy[];

	constructor(strategies: readonly Strategy[], extensions: readonly Extension[] = []) {
		this.#discovery = new Discovery(strategies, extensions);
		this.#openapi = new OpenApi(strategies);
		this.#strategies = strategies;
	}

	serve(world: World, request: ApiWireRequest, user: UserInfo, path: string, query: Query, decided: (decision: Decision) => void): ApiResponse {
		const verb = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
		const decision = authorize(world, { user, verb, group: '', path });
		decided(decision);
		if (!decision.allowed) throw forbiddenPath(user.name, verb, path);
		const answer = this.#answer(world, request, path.length > 1 ? path.replace(/\/$/, '') : path, query);
		if (answer === undefined) throw notServed();
		if (verb !== 'get') throw methodNotAllowed();
		return answer;
	}

	#answer(world: World, request: ApiWireRequest, path: string, query: Query): ApiResponse | undefined {
		const health = serveHealth(world, path, query);
		if (health !== undefined) return health;
		const issuer = serveIssuer(world, path, API_SERVER);
		if (issuer !== undefined) return issuer;
		switch (path) {
			case '/metrics':
				return textAnswer(200, metricsText(world, this.#strategies, VERSION));
			case '/version':
				return jsonAnswer(200, VERSION);
			case '/api':
			case '/apis':
				return this.#index(request, path === '/api');
			case '/':
				return jsonAnswer(200, { paths: this.#paths() });
		}
		return this.#openapi.serve(path, query, request.headers) ?? this.#group(path);
	}

	/** Aggregated where the client asks for it: one document in place of one a group. */
	#index(request: ApiWireRequest, core: boolean): ApiResponse {
		const accepted = negotiate(request.headers['accept'], 'discovery');
		if (accepted.as !== 'APIGroupDiscoveryList') return jsonAnswer(200, core ? this.#discovery.legacyVersions() : this.#discovery.groupList());
		const version = accepted.version ?? 'v2';
		const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
		return jsonAnswer(200, this.#discovery.aggregated(core, version), { 'content-type': type, vary: 'Accept' });
	}

	#group(path: string): ApiResponse | undefined {
		const [root, ...parts] = path.slice(1).split('/');
		const [first = '', second] = parts;
		let body: object | undefined;
		if (root === 'api' && parts.length === 1) body = this.#discovery.resources('', first);
		else if (root === 'apis' && parts.length === 1) body = this.#discovery.group(first);
		else if (root === 'apis' && parts.length === 2) body = this.#discovery.resources(first, second ?? '');
		return body === undefined ? undefined : jsonAnswer(200, body);
	}

	#paths(): readonly string[] {
		const groups = this.#discovery.groups.flatMap((g) =>
			g.name === '' ? ['/api', ...g.versions.map((v) => `/api/${v}`)] : [`/apis/${g.name}`, ...g.versions.map((v) => `/apis/${g.name}/${v}`)],
		);
		return [
			...groups,
			'/.well-known/openid-configuration',
			'/apis',
			'/healthz',
			'/livez',
			'/metrics',
			'/openapi/v2',
			'/openapi/v3',
			'/openid/v1/jwks',
			'/readyz',
			'/version',
		].sort();
	}
}

/** A path that nothing serves: upstream's mux says "404 page not found"; clients want a Status as well as the code. */
function notServed(): ApiError {
	return new ApiError(failure({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} }));
}
