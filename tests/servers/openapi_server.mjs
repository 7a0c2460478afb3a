// Serves a vendor's OpenAPI description by Prism: a right call gets an answer of the described shape, a wrong one is
// refused. Prism lets pass what a description does not name; here unknown query parameters, headers and fields of
// bodies are refused as well. GET /__calls lists the calls so far, each with why it was refused.
//
//     node openapi_server.mjs DESCRIPTION PORT     (needs the npm package @stoplight/prism-cli@5)

import http from 'node:http';
import { createLogger } from '@stoplight/prism-core';
import { createInstance, getHttpOperationsFromSpec, ProblemJsonError } from '@stoplight/prism-http';
import router from '@stoplight/prism-http/dist/router/index.js';
import { close, unknown } from './strictness.mjs';

const [, , description, port] = process.argv;
// A new one for each call: Prism writes into it.
const config = () => ({
    isProxy: false,
    checkSecurity: true,
    validateRequest: true,
    validateResponse: false, // vendors' own examples now and then miss a field that their schema requires
    errors: true,
    mock: { dynamic: false },
});
const operations = await getHttpOperationsFromSpec(description);
for (const { request, __bundled__: shared = {} } of operations) {
    for (const content of request?.body?.contents ?? []) content.schema = close(content.schema);
    for (const one of [...(request?.query ?? []), ...(request?.headers ?? [])]) one.schema = close(one.schema);
    for (const name of Object.keys(shared)) shared[name] = close(shared[name]);
}
const prism = createInstance(config(), { logger: createLogger('prism', { level: 'silent' }) });
const calls = [];

async function answer(request) {
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    const query = {};
    for (const name of searchParams.keys()) query[name] = only(searchParams.getAll(name));
    const input = {
        method: request.method.toLowerCase(),
        url: { path: pathname, query },
        headers: accepting(request.headers),
        body: await bodyOf(request),
    };
    const found = router.default({ resources: operations, input });
    const strange = found._tag === 'Right' ? unknown(input, found.right) : [];
    const result = await prism.request(input, operations, config())();
    if (result._tag === 'Left') {
        const problem = ProblemJsonError.toProblemJson(result.left);
        const reasons = problem.validation?.map(({ message }) => message) ?? [problem.detail || problem.title];
        return { status: problem.status, body: problem, refused: [...strange, ...reasons] };
    }
    const { output, validations } = result.right;
    const refused = [...strange, ...validations.input.map(({ message }) => message)];
    if (strange.length && output.statusCode < 400) return { status: 422, body: { refused }, refused };
    return { status: output.statusCode, ...secondPageIsLast(request, searchParams, output), refused };
}

// Vendors' examples always tell of a next page, at their own address.
function secondPageIsLast({ headers: { host }, url }, asked, { headers: { Link: link, ...headers } = {}, body }) {
    const isSecond = ['page', 'offset', 'scroll_param', 'sync'].some((name) => asked.has(name));
    if (isSecond && body?.next_page) return { headers, body: { ...body, next_page: null } };
    if (isSecond && body?.has_more) return { headers, body: { ...body, has_more: false } };
    if (isSecond && body?.scroll_param) return { headers, body: { ...body, data: [] } };
    if (!link || isSecond) return { headers, body };
    const next = `http://${host}${url}${url.includes('?') ? '&' : '?'}page=2`;
    return { headers: { ...headers, Link: `<${next}>; rel="next"` }, body };
}

// Vendors take names of their own for JSON, as application/vnd.github+json, that their descriptions do not tell.
function accepting({ accept, ...headers }) {
    return !accept || /json|\*\/\*/.test(accept) ? headers : { ...headers, accept };
}

const only = (values) => (values.length === 1 ? values[0] : values);

async function bodyOf(request) {
    let text = '';
    for await (const part of request) text += part;
    if (!text) return null;
    try {
        return /json/.test(request.headers['content-type'] ?? '') ? JSON.parse(text) : text;
    } catch {
        return text;
    }
}

http.createServer(async (request, response) => {
    const told = request.url === '/__calls';
    const { status, headers = {}, body, refused } = told ? { status: 200, body: calls } : await answer(request);
    if (!told) calls.push({ method: request.method, path: request.url, status, refused });
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader('content-type', 'application/json');
    response.statusCode = status;
    response.end(body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body));
}).listen(Number(port), '127.0.0.1');
