/**
 * Called when a method is about to be called, with its name and arguments.
 * @returns what is to be done once it has been answered, if anything; a call that fails is not answered
 */
export type Overhear = (name: PropertyKey, args: readonly unknown[]) => (() => void) | undefined;

type Method = (...args: readonly unknown[]) => unknown;

/** The same object, whose asynchronous methods are overheard. */
export function overheard<T extends object>(object: T, overhear: Overhear): T {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as Method;
      return (...args: readonly unknown[]) => {
        const answered = overhear(name, args);
        const answer = method(...args);
        return answered ? heard(answer, answered) : answer;
      };
    },
  });
}

async function heard(answer: unknown, answered: () => void): Promise<unknown> {
  const result = await answer;
  answered();
  return result;
}
