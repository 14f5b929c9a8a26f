export { type SetUpEntry, type SetUpOptions, type SetUpOutcome, type SetUpReport, setUp } from './set-up.ts';
