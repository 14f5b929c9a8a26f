/** The versions that both ways run: as a container image's tag, and as a Maven artifact's version. */
export const KAFKA_VERSION = '4.2.0';
export const REGISTRY_VERSION = '3.0.9';

/** Where Apicurio speaks the API of Confluent's schema registry. */
export const REGISTRY_API_PATH = '/apis/ccompat/v7';
