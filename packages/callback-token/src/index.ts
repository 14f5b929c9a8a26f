export { readSigningKeys, type SigningKey, type SigningKeysRead } from './keys.ts';
export { signingKeysSchema } from './setting.ts';
export { type CallbackClaims, MAX_TOKEN_LENGTH, signToken, type Verified, verifyToken } from './token.ts';
