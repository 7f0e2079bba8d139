/** Statements about the whole cluster, which the parser library does not know: databases, roles, grants. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { SqlError } from './errors.ts';
import type { Session } from './session.ts';

/** What is kept of a password. */
export function passwordHash(role: string, password: string): string {
	return `SCRAM-SHA-256$4096:${bytesToHex(sha256(utf8ToBytes(`${role}:${password}`)))}`;
}

const unquote = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase());
const NAME = '("(?:[^"]|"")+"|[A-Za-z_][\\w$]*)';

/** Patterns by their text: every query passes by here. */
const patterns = new Map<string, RegExp>();

function regex(pattern: string): RegExp {
	let found = patterns.get(pattern);
	if (found === undefined) {
		found = new RegExp(`^${pattern}`, 'i');
		patterns.set(pattern, found);
	}
	return found;
}

const FIRST_WORD = /^\s*(?:CREATE|ALTER|DROP|GRANT|REVOKE|VACUUM|ANALYZE|CHECKPOINT)\b/i;

/** Runs such a statement and gives its tag; undefined where it is none. Sequences of statements are not looked at. */
export function roleStatement(session: Session, sql: string): string | undefined {
	if (!FIRST_WORD.test(sql)) return undefined;
	const text = sql.trim().replace(/;\s*$/, '');
	const match = (pattern: string): RegExpExecArray | null => regex(pattern).exec(text);
	let m = match(`CREATE\\s+DATABASE\\s+${NAME}(?:\\s+(?:WITH\\s+)?OWNER\\s*=?\\s*${NAME})?`);
	if (m !== null) return createDatabase(session, unquote(m[1] ?? ''), m[2] === undefined ? session.env.user : unquote(m[2]));
	m = match(`DROP\\s+DATABASE\\s+(IF\\s+EXISTS\\s+)?${NAME}`);
	if (m !== null) return dropDatabase(session, unquote(m[2] ?? ''), m[1] !== undefined);
	m = match(`(CREATE|ALTER)\\s+(USER|ROLE)\\s+${NAME}([\\s\\S]*)$`);
	if (m !== null) return putRole(session, (m[1] ?? '').toUpperCase(), unquote(m[3] ?? ''), m[4] ?? '');
	m = match(`DROP\\s+(USER|ROLE)\\s+(IF\\s+EXISTS\\s+)?${NAME}`);
	if (m !== null) return dropRole(session, unquote(m[3] ?? ''), m[2] !== undefined);
	m = match('(GRANT|REVOKE)\\s');
	if (m !== null) return (m[1] ?? '').toUpperCase();
	m = match('(VACUUM|ANALYZE|CHECKPOINT)\\b');
	return m === null ? undefined : (m[1] ?? '').toUpperCase();
}

function createDatabase(session: Session, name: string, owner: string): string {
	if (session.cluster.databases[name] !== undefined) throw new SqlError('42P04', `database "${name}" already exists`);
	if (session.cluster.roles[owner] === undefined) throw new SqlError('42704', `role "${owner}" does not exist`);
	if (session.cluster.roles[session.env.user]?.superuser !== true) throw new SqlError('42501', 'permission denied to create database');
	session.change({ op: 'database', name, owner });
	return 'CREATE DATABASE';
}

function dropDatabase(session: Session, name: string, ifExists: boolean): string {
	if (name === session.env.database) throw new SqlError('55006', 'cannot drop the currently open database');
	if (session.cluster.databases[name] === undefined) {
		if (!ifExists) throw new SqlError('3D000', `database "${name}" does not exist`);
	} else session.change({ op: 'database', name, owner: null });
	return 'DROP DATABASE';
}

function putRole(session: Session, verb: string, name: string, options: string): string {
	const old = session.cluster.roles[name];
	if (verb === 'CREATE' && old !== undefined) throw new SqlError('42710', `role "${name}" already exists`);
	if (verb === 'ALTER' && old === undefined) throw new SqlError('42704', `role "${name}" does not exist`);
	const password = /PASSWORD\s+'((?:[^']|'')*)'/i.exec(options)?.[1]?.replaceAll("''", "'");
	const superuser = /\bNOSUPERUSER\b/i.test(options) ? false : /\bSUPERUSER\b/i.test(options) || old?.superuser === true;
	const kept = password === undefined ? old?.password : passwordHash(name, password);
	session.change({ op: 'role', name, role: { superuser, ...(kept === undefined ? {} : { password: kept }) } });
	return `${verb} ROLE`;
}

function dropRole(session: Session, name: string, ifExists: boolean): string {
	if (session.cluster.roles[name] !== undefined) session.change({ op: 'role', name, role: null });
	else if (!ifExists) throw new SqlError('42704', `role "${name}" does not exist`);
	return 'DROP ROLE';
}
