import { expect, test } from 'vitest';
import type { PostgresResponse } from '../../network/types.ts';
import { pull } from '../registry.ts';
import { TestWorld } from '../testing/world.ts';
import { execute } from './sql/execute.ts';
import { Session } from './sql/session.ts';

function image(reference: string) {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	return found.image;
}

/** A session over a database of its own, one request after the other. */
function database() {
	let cluster: Session['cluster'] = { roles: { me: { superuser: true } }, databases: { me: { owner: 'me', tables: {}, sequences: {} } } };
	return (sql: string, ...parameters: readonly (string | number | boolean | null)[]): PostgresResponse => {
		const session = new Session(cluster, {
			user: 'me',
			database: 'me',
			parameters,
			now: 1_795_197_600_123,
			version: 'PostgreSQL 17.7',
			settings: { server_version: '17.7' },
			random: () => 0.5,
		});
		const done = execute(session, sql);
		cluster = done.session.cluster;
		return done.response;
	};
}

test('statements, joins, aggregates', () => {
	const q = database();
	expect(q('CREATE TABLE notes (id serial PRIMARY KEY, text text NOT NULL, tag varchar(5) UNIQUE, created_at timestamptz DEFAULT now())').tag).toBe(
		'CREATE TABLE',
	);
	expect(q("INSERT INTO notes (text, tag) VALUES ('a', 'x'), ('b', NULL), ('c', 'z') RETURNING id").rows).toEqual([[1], [2], [3]]);
	expect(q('SELECT * FROM notes WHERE id = $1', 2).rows).toEqual([[2, 'b', null, '2026-11-20 18:00:00.123+00']]);
	expect(q("SELECT upper(text) AS u, coalesce(tag, 'none') FROM notes WHERE text > 'a' ORDER BY id DESC LIMIT 1 OFFSET 1")).toMatchObject({
		rows: [['B', 'none']],
		fields: [{ name: 'u' }, { name: 'coalesce' }],
	});
	expect(q('SELECT count(*), max(id), sum(id) FROM notes').rows).toEqual([[3, 3, 6]]);
	expect(q('CREATE TABLE likes (note int REFERENCES notes(id) ON DELETE CASCADE, who text)').error).toBeUndefined();
	expect(q("INSERT INTO likes VALUES (1, 'p'), (1, 'q'), (3, 'p')").tag).toBe('INSERT 0 3');
	expect(
		q('SELECT n.text, count(l.who) AS c FROM notes n LEFT JOIN likes l ON l.note = n.id GROUP BY n.text HAVING count(l.who) >= 0 ORDER BY c DESC, 1').rows,
	).toEqual([
		['a', 2],
		['c', 1],
		['b', 0],
	]);
	expect(q('SELECT text FROM notes WHERE id IN (SELECT note FROM likes) AND EXISTS (SELECT 1 FROM likes WHERE note = notes.id)').rows).toEqual([['a'], ['c']]);
	expect(q("UPDATE notes SET text = text || '!' WHERE id < 3").tag).toBe('UPDATE 2');
	expect(q('DELETE FROM notes WHERE id = 1').tag).toBe('DELETE 1');
	expect(q('SELECT count(*) FROM likes').rows).toEqual([[1]]);
	expect(q('ALTER TABLE notes ADD COLUMN done boolean NOT NULL DEFAULT false; SELECT done FROM notes LIMIT 1').rows).toEqual([[false]]);
	expect(q("INSERT INTO notes (text, tag) VALUES ('d', 'z') ON CONFLICT (tag) DO UPDATE SET text = excluded.text RETURNING text").rows).toEqual([['d']]);
	expect(q("BEGIN; INSERT INTO notes (text) VALUES ('gone'); ROLLBACK; SELECT count(*) FROM notes WHERE text = 'gone'").rows).toEqual([[0]]);
	expect(q('SHOW server_version').rows).toEqual([['17.7']]);
});

test.each([
	['SELECT * FROM nope', '42P01', 'relation "nope" does not exist'],
	['SELECT x FROM t', '42703', 'column "x" does not exist'],
	['SELEC 1', '42601', 'syntax error at or near "SELEC"'],
	['INSERT INTO t (a) VALUES (1)', '23505', 'duplicate key value violates unique constraint "t_pkey"'],
	['INSERT INTO t (a) VALUES (NULL)', '23502', 'null value in column "a" of relation "t" violates not-null constraint'],
	["INSERT INTO t (a) VALUES ('abc')", '22P02', 'invalid input syntax for type integer: "abc"'],
	['INSERT INTO t (a, b) VALUES (2, 0)', '23514', 'new row for relation "t" violates check constraint "t_b_check"'],
	['SELECT 1/0', '22012', 'division by zero'],
	['SELECT nofunc(1)', '42883', 'function nofunc(integer) does not exist'],
	['SELECT a, count(*) FROM t', '42803', 'column "t.a" must appear in the GROUP BY clause or be used in an aggregate function'],
	['CREATE TABLE t (a int)', '42P07', 'relation "t" already exists'],
])('%s says %s', (sql, code, message) => {
	const q = database();
	q('CREATE TABLE t (a int PRIMARY KEY, b int CHECK (b > 0)); INSERT INTO t VALUES (1, 1)');
	expect(q(sql).error).toMatchObject({ code, message });
});

test('roles are made, changed and dropped with their options', () => {
	const q = database();
	expect(q("CREATE USER app WITH LOGIN PASSWORD 'it''s'").tag).toBe('CREATE ROLE');
	expect(q("create role app password 'x'").error).toMatchObject({ code: '42710', message: 'role "app" already exists' });
	expect(q('ALTER ROLE app\n\tSUPERUSER;').tag).toBe('ALTER ROLE');
	expect(q('CREATE DATABASE shop OWNER app').tag).toBe('CREATE DATABASE');
	expect(q('ALTER USER nobody SUPERUSER').error).toMatchObject({ code: '42704', message: 'role "nobody" does not exist' });
	expect(q('DROP ROLE app').tag).toBe('DROP ROLE');
	expect(q('CREATE TABLE roles (name text)').tag).toBe('CREATE TABLE');
});

test('the entrypoint insists on a password and refuses directories it did not make', () => {
	const world = new TestWorld();
	const bare = world.run('bare', image('postgres:17'));
	expect(bare.exitCode).toBe(1);
	expect(bare.stderr).toContain('Error: Database is uninitialized and superuser password is not specified.');
	const lost = world.run('lost', image('postgres:17'), { env: { POSTGRES_PASSWORD: 'x' }, files: { '/var/lib/postgresql/data/lost+found/x': '' } });
	expect(lost.stderr).toContain('initdb: error: directory "/var/lib/postgresql/data" exists but is not empty');
	expect(lost.stderr).toContain('It contains a lost+found directory');
	const old = world.run('old', image('postgres:18'), { env: { POSTGRES_PASSWORD: 'x' }, files: { '/var/lib/postgresql/data/x': '' } });
	expect(old.stderr).toContain('/var/lib/postgresql/data (unused mount/volume)');
});

test('initialises once, keeps data across a crash, forgets it without its files', () => {
	const world = new TestWorld();
	const env = { POSTGRES_PASSWORD: 'secret', POSTGRES_USER: 'app', POSTGRES_DB: 'shop' };
	const db = world.run('db', image('postgres:17.7-alpine'), {
		env,
		files: { '/docker-entrypoint-initdb.d/1.sql': "CREATE TABLE t (a text);\nINSERT INTO t VALUES ('seed');" },
	});
	world.advance(5_000);
	expect(db.output).toContain('PostgreSQL init process complete; ready for start up.');
	expect(db.output).toContain('LOG:  database system is ready to accept connections');
	expect(db.exec(['psql', '-U', 'app', '-d', 'shop', '-tAc', 'SELECT a FROM t']).stdout).toBe('seed\n');
	db.exec(['psql', '-U', 'app', 'shop', '-c', "INSERT INTO t VALUES ('kept')"]);
	db.signal('SIGKILL');
	world.advance(10);
	const again = world.run('db', image('postgres:17.7-alpine'), { env, disk: db.files });
	world.advance(1_000);
	expect(again.output).toContain('database system was not properly shut down; automatic recovery in progress');
	expect(again.exec(['psql', '-U', 'app', 'shop', '-tAc', 'SELECT count(*) FROM t']).stdout).toBe('2\n');
	const other = world.run('db', image('postgres:16-alpine'), { env, disk: again.files });
	world.advance(1_000);
	expect(other.stderr).toContain('database files are incompatible with server');
	const fresh = world.run('db', image('postgres:17.7-alpine'), { env });
	world.advance(5_000);
	expect(fresh.exec(['psql', '-U', 'app', 'shop', '-tAc', 'SELECT count(*) FROM t']).stderr).toBe('ERROR:  relation "t" does not exist\n');
});

test('psql prints as psql does, and says why it cannot connect', () => {
	const world = new TestWorld();
	const db = world.run('db', image('postgres:17'), { env: { POSTGRES_PASSWORD: 'secret' } });
	expect(db.exec(['pg_isready']).stdout).toBe('/var/run/postgresql:5432 - no response\n');
	world.advance(5_000);
	expect(db.exec(['pg_isready', '-h', 'db'])).toMatchObject({ stdout: 'db:5432 - accepting connections\n', code: 0 });
	const sql = "CREATE TABLE n (id int, t text); INSERT INTO n VALUES (1, 'one'), (20, NULL); SELECT * FROM n";
	expect(db.exec(['psql', '-U', 'postgres', '-c', sql]).stdout).toBe('CREATE TABLE\nINSERT 0 2\n id |  t  \n----+-----\n  1 | one\n 20 | \n(2 rows)\n\n');
	expect(db.exec(['sh', '-c', 'PGPASSWORD=wrong psql -h db -U postgres -c "SELECT 1"'])).toMatchObject({
		code: 2,
		stderr: 'psql: error: connection to server at "db" (10.244.1.2), port 5432 failed: FATAL:  password authentication failed for user "postgres"\n',
	});
	expect(db.exec(['sh', '-c', 'PGPASSWORD=secret psql -h db -U postgres nope -c "SELECT 1"']).stderr).toContain('FATAL:  database "nope" does not exist');
	expect(db.exec(['psql', '-h', 'nowhere', '-U', 'postgres', '-c', 'SELECT 1']).stderr).toBe(
		'psql: error: could not translate host name "nowhere" to address: Name or service not known\n',
	);
	expect(db.exec(['psql', '-U', 'postgres'], { stdin: 'SELECT 1 AS a;\n\\dt\n' }).stdout).toContain(' a \n---\n 1\n(1 row)\n');
	expect(db.exec(['pg_dump', '-U', 'postgres']).stdout).toContain('COPY public.n (id, t) FROM stdin;\n1\tone\n20\t\\N\n\\.');
});
