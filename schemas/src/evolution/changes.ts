/** Changes to the present schemas that the next version may make, and some that it may not: for tests. */
import { SCHEMA_TEXTS } from '../schema-texts.ts';
import type { EventName } from '../topics.ts';

export interface SchemaChange {
  readonly name: string;
  readonly event: EventName;
  /** What is replaced in the compact text, and by what. */
  readonly edits: readonly (readonly [RegExp, string])[];
}

const FIRST_FIELD = /"fields":\[/;
const first = (field: string) => `"fields":[${field},`;
const fieldNamed = (name: string) => new RegExp(`,\\{"name":"${name}"(?:[^{}]|\\{[^{}]*\\})*\\}`);

/** Each of them leaves readers and writers of every version together. */
export const HARMLESS: readonly SchemaChange[] = [
  {
    name: 'a new field with a default',
    event: 'StatusEvent',
    edits: [[FIRST_FIELD, first('{"name":"region","type":"string","default":"id"}')]],
  },
  {
    name: 'a new kind of content',
    event: 'SendRequest',
    edits: [
      [
        FIRST_FIELD,
        first(
          '{"name":"media","type":["null",{"type":"record","name":"Media","fields":[{"name":"url","type":"string"}]}],"default":null}',
        ),
      ],
    ],
  },
  {
    name: 'a new field inside the template',
    event: 'SendRequest',
    edits: [[/(?<="name":"Template".*?"fields":\[)/, '{"name":"footer","type":"string","default":""},']],
  },
  { name: 'a new status', event: 'StatusEvent', edits: [[/"ATTEMPTED",/, '"TELEPORTED","ATTEMPTED",']] },
  { name: 'a new origin', event: 'StatusEvent', edits: [[/"SENDER",/, '"SENDER","OPERATOR",']] },
  { name: 'a new answer to doubt', event: 'SendRequest', edits: [[/"RESEND",/, '"RESEND","ASK",']] },
  { name: 'a field with a default goes', event: 'StatusEvent', edits: [[fieldNamed('recipient'), '']] },
  {
    name: 'other words of explanation',
    event: 'StatusEvent',
    edits: [[/"doc":"What happened\."/, '"doc":"!"']],
  },
];

/** Each of them parts readers from writers: a registry at `FULL_TRANSITIVE` refuses it. */
export const BREAKING: readonly SchemaChange[] = [
  {
    name: 'a new field without default',
    event: 'SendRequest',
    edits: [[FIRST_FIELD, first('{"name":"region","type":"string"}')]],
  },
  { name: 'a field without default goes', event: 'SendRequest', edits: [[fieldNamed('msisdn'), '']] },
  { name: 'another name of a field', event: 'SendRequest', edits: [[/"requested_at"/, '"asked_at"']] },
  {
    name: 'another name of a record',
    event: 'SendRequest',
    edits: [[/"name":"Template"/, '"name":"Pattern"']],
  },
  { name: 'another type', event: 'StatusEvent', edits: [[/(?<="attempt","type":)"int"/, '"string"']] },
  { name: 'a wider type', event: 'StatusEvent', edits: [[/(?<="attempt","type":)"int"/, '"long"']] },
  {
    name: 'a map that becomes a list',
    event: 'SendRequest',
    edits: [
      [/\{"type":"map","values":"string"\},"default":\{\}/, '{"type":"array","items":"string"},"default":[]'],
    ],
  },
  {
    name: 'one more branch of a union',
    event: 'StatusEvent',
    edits: [[/(?<="message_id","type":\["null","string")/, ',"long"']],
  },
  {
    name: 'one branch less of a union',
    event: 'StatusEvent',
    edits: [[/(?<="session_id","type":)\["null","string"\],"default":null/, '"string","default":""']],
  },
  {
    name: 'another name of a symbol, and no default of the enum',
    event: 'StatusEvent',
    edits: [
      [/"DELIVERED",/, '"ARRIVED",'],
      [/(?<="INVALID_DATA","UNKNOWN"\]),"default":"UNKNOWN"/, ''],
    ],
  },
];

/**
 * @returns the present schema of the change's event, changed
 * @throws when what it replaces is not there
 */
export function changedSchema({ name, event, edits }: SchemaChange): string {
  return edits.reduce((text, [wanted, replacement]) => {
    if (!wanted.test(text)) throw new Error(`${name}: ${event} has no ${wanted}`);
    return text.replace(wanted, replacement);
  }, SCHEMA_TEXTS[event]);
}
