/** Asking the server that runs on a data folder to do what only its one writer may: `transport/operators.ts`. */
import { readFile } from 'node:fs/promises';
import { CATALOGUE, Fault, type FaultCode, fault } from '../errors/catalogue.ts';
import { type OperatorDoor, operatorDoorPath, operatorDoorSchema } from '../protocol/operators.ts';

/** The door of the server that holds the folder. Rejects with `server-silent` where there is none to be found. */
export async function operatorDoor(data: string): Promise<OperatorDoor> {
	try {
		return operatorDoorSchema.parse(JSON.parse(await readFile(operatorDoorPath(data), 'utf8')));
	} catch (error) {
		throw fault('server-silent', { path: data }, error);
	}
}

/** Rejects with the server's own fault, or `server-silent`. */
export async function asked({ port, token }: OperatorDoor, data: string, method: 'GET' | 'DELETE', path: string): Promise<Response> {
	const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { authorization: `Bearer ${token}` } }).catch((error: unknown) => {
		throw fault('server-silent', { path: data }, error);
	});
	if (response.ok) return response;
	const { error } = (await response.json()) as { readonly error: { readonly code: string; readonly message: string } };
	throw error.code in CATALOGUE ? new Fault(error.code as FaultCode, error.message) : fault('server-silent', { path: data });
}
