/**
 * For short lives on few cores: the simple collector and the quick compiler start fastest and need least
 * memory; what the JVM would leave under /tmp goes into `folder`.
 */
export const jvmOptions = (folder: string, heapMb: number): readonly string[] => [
  '-Xms32m',
  `-Xmx${heapMb}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  '-XX:+ExitOnOutOfMemoryError',
  '-XX:-UsePerfData',
  `-Djava.io.tmpdir=${folder}`,
];
