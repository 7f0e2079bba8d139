/** The files of the official nginx images, shortened where nothing depends on them. */
import type { ImageFile } from '../program.ts';

const MIME = `
types {
    text/html                                        html htm shtml;
    text/css                                         css;
    text/xml                                         xml;
    image/gif                                        gif;
    image/jpeg                                       jpeg jpg;
    application/javascript                           js;
    text/plain                                       txt;
    image/png                                        png;
    image/svg+xml                                    svg svgz;
    image/webp                                       webp;
    image/x-icon                                     ico;
    font/woff                                        woff;
    font/woff2                                       woff2;
    application/json                                 json;
    application/pdf                                  pdf;
    application/wasm                                 wasm;
    application/zip                                  zip;
    video/mp4                                        mp4;
}
`;

export const INDEX_HTML = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const ERROR_HTML = `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
</head>
<body>
<h1>An error occurred.</h1>
<p>Sorry, the page you are looking for is currently unavailable.<br/>
Please try again later.</p>
<p>If you are the system administrator of this resource then you should check
the error log for details.</p>
<p><em>Faithfully yours, nginx.</em></p>
</body>
</html>
`;

export const defaultConf = (port: number): string => `server {
    listen       ${port};
    server_name  localhost;

    #access_log  /var/log/nginx/host.access.log  main;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    #error_page  404              /404.html;

    # redirect server error pages to the static page /50x.html
    #
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`;

const nginxConf = (unprivileged: boolean): string => `
${unprivileged ? '' : 'user  nginx;\n'}worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        ${unprivileged ? '/tmp' : '/run'}/nginx.pid;


events {
    worker_connections  1024;
}


http {
${unprivileged ? '    proxy_temp_path /tmp/proxy_temp;\n    client_body_temp_path /tmp/client_temp;\n    fastcgi_temp_path /tmp/fastcgi_temp;\n    uwsgi_temp_path /tmp/uwsgi_temp;\n    scgi_temp_path /tmp/scgi_temp;\n\n' : ''}    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`;

export function nginxFiles(unprivileged: boolean): { readonly [path: string]: ImageFile } {
	const own = unprivileged ? { uid: 101, gid: 0 } : {};
	const mode = unprivileged ? 0o775 : 0o755;
	return {
		'/etc/nginx': { directory: true, mode, ...own },
		'/etc/nginx/nginx.conf': { content: nginxConf(unprivileged), ...own },
		'/etc/nginx/mime.types': { content: MIME, ...own },
		'/etc/nginx/conf.d': { directory: true, mode, ...own },
		'/etc/nginx/conf.d/default.conf': { content: defaultConf(unprivileged ? 8080 : 80), ...own },
		'/usr/share/nginx/html/index.html': { content: INDEX_HTML },
		'/usr/share/nginx/html/50x.html': { content: ERROR_HTML },
		'/var/cache/nginx': { directory: true, mode, ...own },
		'/var/log/nginx/access.log': { link: '/dev/stdout' },
		'/var/log/nginx/error.log': { link: '/dev/stderr' },
		'/docker-entrypoint.d': { directory: true, mode: 0o755 },
	};
}
