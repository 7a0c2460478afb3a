// What an OpenAPI description leaves open by default, and a test of a client must not: names that it does not know.

const ORDINARY_HEADERS = new Set([
    ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'cache-control', 'connection'],
    ...['content-length', 'content-type', 'host', 'if-modified-since', 'if-none-match', 'transfer-encoding'],
    ...['user-agent', 'x-github-api-version'],
]);

// The query parameters and headers of a call that an operation does not name.
export function unknown({ url, headers }, { request = {} }) {
    const parameters = new Set((request.query ?? []).map(({ name }) => name));
    const named = new Set((request.headers ?? []).map(({ name }) => name.toLowerCase()));
    return [
        ...Object.keys(url.query).filter((name) => !parameters.has(name)).map((name) => `unknown parameter ${name}`),
        ...Object.keys(headers)
            .filter((name) => !ORDINARY_HEADERS.has(name) && !named.has(name))
            .map((name) => `unknown header ${name}`),
    ];
}

// A copy of a schema that forbids the fields it does not name. What `allOf` and the like name counts for the whole; a
// schema that names no field, or whose names are elsewhere, stays open.
export function close(schema, isPart = false, depth = 0) {
    if (!schema || typeof schema !== 'object' || depth > 30) return schema;
    const closed = { ...schema };
    const own = schema.properties && !('$ref' in schema.properties) ? schema.properties : null;
    const isWhole = 'allOf' in schema || (own && Object.keys(own).length > 0);
    const inner = (one) => close(one, false, depth + 1);
    const part = (one) => close(one, isPart || isWhole, depth + 1);
    if (own) closed.properties = Object.fromEntries(Object.entries(own).map(([name, one]) => [name, inner(one)]));
    if (schema.items) closed.items = Array.isArray(schema.items) ? schema.items.map(inner) : inner(schema.items);
    for (const kind of ['allOf', 'oneOf', 'anyOf']) if (schema[kind]) closed[kind] = schema[kind].map(part);
    const names = isWhole && !isPart ? fields(schema) : null;
    if (names?.length) {
        closed.properties = { ...Object.fromEntries(names.map((name) => [name, {}])), ...closed.properties };
        closed.additionalProperties = false;
    }
    return mended(closed);
}

// Prism checks nothing of a body whose schema is not quite one: `nullable` without a type, a value twice in an enum.
function mended({ nullable, ...schema }) {
    if (schema.enum) schema.enum = [...new Set(schema.enum)];
    if (!nullable) return schema;
    return schema.type ? { ...schema, type: [schema.type, 'null'].flat() } : { anyOf: [schema, { type: 'null' }] };
}

// The names that a schema knows; null where it takes others as well.
function fields(schema, depth = 0) {
    const isElsewhere = '$ref' in schema || '$ref' in (schema.properties ?? {});
    if (depth > 30 || isElsewhere || schema.additionalProperties) return null;
    const parts = ['allOf', 'oneOf', 'anyOf'].flatMap((kind) => schema[kind] ?? []);
    const known = parts.map((part) => fields(part, depth + 1));
    const own = Object.entries(schema.properties ?? {}).filter(([, one]) => !one.readOnly);
    return known.includes(null) ? null : [...own.map(([name]) => name), ...known.flat()];
}
