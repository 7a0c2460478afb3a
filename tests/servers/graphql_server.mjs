// Serves a vendor's GraphQL schema: a right query gets made-up answers of the schema's types, on one page; a wrong
// one, or a variable that does not fit, is refused. GET /__calls lists the calls so far, each with why it was refused.
//
//     node graphql_server.mjs SCHEMA PORT     (needs the npm packages graphql@16 and @graphql-tools/mock@9)

import fs from 'node:fs';
import http from 'node:http';
import { addMocksToSchema } from '@graphql-tools/mock';
import { buildSchema, execute, isAbstractType, isEnumType, isObjectType, isScalarType, parse, validate } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';

const [, , file, port] = process.argv;
const TIME = '2026-01-02T03:04:05.000Z';
const schema = buildSchema(fs.readFileSync(file, 'utf8'), { assumeValidSDL: true }); // GitHub's names a field twice
const calls = [];
let ids = 0;

// Dates are all that vendors' own scalars are checked for.
const isDate = (type) => /date|time/i.test(type.name) && !/duration/i.test(type.name);
for (const type of Object.values(schema.getTypeMap()).filter((one) => isScalarType(one) && isDate(one))) {
    type.parseValue = (value) => {
        if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) return value;
        throw new TypeError(`${value} is no ${type.name}`);
    };
}

const STANDARD = {
    ID: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`,
    String: () => 'text',
    Int: () => 1,
    Float: () => 1.5,
    Boolean: () => true,
};

function mockOf(type) {
    if (type.name in STANDARD) return STANDARD[type.name];
    if (type.name === 'PageInfo') return () => ({ hasNextPage: false, hasPreviousPage: false });
    if (isEnumType(type)) return () => type.getValues()[0].value;
    if (isAbstractType(type)) return () => ({ __typename: schema.getPossibleTypes(type)[0]?.name });
    if (isScalarType(type)) return () => scalar(type);
    const { url } = type.getFields?.() ?? {};
    return isObjectType(type) && /^String/.test(String(url?.type)) ? () => ({ url: 'https://example.org/' }) : null;
}

function scalar(type) {
    if (isDate(type)) return TIME;
    if (/json/i.test(type.name)) return {};
    return /ur[il]/i.test(type.name) ? 'https://example.org/' : 'text';
}

const mocks = Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith('__'))
    .map((type) => [type.name, mockOf(type)]);
const mocked = addMocksToSchema({ schema, mocks: Object.fromEntries(mocks.filter(([, mock]) => mock)) });

function refuse(status, refused) {
    return { status, body: { errors: refused.map((message) => ({ message })) }, refused };
}

async function answer(request, text) {
    if (request.method !== 'POST') return refuse(405, ['not POST']);
    if (!request.headers.authorization) return refuse(401, ['no header Authorization']);
    let document, asked;
    try {
        asked = JSON.parse(text);
        document = parse(asked.query);
    } catch (error) {
        return refuse(400, [error.message]);
    }
    const wrong = validate(schema, document).map(({ message }) => message);
    if (wrong.length) return refuse(400, wrong);
    const operations = document.definitions.filter(({ kind }) => kind === 'OperationDefinition');
    const operation = operations.find(({ name }) => !asked.operationName || name?.value === asked.operationName);
    if (!operation || (operations.length > 1 && !asked.operationName)) return refuse(400, ['no such operation']);
    const variables = asked.variables ?? {};
    const defined = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
    const strange = Object.keys(variables).filter((name) => !defined.includes(name));
    const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    const unfit = [...strange.map((name) => `unknown variable ${name}`), ...errors.map(({ message }) => message)];
    if (unfit.length) return refuse(400, unfit);
    const options = { schema: mocked, document, variableValues: variables, operationName: asked.operationName };
    const body = await execute(options);
    return { status: 200, body, refused: (body.errors ?? []).map(({ message }) => message) };
}

http.createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const told = request.url === '/__calls';
    const { status, body, refused } = told ? { status: 200, body: calls, refused: [] } : await answer(request, text);
    if (!told) calls.push({ method: request.method, path: request.url, status, refused });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
}).listen(Number(port), '127.0.0.1');
