export { type Colours, coloursFor } from './colours.ts';
export { type Before, createJourneys, type Journeys } from './journeys.ts';
export { type LineOptions, statusLine } from './render.ts';
export { type SetUpEntry, type SetUpOptions, type SetUpOutcome, type SetUpReport, setUp } from './set-up.ts';
