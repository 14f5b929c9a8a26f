/** A message cannot be sent as it is; nothing was published. */
export class InvalidSendRequestError extends Error {
  override readonly name = 'InvalidSendRequestError';
  /** Every fault as a sentence, without phone numbers and template parameters. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`nothing was published: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

/** A topic that is to be read does not exist. */
export class TopicNotFoundError extends Error {
  override readonly name = 'TopicNotFoundError';

  constructor(topic: string) {
    super(`the topic ${topic} does not exist: create it with \`npm run setup\``);
  }
}
