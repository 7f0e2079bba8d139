/** Certificate requests as openssl makes them, for tests. */
/** `/O=dev/CN=jane`, RSA of 2048 bits. */
export const RSA = [
	'-----BEGIN CERTIFICATE REQUEST-----',
	'MIICYjCCAUoCAQAwHTEMMAoGA1UECgwDZGV2MQ0wCwYDVQQDDARqYW5lMIIBIjAN',
	'BgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlNvWgtWFhPUZXhN6bozKjFxawOUG',
	'PdsFoRH1sGnSJ9rtDI5drUVyaSgDMTRwbsig1Q3JQoRad0gQoVdK3fzZ15WXpw6B',
	'8iSGq/6eBPz7jLt8SyR9lbxukx7D1+S8A2dW9KTYz7uKDAjjxW/Jh32fhGF2YgcC',
	'wD7yFBHZA/t4ceLtvIwRgP82vfUFNvY80NdeZ1mT8hkaFNK5TH5sgTD//2y/Lpqy',
	'zZEml9JbnCZkfCtMjTsMYae+Ah9fRktUhqchi8aVkvYwbpIrNfRDPcdp3fpTzfen',
	'DWKololDuyi/NsrshSveqYlhqf90tHqzGnDKUGmEAU+XeB21K9Rcub9NMwIDAQAB',
	'oAAwDQYJKoZIhvcNAQELBQADggEBAIUoiSaSLsueW6NiwwZHofDWTQgzeBPxAvCH',
	'/j/ZavqA97qBBYEdKNDoYrILV62Oz7jRzGdkR0rNSOyUYd7X5NbN2w/DD03/G2HQ',
	'WnVG4qKcHoFKPcG5clKSAmo33W7WbHrd04ZhDYakpFKyYM8eyUkspO9199p2NCbZ',
	'vip8HpA9ywliXVEPyp5ypqYE9gWdJ77NFvi+pYpbmnYsEjB4BrN0dK0MS3bD8COV',
	'L9ZNF3Rqp3DnJyVnxJXm8LPzxGg6mZmz4gT25hW0V8Os4LqWj8J8e3ceBA9sUaDa',
	'Mk8Qe3DcRDz23RS5UcgYzrTYMAkSiWR+zpR8r6E5ciaeV5inFZ0=',
	'-----END CERTIFICATE REQUEST-----',
	'',
].join('\n');
/** `/O=system:nodes/CN=system:node:foothold-worker`, P-256. */
export const KUBELET = [
	'-----BEGIN CERTIFICATE REQUEST-----',
	'MIH5MIGfAgEAMD0xFTATBgNVBAoMDHN5c3RlbTpub2RlczEkMCIGA1UEAwwbc3lz',
	'dGVtOm5vZGU6Zm9vdGhvbGQtd29ya2VyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD',
	'QgAE3bb+/9afHDjX9x7Fplc3hJ7I+814UuXKCoKesuk24ejdazAfb5PE1SWMlcjT',
	'qml306WhnwHeh1LTw5viFQuUxqAAMAoGCCqGSM49BAMCA0kAMEYCIQC96avKMRWa',
	'vPI/NSpKZocofidwapMdUiQDhBTA6pdqUQIhAMW03kkyTyZvdA/KBtsDlbNkayy1',
	'hl7Ix0i9SCyFtB9V',
	'-----END CERTIFICATE REQUEST-----',
	'',
].join('\n');
/** `/O=system:masters/CN=root`, P-256. */
export const MASTERS = [
	'-----BEGIN CERTIFICATE REQUEST-----',
	'MIHiMIGKAgEAMCgxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQ0wCwYDVQQDDARy',
	'b290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3bb+/9afHDjX9x7Fplc3hJ7I',
	'+814UuXKCoKesuk24ejdazAfb5PE1SWMlcjTqml306WhnwHeh1LTw5viFQuUxqAA',
	'MAoGCCqGSM49BAMCA0cAMEQCIAb9HfezyHMqI2mdb/iU6tzNp296FiuEKPBr+JdQ',
	'yviwAiBiQBgH9ZxBxw4PjPM5ha/5WXIijLgsQCpKJb/nKHHXJA==',
	'-----END CERTIFICATE REQUEST-----',
	'',
].join('\n');
/** `/CN=ed` with alternative names `a.example` and 10.0.0.1, Ed25519. */
export const ED25519 = [
	'-----BEGIN CERTIFICATE REQUEST-----',
	'MIG5MG0CAQAwDTELMAkGA1UEAwwCZWQwKjAFBgMrZXADIQAOr3Y+q70Lx1CfxGQU',
	'liWGlIhzkg3smHy7NH1XZnJpUqAtMCsGCSqGSIb3DQEJDjEeMBwwGgYDVR0RBBMw',
	'EYIJYS5leGFtcGxlhwQKAAABMAUGAytlcANBAF6WV1fEAnWLwjDLevox78b8KrpA',
	'F6hRRTKRNQFv9zzFf/BmBQlzO6CNFWvFJAuYra5yeHX9yEvmZ4a2Afy4Zgs=',
	'-----END CERTIFICATE REQUEST-----',
	'',
].join('\n');
/** `/CN=p384`, P-384 with SHA-384. */
export const P384 = [
	'-----BEGIN CERTIFICATE REQUEST-----',
	'MIIBBzCBjgIBADAPMQ0wCwYDVQQDDARwMzg0MHYwEAYHKoZIzj0CAQYFK4EEACID',
	'YgAEH6wVOruzyg473kOR08zEk5CpzjE0KLNKtwjYr5Xbds8WdkDk17kOFfcZAqh+',
	'Wst+vlLZae+9ZDNO5R3XZGzqNCWtHgjx474uJ8gDFCe3fIz8tKbpkBK7PH9K29zf',
	'6LUyoAAwCgYIKoZIzj0EAwMDaAAwZQIwDiKxccMJn4+b+WPO3lWDVIZyXPetlvQZ',
	'J/J2rIX0T+LTZpp4gywOiCSu0EuOYp1kAjEAuFr4ePhgulnACvA9wWBRCfhrxmT5',
	'wuht33/zszi9+Qdmxcccq6VG3yUOzjAe+iW+',
	'-----END CERTIFICATE REQUEST-----',
	'',
].join('\n');
