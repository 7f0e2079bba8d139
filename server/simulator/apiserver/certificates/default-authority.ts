/**
 * The authority of clusters that were given none of their own. Its key is no secret: what a cluster takes for a certificate
 * of its own besides carries a serial number that only that cluster can make (`authority.ts`).
 */
import type { BootOptions } from '../../services.ts';

export interface Authority {
	/** PEM, self-signed. */
	readonly certificate: string;
	/** The private key of P-256, 64 hexadecimal digits. */
	readonly key: string;
}

export const DEFAULT_AUTHORITIES: { readonly [P in BootOptions['profile']]: Authority } = {
	full: {
		key: '1ed8247de7d7634632cba88412d2416d3b6fb9b30a0429b70a6ac26486df1886',
		certificate: [
			'-----BEGIN CERTIFICATE-----',
			'MIIBbjCCARSgAwIBAgIQbBRJEYygQw+gCWb4vCCbnDAKBggqhkjOPQQDAjAVMRMw',
			'EQYDVQQDDAprdWJlcm5ldGVzMCIYDzIwMjAwMTAxMDAwMDAwWhgPMjA0ODEyMjQw',
			'MTAwMDBaMBUxEzARBgNVBAMMCmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjO',
			'PQMBBwNCAASGXz2WG/fKKG11/GkNXb5rAIaDJbu977P4RPSp8K+q8qAXsAuEm1Mp',
			'r/T97DU7xI2OrSuP/MzyXcliQcJ2d5obo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4G',
			'A1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUreEqQ98vL6dk8djr+Zy7Ccjv2NQwCgYI',
			'KoZIzj0EAwIDSAAwRQIgIq63FXaPLyvLz9ZxlVB9BQA7odpDQ3n2nToPe0C+B44C',
			'IQChROb8nyF9zB9k+PrSF411YdkduAYCIym1yLIc075COg==',
			'-----END CERTIFICATE-----',
			'',
		].join('\n'),
	},
	apiserver: {
		key: 'd0456054129edfcdd5479e20c7ead9261fc00d13bd22247a9bebd79d4069e059',
		certificate: [
			'-----BEGIN CERTIFICATE-----',
			'MIIBbTCCARKgAwIBAgIQXB/bPBa9GOfmG6DbbFrLuDAKBggqhkjOPQQDAjAUMRIw',
			'EAYDVQQDDAkxMjcuMC4wLjEwIhgPMjAyMDAxMDEwMDAwMDBaGA8yMDQ4MTIyNDAx',
			'MDAwMFowFDESMBAGA1UEAwwJMTI3LjAuMC4xMFkwEwYHKoZIzj0CAQYIKoZIzj0D',
			'AQcDQgAEBfVIJ4OUSfQEJnxFmyB4of3mz1/SNhOvi8S2tWOKAJc/h9g3u5O5/72k',
			'GQJ3Zy2jg7LjGkDqdwOEttUU5xuBLaNCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNV',
			'HQ8BAf8EBAMCAQYwHQYDVR0OBBYEFBI87YJSXHXyVbRJciTahxNQkLEKMAoGCCqG',
			'SM49BAMCA0kAMEYCIQCX6Y1BjY8hdWNrDhGKCC1/LN8u4S/PC7d1YUKu+WB5QQIh',
			'AL3wbGKtYE892XKQQ7yI1KinfYBqTT2ghLn46puRxniL',
			'-----END CERTIFICATE-----',
			'',
		].join('\n'),
	},
};

/** `requestheader-client-ca-file`: nobody comes through a front proxy here, so its key was thrown away. */
export const FRONT_PROXY_CA = [
	'-----BEGIN CERTIFICATE-----',
	'MIIBdjCCARygAwIBAgIQS3gDPkRb8/5wAzwrH6OZODAKBggqhkjOPQQDAjAZMRcw',
	'FQYDVQQDDA5mcm9udC1wcm94eS1jYTAiGA8yMDIwMDEwMTAwMDAwMFoYDzIwNDgx',
	'MjI0MDEwMDAwWjAZMRcwFQYDVQQDDA5mcm9udC1wcm94eS1jYTBZMBMGByqGSM49',
	'AgEGCCqGSM49AwEHA0IABOnIWe4296GrsQWasOo9i1UykF94a3q9Jm3ZPXH9Z0pl',
	'ocBgsmOvX2KcZ63HqkjFZA+t2Z9XwqXr2/gHENZzFiSjQjBAMA8GA1UdEwEB/wQF',
	'MAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBQqcPoY7xejYoXMRwyBbrHH',
	'n2CnozAKBggqhkjOPQQDAgNIADBFAiEA3i//9mKhFbczkFppJEWZnaHp7oPnfZ+l',
	'7i4QxrPgjiECIASaWmBL9Ru8vVCHFvA/zPfaonU/IMDeQ5xe8VkFCm5u',
	'-----END CERTIFICATE-----',
	'',
].join('\n');
