/** A message cannot be sent as it is; nothing was published. */
export class InvalidSendRequestError extends Error {
  override readonly name = 'InvalidSendRequestError';
  /** Every fault as a sentence, without phone numbers and template parameters. */
  readonly faults: readonly string[];
  /** Where the messages with faults stand in what was handed over, from 0: the others can be published alone. */
  readonly invalid: readonly number[];

  constructor(faults: readonly string[], invalid: readonly number[] = [0]) {
    super(`nothing was published: ${faults.join('; ')}`);
    this.faults = faults;
    this.invalid = invalid;
  }
}

/** A topic that is to be read does not exist. */
export class TopicNotFoundError extends Error {
  override readonly name = 'TopicNotFoundError';

  constructor(topic: string) {
    super(`the topic ${topic} does not exist: create it with \`npm run setup\``);
  }
}

/** What is asked of a replay makes no sense; nothing was read. */
export class InvalidRangeError extends Error {
  override readonly name = 'InvalidRangeError';
  /** Every fault as a sentence that names the value and what there is to choose from. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`nothing was read: ${faults.join('; ')}`);
    this.faults = faults;
  }
}
