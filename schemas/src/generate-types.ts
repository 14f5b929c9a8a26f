/** The part of Avro's schema language that our schemas use. */
export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | RecordSchema
  | EnumSchema
  | ArraySchema
  | MapSchema
  | LongSchema;

export interface RecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly doc?: string;
  readonly fields: readonly FieldSchema[];
}

interface FieldSchema {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc?: string;
  readonly default?: unknown;
}

interface EnumSchema {
  readonly type: 'enum';
  readonly name: string;
  readonly doc?: string;
  readonly symbols: readonly string[];
}

interface ArraySchema {
  readonly type: 'array';
  readonly items: AvroSchema;
}

interface MapSchema {
  readonly type: 'map';
  readonly values: AvroSchema;
}

interface LongSchema {
  readonly type: 'long';
  readonly logicalType: 'timestamp-millis';
}

const HEADER = '// Generated from schemas/avro/*.avsc by `npm run generate`. Do not edit.';
const PRIMITIVES: ReadonlyMap<string, string> = new Map([
  ['null', 'null'],
  ['string', 'string'],
  ['boolean', 'boolean'],
  ['int', 'number'],
]);

/**
 * Writes the TypeScript module for some Avro records: an interface for each record with every field required,
 * a `new…` function for it that fills in the schema's defaults, and the symbols and type of each enum.
 *
 * @returns the source text
 * @throws Error naming what it is that cannot be written, when a schema uses more of Avro than ours do
 */
export function generateTypes(schemas: readonly RecordSchema[]): string {
  const declarations = new Map<string, string>();
  for (const schema of schemas) declare(schema, declarations);
  return `${[HEADER, ...declarations.values()].join('\n\n')}\n`;
}

/** Adds the declarations of a type, after those of the types inside it. */
function declare(schema: AvroSchema, declarations: Map<string, string>): void {
  if (typeof schema === 'string') return;
  if (isUnion(schema)) {
    for (const branch of schema) declare(branch, declarations);
  } else if (schema.type === 'array') {
    declare(schema.items, declarations);
  } else if (schema.type === 'map') {
    declare(schema.values, declarations);
  } else if (schema.type === 'enum') {
    declarations.set(schema.name, enumDeclaration(schema));
  } else if (schema.type === 'record') {
    for (const field of schema.fields) declare(field.type, declarations);
    declarations.set(schema.name, `${interfaceDeclaration(schema)}\n\n${factoryDeclaration(schema)}`);
  }
}

function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema);
}

function enumDeclaration(schema: EnumSchema): string {
  const constant = `${schema.name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_SYMBOLS`;
  const symbols = schema.symbols.map((symbol) => `  '${symbol}',\n`).join('');
  return [
    `/** The symbols of \`${schema.name}\`, in the order of the schema. */`,
    `export const ${constant} = [\n${symbols}] as const;`,
    '',
    `${docstring(schema.doc)}export type ${schema.name} = (typeof ${constant})[number];`,
  ].join('\n');
}

function interfaceDeclaration(schema: RecordSchema): string {
  const fields = schema.fields.map(
    (field) => `${docstring(fieldDoc(field), '  ')}  readonly ${field.name}: ${typeText(field.type)};\n`,
  );
  return `${docstring(schema.doc)}export interface ${schema.name} {\n${fields.join('')}}`;
}

function factoryDeclaration(schema: RecordSchema): string {
  const { name } = schema;
  const required = schema.fields
    .filter((field) => field.default === undefined)
    .map((field) => `'${field.name}'`);
  const defaults = schema.fields
    .filter((field) => field.default !== undefined)
    .map((field) => `    ${field.name}: ${JSON.stringify(field.default)},\n`);
  return [
    `/** What must be given of a \`${name}\`, and what may be. */`,
    `export type New${name} = Pick<${name}, ${required.join(' | ')}> & Partial<${name}>;`,
    '',
    `/** @returns a \`${name}\` with the schema's defaults for what is not given */`,
    `export function new${name}(fields: New${name}): ${name} {\n  return {\n${defaults.join('')}    ...fields,\n  };\n}`,
  ].join('\n');
}

function typeText(schema: AvroSchema): string {
  if (typeof schema === 'string') return primitiveText(schema);
  if (isUnion(schema)) return unionText(schema);
  switch (schema.type) {
    case 'record':
    case 'enum':
      return schema.name;
    case 'array':
      return `readonly ${typeText(schema.items)}[]`;
    case 'map':
      return `Readonly<Record<string, ${typeText(schema.values)}>>`;
    case 'long':
      if (schema.logicalType === 'timestamp-millis') return 'number';
      throw new Error(`no TypeScript type for a long that is a ${schema.logicalType}`);
    default:
      throw new Error(`no TypeScript type for ${JSON.stringify(schema)}`);
  }
}

function primitiveText(name: string): string {
  const text = PRIMITIVES.get(name);
  if (text === undefined) throw new Error(`no TypeScript type for ${name}`);
  return text;
}

/** avsc hands a branch over as it is, not wrapped in its name, only where no branches can be mistaken. */
function unionText(branches: readonly AvroSchema[]): string {
  const others = branches.filter((branch) => branch !== 'null');
  const [only] = others;
  if (only === undefined || others.length !== 1 || branches.length !== 2) {
    throw new Error(`only unions of null and one type can be written, not ${JSON.stringify(branches)}`);
  }
  return `${typeText(only)} | null`;
}

function fieldDoc(field: FieldSchema): string | undefined {
  const isTime = JSON.stringify(field.type).includes('timestamp-millis');
  return isTime && field.doc !== undefined ? `${field.doc} In ms since 1970.` : field.doc;
}

function docstring(doc: string | undefined, indent = ''): string {
  return doc === undefined ? '' : `${indent}/** ${doc} */\n`;
}
