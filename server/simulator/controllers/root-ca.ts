/**
 * The certificate in every namespace's `kube-root-ca.crt`: a self-signed one with the subject that kubeadm gives its CA.
 * Connections inside the simulator aren't encrypted for real, so nothing is ever signed with its key, which was thrown away.
 */
export const ROOT_CA = [
	'-----BEGIN CERTIFICATE-----',
	'MIIC+DCCAeCgAwIBAgIBATANBgkqhkiG9w0BAQsFADAVMRMwEQYDVQQDDAprdWJl',
	'cm5ldGVzMB4XDTI2MTEyMDE5MDczOFoXDTQ2MTExNTE5MDczOFowFTETMBEGA1UE',
	'AwwKa3ViZXJuZXRlczCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAJrE',
	'Df6CRXrwl2j09x46eMSsbgDNdIf0jY2sXeleMIG007zHsjFEPZCFMxKyOtV9HJMJ',
	'epZqTir7rUuHnkhUP6whJ7bYls/1riXctcUwrRHg62Nj7DP//j294qNpLB6TmBV3',
	'PMoJp0v78BMk+VtK3guVxa0QI4CcU4ejprgGE2UQ9oUjC/WlY1HBgg2CjHsib4gr',
	'LAn5Jifm26CxVCq5tOLiw+pVWMP1SsK9PG00Rl9ecq9ssxdQ8jtMFrGs7z/Medkt',
	'omJKWqvVinRLlRNjh1A5iNVA0oIpElkc/qbN8z8PEBLCukfICkhHJU5nrSObKyUZ',
	'Yg9pZDR/VFHHZmVHtgkCAwEAAaNTMFEwHQYDVR0OBBYEFD6vLKN9FwDsWDX3sxgE',
	'ToHN7okdMB8GA1UdIwQYMBaAFD6vLKN9FwDsWDX3sxgEToHN7okdMA8GA1UdEwEB',
	'/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAGutSTnAy3Mz/b91eFgDkXk2uWfh',
	'n+ieBVx+2JWh55a24rUpZ86NQQRx4768w7y5WiHcIYWK8e2lHqOseYZ9sp82eIaf',
	'YR5PIq/gBeBugCDa2252jSgCR9ZuT88ev9Ip0j4Jl3eulA+aPdc0jbuYSRUfIUbf',
	'vHEjTgtsbI2LOm8W+3FnX8v/7UCrk+wV2HcJ+n18EkY8ot8i86/AjKHpKkXT+RNk',
	'y+m1WLCYWBwAHXiEi8OTvdA6FYFdu6HQ0UKrv8txvQD37VkYcXmV0NoIYPUF5viz',
	'KJ6uUqwEkIlz8yKoi6wdsj6NqIcywvMyaBDNbzU3lmQmm5EaJQ8ZW/WYyCk=',
	'-----END CERTIFICATE-----',
	'',
].join('\n');
