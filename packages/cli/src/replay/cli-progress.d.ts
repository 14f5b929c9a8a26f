/** What is used of cli-progress, which comes without types. */
declare module 'cli-progress' {
  export interface Options {
    readonly format?: string;
    readonly formatValue?: (value: number, options: Options, type: string) => string;
    readonly barsize?: number;
    readonly barCompleteChar?: string;
    readonly barIncompleteChar?: string;
    readonly stream?: NodeJS.WritableStream;
    readonly clearOnComplete?: boolean;
    readonly hideCursor?: boolean;
    readonly fps?: number;
  }

  export class SingleBar {
    constructor(options: Options);
    start(total: number, value: number, payload: Readonly<Record<string, string>>): void;
    update(value: number, payload: Readonly<Record<string, string>>): void;
    stop(): void;
  }
}
