import { at, entriesAt, isList, isObject, type Json, listAt, textAt } from '../json.ts';
import { type Html, html, inline, table } from './html.ts';

interface Field {
  /** With the names of what it stands in: `template.name`. */
  readonly name: string;
  readonly type: string;
  /** The default as JSON; undefined when the field must be given. */
  readonly otherwise: string | undefined;
  readonly text: string;
  readonly choices: readonly string[];
}

/** The fields of a payload or of headers, whether Avro or JSON Schema, those of records within it too. */
export function fieldTable(payload: Json): Html {
  const fields = isObject(at(payload, 'schema'))
    ? avroFields(at(payload, 'schema'), '')
    : schemaFields(payload, '');
  if (fields.length === 0)
    return html`<p>${typeInWords(payload)}. ${inline(textAt(payload, 'description'))}</p>`;
  return table(
    ['field', 'type', 'if not given', 'meaning'],
    fields.map(({ name, type, otherwise, text, choices }) => [
      html`<code>${name}</code>`,
      html`${type}`,
      otherwise === undefined ? html`<em>must be given</em>` : html`<code>${otherwise}</code>`,
      html`${inline(text)}${choices.map((choice) => html` <code>${choice}</code>`)}`,
    ]),
  );
}

function avroFields(record: Json | undefined, prefix: string): readonly Field[] {
  return listAt(record, 'fields').flatMap((field) => {
    const name = prefix + textAt(field, 'name');
    const type = at(field, 'type');
    const otherwise = at(field, 'default');
    const branches = isList(type) ? type : [type];
    const own: Field = {
      name,
      type: branches.map(avroType).join(' or '),
      otherwise: otherwise === undefined ? undefined : JSON.stringify(otherwise),
      text: textAt(field, 'doc'),
      choices: branches.flatMap((branch) => listAt(branch, 'symbols')).map(String),
    };
    return [own, ...branches.flatMap((branch) => avroFields(branch, `${name}.`))];
  });
}

function avroType(type: Json | undefined): string {
  if (!isObject(type)) return String(type);
  const { logicalType, type: kind, name, items, values } = type;
  if (typeof logicalType === 'string') return logicalType;
  switch (kind) {
    case 'array':
      return `list of ${avroType(items)}`;
    case 'map':
      return `map of ${avroType(values)}`;
    default:
      return `${String(kind)} ${String(name)}`;
  }
}

function schemaFields(schema: Json, prefix: string): readonly Field[] {
  const required = listAt(schema, 'required');
  return entriesAt(schema, 'properties').flatMap(([property, of]) => {
    const otherwise = at(of, 'default');
    const name = prefix + property;
    const own: Field = {
      name,
      type: typeInWords(of),
      otherwise: required.includes(property)
        ? undefined
        : JSON.stringify(otherwise ?? 'nothing').replaceAll('"', ''),
      text: textAt(of, 'description'),
      choices: [],
    };
    return [own, ...schemaFields(of, `${name}.`)];
  });
}

function typeInWords(schema: Json): string {
  const fixed = at(schema, 'const');
  if (fixed !== undefined) return JSON.stringify(fixed);
  const type = at(schema, 'type');
  if (type === 'array') return `list of ${typeInWords(at(schema, 'items') ?? {})}`;
  if (textAt(schema, 'format') === 'binary') return 'bytes';
  return isList(type) ? type.join(' or ') : String(type ?? 'anything');
}
