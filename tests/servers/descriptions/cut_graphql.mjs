// Cuts a vendor's GraphQL schema down to some types: their fields stay as they are, less those that need other types.
//
//     node cut_graphql.mjs WHOLE.graphql TYPES.txt > CUT.graphql     (needs the npm package graphql@16)
//
// TYPES.txt has one type a line; after a colon, the fields of it that are kept where not all are.

import fs from 'node:fs';
import { parse, print, visit, Kind } from 'graphql';

const [, , whole, list] = process.argv;
const kept = new Map();
for (const line of fs.readFileSync(list, 'utf8').split('\n').filter(Boolean)) {
    const [type, fields] = line.split(':');
    kept.set(type.trim(), fields?.trim().split(/\s+/));
}

const document = parse(fs.readFileSync(whole, 'utf8'), { noLocation: true });
for (const one of document.definitions) {
    if (one.kind === Kind.SCALAR_TYPE_DEFINITION || one.kind === Kind.ENUM_TYPE_DEFINITION) kept.set(one.name.value);
}
const known = new Set([...kept.keys(), 'ID', 'String', 'Int', 'Float', 'Boolean']);
const typeOf = (type) => (type.kind === Kind.NAMED_TYPE ? type.name.value : typeOf(type.type));
const isKnown = ({ name, type, defaultValue }) => {
    const isThere = known.has(typeOf(type));
    if (isThere || type.kind !== Kind.NON_NULL_TYPE || defaultValue) return isThere;
    throw new Error(`${name.value} must be given, and its type ${typeOf(type)} is not in the list`);
};
const isKept = (owner) => (field) =>
    known.has(typeOf(field.type)) && (kept.get(owner)?.includes(field.name.value) ?? true);

const isOfSchema = ({ kind }) => kind === Kind.SCHEMA_DEFINITION || kind === Kind.DIRECTIVE_DEFINITION;
const cut = document.definitions
    .filter((one) => isOfSchema(one) || kept.has(one.name.value))
    .map((one) => ({
        ...one,
        description: undefined,
        interfaces: one.interfaces?.filter((face) => kept.has(face.name.value)),
        operationTypes: one.operationTypes?.filter((root) => kept.has(root.type.name.value)),
        fields: one.fields
            ?.filter(one.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? isKnown : isKept(one.name?.value))
            .map((field) => ({ ...field, arguments: field.arguments?.filter(isKnown) })),
    }));

const plain = visit({ ...document, definitions: cut }, { enter: (node) => ({ ...node, description: undefined }) });
const used = new Set();
visit(plain, { NamedType: (node) => void used.add(node.name.value) });
const isUsed = (one) =>
    (one.kind !== Kind.SCALAR_TYPE_DEFINITION && one.kind !== Kind.ENUM_TYPE_DEFINITION) || used.has(one.name.value);
process.stdout.write(print({ ...plain, definitions: plain.definitions.filter(isUsed) }) + '\n');
