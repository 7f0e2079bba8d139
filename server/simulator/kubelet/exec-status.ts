/** The Status that ends an exec on its error channel, as remotecommand's v4 protocol words it. */
import type { Status } from '../apiserver/types.ts';

export function exitStatus(exitCode: number): Status {
	if (exitCode === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 200 };
	return {
		kind: 'Status',
		apiVersion: 'v1',
		metadata: {},
		status: 'Failure',
		reason: 'NonZeroExitCode',
		message: `command terminated with non-zero exit code: exit status ${exitCode}`,
		details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
		code: 500,
	};
}

export function internalError(message: string): Status {
	return {
		kind: 'Status',
		apiVersion: 'v1',
		metadata: {},
		status: 'Failure',
		reason: 'InternalError',
		message: `Internal error occurred: ${message}`,
		details: { causes: [{ message }] },
		code: 500,
	};
}
