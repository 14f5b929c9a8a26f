import { AvroSchemaParser } from '@asyncapi/avro-schema-parser';
import { type AsyncAPIDocumentInterface, type Diagnostic, Parser } from '@asyncapi/parser';

export interface Parsed {
  /** Undefined when the text is no AsyncAPI document that can be read. */
  readonly document: AsyncAPIDocumentInterface | undefined;
  /** What is wrong with it, from errors (severity 0) to hints (3). */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads an AsyncAPI document whose payloads may be Avro: they are checked as such, and given as JSON Schema. */
export async function parseAsyncApi(text: string): Promise<Parsed> {
  const parser = new Parser();
  parser.registerSchemaParser(AvroSchemaParser());
  const { document, diagnostics } = await parser.parse(text);
  return { document, diagnostics };
}
