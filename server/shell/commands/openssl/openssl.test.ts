/** openssl: what it makes is read by Node's own OpenSSL, and by itself; real requests and their real text are in the cases. */
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { ED25519, RSA } from '../../../simulator/apiserver/certificates/testing.ts';
import { memorySandbox } from '../../testing/sandbox.ts';
import { testTerminal } from '../../testing/terminal.ts';

const HOME = '/home/learner';
const shell = (files: { readonly [path: string]: string } = {}) => {
	const sandbox = memorySandbox(files);
	return { sandbox, t: testTerminal(sandbox) };
};

test('a key and a request, as for a CertificateSigningRequest', async () => {
	const { t, sandbox } = shell();
	expect(await t.run('openssl genrsa -out jane.key 2048')).toBe('');
	expect(await t.run('openssl req -new -key jane.key -subj "/CN=jane/O=dev" -addext "subjectAltName=DNS:jane.example,IP:10.0.0.1" -out jane.csr')).toBe('');
	expect(await sandbox.files.read(`${HOME}/jane.csr`)).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n[\s\S]+-----END CERTIFICATE REQUEST-----\n$/);
	expect(await t.run('openssl req -in jane.csr -noout -subject -verify')).toBe('Certificate request self-signature verify OK\nsubject=CN = jane, O = dev\n');
	expect(await t.run('openssl req -in jane.csr -noout -text')).toContain(
		'X509v3 Subject Alternative Name: \n                    DNS:jane.example, IP Address:10.0.0.1\n',
	);
	expect(await t.run('cat jane.csr | base64 | tr -d "\\n" | base64 -d | openssl req -noout -subject')).toBe('subject=CN = jane, O = dev\n');
});

test('requests of the real openssl are read', async () => {
	const { t } = shell({ [`${HOME}/rsa.csr`]: RSA, [`${HOME}/ed.csr`]: ED25519 });
	expect(await t.run('openssl req -in rsa.csr -noout -verify -subject')).toBe('Certificate request self-signature verify OK\nsubject=O = dev, CN = jane\n');
	expect(await t.run('openssl req -in ed.csr -noout -verify -text | grep -A1 Alternative')).toContain('DNS:a.example, IP Address:10.0.0.1');
});

test('an authority, a certificate signed by it, and what is wrong with others', async () => {
	const { t, sandbox } = shell({ [`${HOME}/ext.cnf`]: 'subjectAltName=@alt\nextendedKeyUsage=serverAuth\n[alt]\nDNS.1=web.example\nDNS.2=*.web.example\n' });
	await t.run('openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 10 -subj /CN=my-ca');
	await t.run('openssl ecparam -name prime256v1 -genkey -noout -out web.key; openssl req -new -key web.key -subj /CN=web.example -out web.csr');
	expect(await t.run('openssl x509 -req -in web.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 5 -extfile ext.cnf -out web.crt')).toBe(
		'Certificate request self-signature ok\nsubject=CN = web.example\n',
	);
	const real = new X509Certificate((await sandbox.files.read(`${HOME}/web.crt`)) ?? '');
	const ca = new X509Certificate((await sandbox.files.read(`${HOME}/ca.crt`)) ?? '');
	expect(real.checkIssued(ca) && real.verify(ca.publicKey)).toBe(true);
	expect(real.subjectAltName).toBe('DNS:web.example, DNS:*.web.example');
	expect(ca.ca).toBe(true);
	expect(await t.run('openssl verify -CAfile ca.crt web.crt')).toBe('web.crt: OK\n');
	expect(await t.run('openssl verify web.crt; echo $?')).toBe(
		'CN = web.example\nerror 20 at 0 depth lookup: unable to get local issuer certificate\nerror web.crt: verification failed\n2\n',
	);
	expect(await t.run('openssl x509 -in web.crt -noout -subject -issuer -enddate')).toMatch(
		/^subject=CN = web\.example\nissuer=CN = my-ca\nnotAfter=\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT\n$/,
	);
	expect(await t.run('openssl x509 -in web.crt -noout -checkend 86400; echo $?')).toBe('Certificate will not expire\n0\n');
	expect(await t.run('openssl x509 -in web.crt -noout -checkend 864000; echo $?')).toBe('Certificate will expire\n1\n');
	expect(await t.run('openssl x509 -in web.crt -noout -ext subjectAltName')).toBe(
		'X509v3 Subject Alternative Name: \n    DNS:web.example, DNS:*.web.example\n',
	);
	expect(await t.run('openssl x509 -in web.crt -text -noout | head -3')).toBe('Certificate:\n    Data:\n        Version: 3 (0x2)\n');
});

test('faults are values', async () => {
	const { t } = shell({ [`${HOME}/x`]: 'no pem\n' });
	expect(await t.run('openssl x509 -in x -noout; echo $?')).toBe('Could not find certificate from x\n1\n');
	expect(await t.run('openssl x509 -in nope; echo $?')).toBe('Can\'t open "nope" for reading, No such file or directory\n1\n');
	expect(await t.run('openssl foo; echo $?')).toBe('Invalid command \'foo\'; type "help" for a list.\n1\n');
	expect(await t.run('openssl rand -hex 4')).toMatch(/^[0-9a-f]{8}\n$/);
	expect(await t.run('echo -n hi | openssl base64')).toBe('aGk=\n');
	expect(await t.run('openssl rand -hex 1000001; echo $?')).toContain('from 1 to 1000000 bytes');
});
