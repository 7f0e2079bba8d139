import { expect, test } from 'vitest';
import { ED25519, KUBELET } from '../../../../simulator/apiserver/certificates/testing.ts';
import { requestSubject } from './certificate-request.ts';

test('a certificate request tells its subject', () => {
	const subject = requestSubject(btoa(KUBELET));
	expect([subject.commonName, subject.serialNumber, subject.lists[0]]).toEqual(['system:node:foothold-worker', '', ['Organization', ['system:nodes']]]);
});

test('a certificate request tells its alternative names', () => {
	expect(requestSubject(btoa(ED25519)).alternatives).toEqual([
		['DNS Names', ['a.example']],
		['Email Addresses', []],
		['URIs', []],
		['IP Addresses', ['10.0.0.1']],
	]);
});
