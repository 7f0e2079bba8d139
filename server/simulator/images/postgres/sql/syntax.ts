const STARTERS = new Set(
	'SELECT INSERT UPDATE DELETE CREATE ALTER DROP TRUNCATE WITH VALUES SHOW SET BEGIN START COMMIT ROLLBACK END COMMENT GRANT REVOKE EXPLAIN VACUUM ANALYZE COPY TABLE DO PREPARE EXECUTE DEALLOCATE LOCK REINDEX REFRESH RESET SAVEPOINT RELEASE ABORT CALL'.split(
		' ',
	),
);

/** The position a parser stopped at, in PostgreSQL's words. */
export function syntaxError(sql: string, error: unknown): string {
	const message = error instanceof Error ? error.message : String(error);
	const first = /^\s*(\w+)/.exec(sql)?.[1];
	if (first !== undefined && !STARTERS.has(first.toUpperCase())) return `syntax error at or near "${first}"`;
	if (/Unexpected end of input|unexpected end/i.test(message)) return 'syntax error at end of input';
	const at = /at line (\d+) col (\d+)/.exec(message);
	if (at === null) return 'syntax error at or near ""';
	const line = sql.split('\n')[Number(at[1]) - 1] ?? '';
	const rest = line.slice(Number(at[2]) - 1);
	const token = /^(?:"[^"]*"|'[^']*'|\w+|\S)/.exec(rest)?.[0];
	return token === undefined ? 'syntax error at end of input' : `syntax error at or near "${token}"`;
}
