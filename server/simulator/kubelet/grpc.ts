/**
 * gRPC probes (pkg/probe/grpc). A call of gRPC travels as an HTTP request of its content type; a server that speaks it
 * answers with `grpc-status` and, as its body, the name of the health status.
 */
import type { HttpRequest, Outcome } from '../network/types.ts';

const TYPE = 'application/grpc';
const UNIMPLEMENTED = '12';

export function grpcRequest(address: string, port: number, service: string): HttpRequest {
	const headers = { host: `${address}:${port}`, 'content-type': TYPE, te: 'trailers', 'user-agent': 'kube-probe/1.36 grpc-go/1.78.0' };
	return { protocol: 'http', method: 'POST', path: '/grpc.health.v1.Health/Check', headers, body: service };
}

/** What came of a probe, in its words. `timeoutMs`: the probe's own. */
export function grpcResult(outcome: Outcome, address: string, timeoutMs: number): { readonly ok: boolean; readonly message: string } {
	const within = `${timeoutMs / 1000}s`;
	const reply = outcome.ok && outcome.response.protocol === 'http' ? outcome.response : undefined;
	if (!outcome.ok && outcome.phase === 'response' && outcome.error === 'ETIMEDOUT')
		return { ok: false, message: `timeout: health rpc did not complete within ${within}` };
	// Dialling goes on until the probe's time is up, whatever stands in its way: a closed port, a server of another protocol.
	if (reply?.headers['content-type'] !== TYPE)
		return { ok: false, message: `timeout: failed to connect service "${address}" within ${within}: context deadline exceeded` };
	const status = reply.headers['grpc-status'];
	if (status === UNIMPLEMENTED) {
		return {
			ok: false,
			message: `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${reply.headers['grpc-message'] ?? 'unknown service grpc.health.v1.Health'}`,
		};
	}
	if (status !== '0')
		return { ok: false, message: `error: health rpc probe failed: rpc error: code = ${status ?? 'Unknown'} desc = ${reply.headers['grpc-message'] ?? ''}` };
	return reply.body === 'SERVING' ? { ok: true, message: 'service healthy' } : { ok: false, message: `service unhealthy (responded with "${reply.body}")` };
}
