/** Bad input on the real server: manifests, messages, strangers, and everything that people paste into a terminal. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../server/limits.ts';
import { TestPage } from '../../server/sessions/testing/client.ts';
import { FaultServer, LAB, type Learner } from './harness.ts';

let server: FaultServer;
let learner: Learner;

beforeAll(async () => {
	server = await FaultServer.start();
	learner = await server.learner('local');
});
afterAll(() => server.discard());

describe('manifests', () => {
	const apply = async (content: string, flags = ''): Promise<string> => {
		expect(await learner.write('bad.yaml', content)).toBe('done');
		return learner.run(`kubectl apply ${flags} -f bad.yaml; echo "code $?"`, 40_000);
	};

	it('that are no YAML are refused with the line', async () => {
		expect(await apply('apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n')).toMatch(
			/^error: error parsing bad\.yaml: .*yaml: line 4: found character .*\ncode 1\n$/,
		);
		expect(await apply('a: b\n')).toMatch(/kind not set|'Kind' is missing/);
		expect(await apply(`a: ${'['.repeat(20_000)}`)).toMatch(/error converting YAML to JSON[\s\S]*code 1\n$/);
	});

	it('with aliases that multiply are refused before they grow', async () => {
		const levels = [...'bcdefghij'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(',')}]`);
		expect(await apply(['a: &a [x,x,x,x,x,x,x,x,x]', ...levels].join('\n'))).toContain('excessive aliasing');
	});

	it('with unknown fields are refused, or warned of where that is asked for', async () => {
		const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: odd\nspec:\n  containrs: []\n  containers:\n  - name: a\n    image: nginx\n';
		expect(await apply(pod)).toMatch(/strict decoding error: unknown field "spec\.containrs"\ncode 1\n$/);
		expect(await apply(pod, '--validate=warn')).toBe('Warning: unknown field "spec.containrs"\npod/odd created\ncode 0\n');
	});

	it('over the API server’s limit get its words; 20 MB in one message get ours, and the page stays', async () => {
		const big = (bytes: number): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  a: ${'x'.repeat(bytes)}\n`;
		expect(await apply(big(3_500_000))).toContain(`Request entity too large: limit is ${LIMITS.requestBytes}`);
		expect(await learner.write('big.yaml', big(LIMITS.fileBytes))).toBe('file-too-large');
		expect(await learner.write('big.yaml', big(20_000_000))).toBe('message-too-large');
		expect(await learner.run('echo still here')).toBe('still here\n');
	});

	it('of 10,000 objects are created while a neighbour goes on', async () => {
		const neighbour = await server.learner('neighbour');
		await neighbour.pace(5);
		const quiet = await neighbour.pace();
		const many = Array.from({ length: 10_000 }, (_, i) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c-${i}}\n`).join('');
		expect(await learner.write('many.yaml', many)).toBe('done');
		learner.type('kubectl create -f many.yaml | wc -l\r');
		const during = await neighbour.pace();
		await learner.prompted(60_000);
		expect(learner.shown).toContain('10000\r\n');
		expect(await learner.run('kubectl get configmap c-9999 -o name')).toBe('configmap/c-9999\n');
		expect(during / quiet).toBeLessThan(25);
		neighbour.page.close();
	});
});

describe('strangers', () => {
	/** `fetch` does not let the Host header be chosen. */
	const status = (headers: { readonly [name: string]: string }, path = '/api/me', method = 'GET'): Promise<string> =>
		new Promise((resolve, reject) => {
			const sent = request(new URL(path, server.base), { method, headers }, (response) => {
				let body = '';
				response.on('data', (d: Buffer) => (body += String(d)));
				response.on('end', () => resolve(`${response.statusCode} ${body}`));
			});
			sent.on('error', reject);
			sent.end(method === 'POST' ? '{"name":"Eve"}' : undefined);
		});

	it('with a stale token, a foreign name or a foreign origin are told what to do, and get nowhere', async () => {
		const cookie = await server.cookie('local');
		const host = new URL(server.base).host;
		expect(await status({ host, accept: 'application/json' }, '/?token=stale')).toMatch(/^403 .*Open the link that the server printed/);
		expect(await status({ host, cookie: `${cookie}x` })).toMatch(/^401 .*not-signed-in/);
		expect(await status({ host: 'evil.example', cookie })).toMatch(/^421 .*“evil\.example”.*127\.0\.0\.1/);
		expect(await status({ host, cookie, origin: 'https://evil.example' }, '/api/me', 'POST')).toMatch(/^403 .*“https:\/\/evil\.example”/);
		await expect(TestPage.open(server.base, cookie, LAB, 'https://evil.example')).rejects.toThrow(/403 .*origin-foreign/);
		expect(await status({ host, cookie })).toMatch(/^200 .*"name":null/);
	});
});

describe('messages', () => {
	it('in a flood are refused in words, one page alone, and the next is taken', async () => {
		const flood = await server.learner('flood');
		for (let i = 0; i < LIMITS.messagesAtOnce + 200; i++) flood.page.send({ type: 'ping', at: i });
		const refused = await flood.page.find((m) => m.type === 'error' && m.code === 'messages-too-fast');
		expect(refused).toMatchObject({ message: expect.stringContaining(`${LIMITS.messagesPerSecond} messages a second`) });
		expect(await learner.run('echo unharmed')).toBe('unharmed\n');
		await flood.page.until(() => flood.page.messages.filter((m) => m.type === 'error' || m.type === 'pong').length >= LIMITS.messagesAtOnce + 200);
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect(await flood.run('echo again')).toBe('again\n');
		flood.page.close();
	});

	it('beyond what a socket takes end that socket, and the page comes back to its terminal', async () => {
		const page = await server.learner('huge');
		await page.run('echo remembered');
		page.page.sendRaw('x'.repeat(LIMITS.messageBytes * 4 + 1));
		await page.page.until(() => page.page.closed !== undefined);
		expect(page.page.closed?.code).toBe(1009);
		const again = await server.learner('huge');
		expect(again.shown).toContain('remembered');
		again.page.close();
	});

	it('from a second tab reach the same shell; too many tabs and terminals are refused with the number', async () => {
		const first = await server.learner('tabs');
		const second = await server.learner('tabs');
		expect(await second.run('echo "both of us"')).toBe('both of us\n');
		await first.shows('both of us');
		const others = [];
		for (let i = 2; i < LIMITS.tabsPerSession; i++) others.push(await TestPage.open(server.base, await server.cookie('tabs'), LAB));
		await Promise.all(others.map((o) => o.next('session')));
		const last = await TestPage.open(server.base, await server.cookie('tabs'), LAB);
		expect(await last.next('error')).toMatchObject({ code: 'too-many-tabs', message: expect.stringContaining(String(LIMITS.tabsPerSession)) });
		for (let i = 0; i < LIMITS.terminals; i++) first.page.send({ type: 'terminal.open', terminal: `t${i}`, columns: 80, rows: 24 });
		expect(await first.page.next('error')).toMatchObject({ code: 'terminals-full' });
		expect(await first.run('echo on')).toBe('on\n');
		for (const page of [first.page, second.page, ...others]) page.close();
	});
});

describe('the terminal', () => {
	it('takes a here-document and what follows it in one go', async () => {
		learner.type(
			"cat <<'EOF' | kubectl apply -f -\rkind: ConfigMap\rapiVersion: v1\rmetadata: {name: pasted}\rdata: {a: \"$b\"}\rEOF\rkubectl get configmap pasted -o jsonpath='{.data.a}'; echo; echo don''e\r",
		);
		await learner.shows('\ndone\r\n');
		expect(learner.shown).toMatch(/configmap\/pasted created[\s\S]*\n\$b\r\n/);
	});

	it('takes pastes of 500 commands and of 5,000 lines of text without losing one', async () => {
		learner.type(`${Array.from({ length: 500 }, (_, i) => `echo line-${i} >> lines.txt`).join('\r')}\recho don''e\r`);
		await learner.shows('\ndone\r\n', 40_000);
		expect(await learner.run('sort -u lines.txt | wc -l; tail -n 1 lines.txt')).toBe('500\nline-499\n');
		const text = Array.from({ length: 5000 }, (_, i) => `  key-${i}: the value of number ${i}`);
		learner.type(`cat > text.txt <<'EOF'\r${text.join('\r')}\rEOF\recho don''e\r`);
		await learner.shows('\ndone\r\n', 40_000);
		expect(await learner.page.ask({ type: 'files.read', path: '/home/learner/text.txt' })).toMatchObject({ content: `${text.join('\n')}\n` });
	});

	it('says so where more is pasted than it keeps', async () => {
		const seat = await server.learner('paster');
		seat.type(`sleep 1\r${'x'.repeat(LIMITS.typeaheadCharacters)}and more`);
		await seat.shows(`more than ${LIMITS.typeaheadCharacters} characters were typed ahead`);
		await seat.interrupt();
		seat.page.close();
	});

	it('gives the prompt back on Ctrl-C, whatever runs', async () => {
		await learner.run('kubectl run busy --image=busybox --restart=Never -- sleep 1000; kubectl wait --for=condition=Ready pod/busy --timeout=30s', 40_000);
		for (const line of [
			'kubectl get pods -w',
			'kubectl logs -f busy',
			'kubectl exec busy -- sh -c "while true; do :; done"',
			'sleep 100',
			'curl http://10.1.2.3/',
			'cat',
			'while true; do :; done',
			'yes',
		]) {
			learner.type(`${line}\r`);
			await new Promise((resolve) => setTimeout(resolve, 250));
			expect([line, /\$ $/.test(learner.shown.slice(-30))]).toEqual([line, false]);
			await learner.interrupt();
			expect([line, learner.shown.replaceAll(/(^|\n)y\r?(?=\n)/g, '').trimStart()]).toEqual([line, expect.stringMatching(/\^C\r\nlearner@workstation:~\$ $/)]);
			expect(await learner.run('echo $?')).toBe('130\n');
		}
	});

	it('copes with long lines, wide characters, an open quote, exit and Ctrl-D', async () => {
		expect(await learner.run(`x='${'a'.repeat(100_000)}'; echo \${#x}`)).toContain('100000\n');
		expect(await learner.run('x=日本; echo "$x 👩‍🚀 ${#x}"')).toContain('日本 👩‍🚀 2\n');
		learner.type('echo "open\r');
		await learner.shows(/> $/);
		await learner.interrupt();
		expect(await learner.run('exit 3')).toContain('the shell has ended; this is a new one');
		learner.type('\u0004');
		await learner.shows(/this is a new one[\s\S]*\$ $/);
		expect(await learner.run('echo here')).toBe('here\n');
	});
});
