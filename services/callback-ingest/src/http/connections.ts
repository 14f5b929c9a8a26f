import type { FastifyInstance } from 'fastify';

/**
 * Connections beyond `max` are closed at once.
 * @param dropped told of each of them
 */
export function boundConnections({ server }: FastifyInstance, max: number, dropped: () => void): void {
  server.maxConnections = max;
  server.on('drop', dropped);
}

/**
 * When the server closes, what is under way ends, and with the last of it every connection. Node by itself
 * would keep those that have not sent a whole request yet, and looks after no time-out any more.
 * @returns whether the server is closing: what is answered then must say so
 */
export function endConnectionsWithRequests(fastify: FastifyInstance): () => boolean {
  const { server } = fastify;
  let underWay = 0;
  let closing = false;
  const endWhenDone = () => {
    if (closing && underWay === 0) server.closeAllConnections();
  };
  const responseClosed = () => {
    underWay -= 1;
    endWhenDone();
  };
  server.on('request', (_request, response) => {
    underWay += 1;
    response.on('close', responseClosed);
  });
  fastify.addHook('preClose', (done) => {
    closing = true;
    endWhenDone();
    done();
  });
  return () => closing;
}

/** Whoever expects what we do not know is answered as usual; Node's own refusal (417) says nothing. */
export function ignoreExpectations({ server }: FastifyInstance): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}
