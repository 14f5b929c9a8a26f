/**
 * The registry gave no clear answer: it cannot be reached, took too long, failed, refused the credentials, or
 * answered what no registry answers. It says nothing about any schema or record: wait and ask again.
 */
export class RegistryUnavailableError extends Error {
  override readonly name = 'RegistryUnavailableError';
}

/** The registry answered clearly that it has no such schema. */
export class SchemaNotFoundError extends Error {
  override readonly name = 'SchemaNotFoundError';
}

/** The registry will not register the schema: it is invalid, or incompatible with those before it. */
export class SchemaRefusedError extends Error {
  override readonly name = 'SchemaRefusedError';
}
