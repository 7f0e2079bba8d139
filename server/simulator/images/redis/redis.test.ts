import { expect, test } from 'vitest';
import { pull } from '../registry.ts';
import { TestWorld } from '../testing/world.ts';

function image(reference: string) {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	return found.image;
}

function start(args: readonly string[] = []) {
	const world = new TestWorld();
	const redis = world.run('redis', image('redis:8.2'), args.length === 0 ? {} : { args });
	world.advance(1000);
	const box = world.run('box', image('redis:8.2-alpine'), { argv: ['sleep', 'infinity'] });
	return { world, redis, run: (command: string) => box.exec(['sh', '-c', command]) };
}

test.each([
	['set greeting "hello world"', 'OK\n'],
	['get nothing', '\n'],
	['incr visits', '1\n'],
	['rpush l a b c', '3\n'],
	['hset h name ada age 36', '2\n'],
	['nonsense 1', "ERR unknown command 'nonsense', with args beginning with: '1' \n"],
	['get', "ERR wrong number of arguments for 'get' command\n"],
	['config get port', 'port\n6379\n'],
])('redis-cli %s', (command, stdout) => {
	expect(start().run(`redis-cli -h redis ${command}`)).toMatchObject({ stdout, code: 0 });
});

test('types, expiry and wrong kinds', () => {
	const { world, run } = start();
	run('redis-cli -h redis set k v EX 10');
	expect(run('redis-cli -h redis ttl k').stdout).toBe('10\n');
	world.advance(11_000);
	expect(run('redis-cli -h redis exists k').stdout).toBe('0\n');
	run('redis-cli -h redis lpush l 1 2 3');
	expect(run('redis-cli -h redis lrange l 0 -1').stdout).toBe('3\n2\n1\n');
	expect(run('redis-cli -h redis get l').stdout).toBe('WRONGTYPE Operation against a key holding the wrong kind of value\n');
	expect(run('redis-cli -h redis incr l').stdout).toContain('WRONGTYPE');
	expect(run('printf "PING\\r\\n" | nc redis 6379').stdout).toBe('+PONG\r\n');
});

test('a password', () => {
	const { run } = start(['--requirepass', 'secret']);
	expect(run('redis-cli -h redis ping').stdout).toBe('NOAUTH Authentication required.\n');
	expect(run('redis-cli -h redis -a secret ping').stdout).toBe('PONG\n');
	expect(run('REDISCLI_AUTH=wrong redis-cli -h redis ping').stderr).toContain('WRONGPASS');
	expect(run('redis-cli -h nowhere ping')).toMatchObject({ code: 1, stderr: 'Could not connect to Redis at nowhere:6379: Name or service not known\n' });
});

test('what was written outlives the server, with an append-only file and without', () => {
	for (const args of [[], ['redis-server', '--appendonly', 'yes']]) {
		const { world, redis, run } = start(args);
		run('redis-cli -h redis set kept yes');
		redis.signal('SIGTERM');
		world.advance(1000);
		expect(redis.exitCode).toBe(0);
		expect(redis.stdout).toContain('Redis is now ready to exit, bye bye...');
		const again = world.run('again', image('redis:8.2'), { ...(args.length === 0 ? {} : { args }), disk: redis.files });
		world.advance(1000);
		expect(again.exitCode).toBeUndefined();
		expect(run('redis-cli -h again get kept').stdout).toBe('yes\n');
	}
});
