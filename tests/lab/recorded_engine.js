// @ts-check
/** A recording with the interface of the engine, for work on the page without WebAssembly. */

/** @param {any} values */
const floats = (values) => Float64Array.from(values, (value) => (value === null ? NaN : value));

/** @param {object} request @param {AbortSignal} [signal] */
async function read(request, signal) {
  const response = await fetch(`recording?request=${encodeURIComponent(JSON.stringify(request))}`, { signal });
  if (!response.ok) throw new Error(`the recording has no answer (${response.status})`);
  return response.json();
}

/** @param {Record<string, any>} record */
const arrays = (record) => Object.fromEntries(Object.entries(record).map(([name, values]) => [name, Array.isArray(values) ? floats(values) : values]));

export async function openEngine() {
  const model = { ...(await read({ call: "describe" })), own_case: true };
  return {
    model,
    async facts() { return (await fetch("case.json")).json(); },
    /** @param {any} request @param {{ signal?: AbortSignal }} [how] */
    async ensemble({ story, policy, values = {}, first = 0, count = 250, months = 60, effort = null }, { signal } = {}) {
      const answer = await read({ call: "ensemble", story, policy, values, first, count, months, effort }, signal);
      return { ...answer, monthly: arrays(answer.monthly), summary: arrays(answer.summary) };
    },
    /** @param {any} request */
    async watch({ story, policy, values = {}, seed, months = 60, effort = null }) {
      const answer = await read({ call: "watch", story, policy, values, seed, months, effort });
      return { ...answer, start: arrays(answer.start), month: answer.month.map(arrays) };
    },
  };
}
