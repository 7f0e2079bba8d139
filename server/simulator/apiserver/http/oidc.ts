/** Service account issuer discovery: how others check this cluster's tokens (`pkg/serviceaccount/openidmetadata.go`). */
import type { World } from '../../kernel/world.ts';
import { ISSUER, publicKey } from '../auth/tokens.ts';
import type { ApiResponse } from '../wire.ts';
import { jsonAnswer } from './respond.ts';

const CONFIGURATION = '/.well-known/openid-configuration';
const KEYS = '/openid/v1/jwks';
/** As long as upstream lets both be cached. */
const CACHE = { 'cache-control': 'public, max-age=3600' };

/** Either document; undefined for any other path. `server` is the API server's address as pods and nodes reach it. */
export function serveIssuer(world: World, path: string, server: string): ApiResponse | undefined {
	if (path === CONFIGURATION) {
		const body = {
			issuer: ISSUER,
			jwks_uri: `${server}${KEYS}`,
			response_types_supported: ['id_token'],
			subject_types_supported: ['public'],
			id_token_signing_alg_values_supported: ['EdDSA'],
		};
		return jsonAnswer(200, body, CACHE);
	}
	if (path !== KEYS) return undefined;
	const { id, x } = publicKey(world);
	const key = { use: 'sig', kty: 'OKP', kid: id, crv: 'Ed25519', alg: 'EdDSA', x };
	return jsonAnswer(200, { keys: [key] }, { ...CACHE, 'content-type': 'application/jwk-set+json' });
}
