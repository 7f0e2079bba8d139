import type { Process } from '../program.ts';

export interface Settings {
	readonly port: number;
	readonly host: string;
	readonly databasePort: number;
	readonly database: string;
	readonly user: string;
	readonly password: string;
}

/** The service's settings from its environment, or every complaint about them at once. */
export function readSettings(process: Process<never>): Settings | { readonly problems: readonly string[] } {
	const env = process.env;
	const problems: string[] = [];
	const required = (name: string): string => {
		const value = env[name] ?? '';
		if (value === '') problems.push(`missing required environment variable ${name}`);
		return value;
	};
	const port = (name: string, otherwise: number): number => {
		const text = env[name];
		if (text === undefined || text === '') return otherwise;
		const value = Number(text);
		// Kubernetes' service links put tcp://… into variables named like this one; the value is shown so that it can be found.
		if (!Number.isInteger(value) || value < 1 || value > 65_535) problems.push(`${name} must be a port number, got "${text}"`);
		return value;
	};
	const settings = {
		port: port('PORT', 8080),
		host: required('DATABASE_HOST'),
		databasePort: port('DATABASE_PORT', 5432),
		database: required('DATABASE_NAME'),
		user: required('DATABASE_USER'),
		password: readPassword(process, problems),
	};
	return problems.length > 0 ? { problems } : settings;
}

function readPassword(process: Process<never>, problems: string[]): string {
	const file = process.env['DATABASE_PASSWORD_FILE'] ?? '';
	const value = process.env['DATABASE_PASSWORD'] ?? '';
	if (file !== '' && value !== '') {
		problems.push('set DATABASE_PASSWORD or DATABASE_PASSWORD_FILE, not both');
		return '';
	}
	if (file === '') {
		if (value === '') problems.push('missing required environment variable DATABASE_PASSWORD or DATABASE_PASSWORD_FILE');
		return value;
	}
	const content = process.fs.read(file);
	if (!content.ok) {
		// Node's wording of a failed readFileSync.
		const words: { readonly [error: string]: string } = {
			ENOENT: 'no such file or directory',
			EACCES: 'permission denied',
			EISDIR: 'illegal operation on a directory',
		};
		problems.push(`DATABASE_PASSWORD_FILE: ${content.error}: ${words[content.error] ?? 'cannot be read'}, open '${file}'`);
		return '';
	}
	return content.value.replace(/\r?\n$/, '');
}
