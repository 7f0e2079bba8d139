/** Which directives nginx knows, where they may stand and how many arguments they take. */

export type Place = 'main' | 'events' | 'http' | 'server' | 'location' | 'upstream' | 'if';

interface Known {
	readonly places: readonly Place[];
	/** Fewest and most arguments. */
	readonly args: readonly [number, number];
	readonly block?: true;
}

const ANY = 99;
const HSL: readonly Place[] = ['http', 'server', 'location'];
const HSLI: readonly Place[] = [...HSL, 'if'];
const SLI: readonly Place[] = ['server', 'location', 'if'];

const table: { [name: string]: Known } = {};
function known(places: readonly Place[], min: number, max: number, names: string, block?: true): void {
	for (const name of names.split(' ')) table[name] = { places, args: [min, max], ...(block === undefined ? {} : { block }) };
}

known(
	['main'],
	1,
	2,
	'user pid worker_rlimit_nofile worker_shutdown_timeout daemon master_process worker_priority pcre_jit load_module lock_file env timer_resolution',
);
known(['main'], 1, ANY, 'worker_processes worker_cpu_affinity');
known(['events'], 1, 1, 'worker_connections multi_accept use accept_mutex accept_mutex_delay worker_aio_requests');
known(['main'], 0, 0, 'events http stream mail', true);
known(['http'], 0, 0, 'server', true);
known(['http'], 1, 1, 'upstream', true);
known(['server', 'location'], 1, 2, 'location', true);
known(['server', 'location'], 1, ANY, 'if', true);
known(['http'], 2, 2, 'map', true);
known(['http'], 1, 2, 'geo', true);
known(['http'], 2, 2, 'split_clients', true);
known(HSL, 0, 0, 'types', true);
known(['location'], 1, 4, 'limit_except', true);
known(['server'], 1, ANY, 'listen server_name');
known(HSLI, 1, 1, 'root');
known(['location'], 1, 1, 'alias');
known(HSL, 1, ANY, 'index');
known(['server', 'location'], 2, ANY, 'try_files');
known(SLI, 1, 2, 'return');
known(SLI, 2, 3, 'rewrite');
known(SLI, 2, 2, 'set');
known(SLI, 0, 0, 'break');
known(['location', 'if'], 1, 1, 'proxy_pass fastcgi_pass uwsgi_pass grpc_pass memcached_pass');
known(HSL, 2, 2, 'proxy_set_header proxy_hide_header_x fastcgi_param');
known(
	HSL,
	1,
	1,
	'proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_http_version proxy_buffering proxy_request_buffering proxy_intercept_errors proxy_next_upstream_tries proxy_next_upstream_timeout proxy_method proxy_pass_request_headers proxy_pass_request_body proxy_ssl_verify proxy_ssl_server_name proxy_ssl_name proxy_hide_header proxy_pass_header proxy_ignore_client_abort proxy_socket_keepalive proxy_buffer_size proxy_busy_buffers_size proxy_max_temp_file_size proxy_cache proxy_cache_key proxy_cache_lock proxy_set_body proxy_bind proxy_temp_file_write_size proxy_ssl_trusted_certificate proxy_ssl_certificate proxy_ssl_certificate_key proxy_headers_hash_max_size proxy_headers_hash_bucket_size',
);
known(
	HSL,
	1,
	ANY,
	'proxy_next_upstream proxy_redirect proxy_buffers proxy_cache_valid proxy_cache_bypass proxy_no_cache proxy_cache_use_stale proxy_ignore_headers proxy_ssl_protocols proxy_cookie_path proxy_cookie_domain proxy_temp_path proxy_cache_methods',
);
known(['http'], 1, ANY, 'proxy_cache_path limit_req_zone limit_conn_zone log_format fastcgi_temp_path uwsgi_temp_path scgi_temp_path client_body_temp_path');
known(HSLI, 2, 3, 'add_header add_trailer');
known(HSLI, 1, 2, 'expires');
known(HSL, 2, ANY, 'error_page');
known(HSLI, 1, ANY, 'access_log');
known(['main', ...HSL], 1, 2, 'error_log');
known(
	HSL,
	1,
	1,
	'client_max_body_size client_body_buffer_size client_body_timeout client_header_timeout client_header_buffer_size client_body_in_file_only send_timeout sendfile tcp_nopush tcp_nodelay keepalive_requests default_type types_hash_max_size types_hash_bucket_size server_tokens server_name_in_redirect port_in_redirect absolute_redirect resolver_timeout log_not_found log_subrequest reset_timedout_connection lingering_close lingering_timeout autoindex autoindex_exact_size autoindex_localtime charset etag if_modified_since underscores_in_headers merge_slashes ignore_invalid_headers server_names_hash_bucket_size server_names_hash_max_size variables_hash_max_size variables_hash_bucket_size map_hash_bucket_size map_hash_max_size sendfile_max_chunk aio directio output_buffers recursive_error_pages chunked_transfer_encoding http2 http2_max_concurrent_streams real_ip_header real_ip_recursive set_real_ip_from auth_basic auth_basic_user_file satisfy limit_rate limit_rate_after open_file_cache_valid open_file_cache_min_uses open_file_cache_errors rewrite_log uninitialized_variable_warn',
);
known(HSL, 1, 2, 'keepalive_timeout large_client_header_buffers open_file_cache');
known(
	HSL,
	1,
	ANY,
	'resolver gzip gzip_types gzip_vary gzip_proxied gzip_comp_level gzip_min_length gzip_buffers gzip_http_version gzip_disable gzip_static limit_req limit_conn limit_req_status limit_conn_status allow deny ssl_certificate ssl_certificate_key ssl_protocols ssl_ciphers ssl_prefer_server_ciphers ssl_session_cache ssl_session_timeout ssl_session_tickets ssl_dhparam ssl_client_certificate ssl_verify_client ssl_stapling ssl_stapling_verify ssl_trusted_certificate ssl_ecdh_curve sub_filter sub_filter_once sub_filter_types fastcgi_index fastcgi_split_path_info',
);
known(['location'], 0, 0, 'internal');
known(['server', 'location'], 0, 1, 'stub_status');
known(['upstream'], 1, ANY, 'server_peer zone keepalive keepalive_requests_upstream keepalive_time hash random queue');
known(['upstream'], 0, 1, 'least_conn ip_hash');

/** What nginx's own check would say about a directive in a place; undefined where it is fine. */
export function complaint(name: string, args: number, hasBlock: boolean, place: Place): string | undefined {
	if (place === 'upstream' && (name === 'server' || name === 'keepalive_timeout' || name === 'keepalive_requests')) {
		return args >= 1 ? undefined : `invalid number of arguments in "${name}" directive`;
	}
	const entry = table[name];
	if (entry === undefined) return `unknown directive "${name}"`;
	if (!entry.places.includes(place)) return `"${name}" directive is not allowed here`;
	if (entry.block === true && !hasBlock) return `directive "${name}" has no opening "{"`;
	if (entry.block === undefined && hasBlock) return `directive "${name}" is not terminated by ";"`;
	if (args < entry.args[0] || args > entry.args[1]) return `invalid number of arguments in "${name}" directive`;
	return undefined;
}
