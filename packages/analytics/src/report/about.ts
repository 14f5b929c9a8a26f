/** What a report says of itself. */
export interface ReportAbout {
  /** When it was made, ms since the epoch. */
  readonly madeAtMs: number;
  /** The IANA time zone that its times and days are in: `Asia/Jakarta`. */
  readonly timeZone: string;
  /** Where the events came from, for people: "Kafka at 127.0.0.1:9092". */
  readonly readFrom: string;
  /** What was left out, for people: "lane otp". */
  readonly filters?: readonly string[];
}
