/** What a client of the public port may cost us. */
export interface ServerLimits {
  readonly bodyBytes: number;
  /** Request line and headers; the token is in the request line. */
  readonly headerBytes: number;
  /** For the headers to arrive. */
  readonly headersTimeoutMs: number;
  /** For the whole request to arrive. */
  readonly requestTimeoutMs: number;
  /** How often it is looked for connections whose time is over. */
  readonly timeoutCheckMs: number;
  /**
   * Without a byte in either direction while a request is under way: longer than a callback may wait, which is
   * 5 s for Kafka and then 5 s for the disk. It also cuts a client that never reads its answers.
   */
  readonly silenceTimeoutMs: number;
  /** Between two requests of a connection; longer than load balancers keep theirs (60 s is usual). */
  readonly keepAliveTimeoutMs: number;
}

/**
 * Fastify's own limits of time are none. There is no limit of requests per connection: beyond one, Node answers
 * what is already on its way 503, and a callback that is turned away may never come again.
 */
export const SERVER_LIMITS: ServerLimits = {
  bodyBytes: 8 * 1024,
  headerBytes: 8 * 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  timeoutCheckMs: 1_000,
  silenceTimeoutMs: 20_000,
  keepAliveTimeoutMs: 65_000,
};
