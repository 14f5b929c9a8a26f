declare module 'snappyjs' {
  export function compress<T extends Buffer | Uint8Array | ArrayBuffer>(data: T): T;
  export function uncompress<T extends Buffer | Uint8Array | ArrayBuffer>(data: T, maxLength?: number): T;
}
