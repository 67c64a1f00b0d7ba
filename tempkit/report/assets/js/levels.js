// @ts-check
// How tokens are coloured: by steps of entropy or of probability, each a class of its own.
const ENTROPIES = [0.1, 0.5, 1, 2, 3]; // nats
const PROBABILITIES = [0.9, 0.5, 0.2, 0.05, 0.01];

/** @param {number} nats */
export const entropyLevel = (nats) => `level-${ENTROPIES.filter((step) => nats >= step).length}`;

/** @param {number} p */
export const probabilityLevel = (p) => `level-${PROBABILITIES.filter((step) => p < step).length}`;
