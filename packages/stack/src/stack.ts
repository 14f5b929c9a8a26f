/** A broker that can fail and come back, for tests of what others do then. */
export interface BrokerSwitch {
  /** Ends it at once, as `kill -9` does; resolves when it is gone. Its data stays. */
  kill(): Promise<void>;
  /**
   * Starts it again at the same address with the same data; resolves when it answers. Does nothing while it runs.
   * @throws StackError when it does not start; it can be tried again
   */
  start(): Promise<void>;
}

/** A Kafka cluster and a schema registry that answer. */
export interface Stack {
  /** `given` by the environment, or started here by way of `docker` or `java`. */
  readonly kind: 'given' | 'docker' | 'java';
  /** Bootstrap servers, `host:port[,host:port]`. */
  readonly brokers: string;
  /** Base URL of the registry's Confluent API, without a slash at the end. */
  readonly registryUrl: string;
  /** Only of a broker that was started here by way of `java`: the others have none. */
  readonly broker?: BrokerSwitch;
  /** Ends all that was started and deletes temporary data, within some 5 s. Can be called again. */
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Takes progress, one short line at a time. */
  readonly report?: (line: string) => void;
  /** Keeps the data of broker and registry here between starts. Without it they are temporary. */
  readonly dataDir?: string;
  /** Read instead of `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** What a way of starting the stack gets to work with. */
export interface StartContext {
  readonly report: (line: string) => void;
  readonly dataDir: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** A stack cannot be had; the message is for people and says what to do. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
