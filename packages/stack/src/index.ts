export { freePorts } from './free-ports.ts';
export { type Program, type ProgramOptions, startProgram } from './program.ts';
export { type Reaper, startReaper } from './reaper/reaper.ts';
export type { Target } from './reaper/targets.ts';
export { type BrokerSwitch, type Stack, StackError, type StackOptions } from './stack.ts';
export { startStack } from './start-stack.ts';
