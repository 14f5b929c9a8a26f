import avsc from 'avsc';

/**
 * Says which field of a value does not fit its schema, and never what is in it: it may be a phone number.
 *
 * @returns a path like `SendRequest.template.body_params`; it ends before an index or a map's key, which are content
 */
export function faultyField(type: avsc.Type, value: unknown): string {
  let faulty: readonly string[] = [];
  type.isValid(value, {
    errorHook: (path) => {
      if (faulty.length === 0) faulty = path;
    },
  });
  const names = [type.name?.split('.').at(-1) ?? type.typeName];
  let inside: avsc.Type | undefined = type;
  for (const name of faulty) {
    inside = fieldType(inside, name);
    if (inside === undefined) break;
    names.push(name);
  }
  return names.join('.');
}

function fieldType(type: avsc.Type, name: string): avsc.Type | undefined {
  const { types } = avsc;
  if (type instanceof types.RecordType) return type.fields.find((field) => field.name === name)?.type;
  if (!(type instanceof types.UnwrappedUnionType)) return undefined;
  return type.types.map((branch) => fieldType(branch, name)).find((found) => found !== undefined);
}
