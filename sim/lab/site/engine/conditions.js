// @ts-check
// Calculates the conditions under which a module is right, from parameters and the month.

/** @typedef {[string, ...any]} Expression */

/** @type {Record<string, (...values: any[]) => any>} */
const OPERATIONS = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  power: (x, y) => x ** y,
  remainder: (x, y) => x - y * Math.floor(x / y),
  negative: (x) => -x,
  absolute: Math.abs,
  floor: Math.floor,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  whole: Math.trunc,
  minimum: Math.min,
  maximum: Math.max,
  greater: (x, y) => x > y,
  greater_equal: (x, y) => x >= y,
  less: (x, y) => x < y,
  less_equal: (x, y) => x <= y,
  equal: (x, y) => x === y,
  not_equal: (x, y) => x !== y,
  bitwise_and: (x, y) => Boolean(x) && Boolean(y),
  bitwise_or: (x, y) => Boolean(x) || Boolean(y),
  invert: (x) => !x,
  flag: Number,
  float: Number,
  where: (truth, x, y) => (truth ? x : y),
};

/**
 * @param {Expression} expression
 * @param {(path: string) => number} parameter
 * @param {number} month
 * @returns {any}
 */
export function calculate([operation, ...rest], parameter, month) {
  if (operation === "number") return rest[0];
  if (operation === "parameter") return parameter(rest[0]);
  if (operation === "month") return month;
  return OPERATIONS[operation](...rest.map((one) => calculate(one, parameter, month)));
}

/**
 * Whether a module is right in a month: what it takes as known holds, and what it leaves out does not happen.
 * @param {[string, Expression, boolean][]} conditions
 * @param {(path: string) => number} parameter
 * @param {number} month
 */
export function holds(conditions, parameter, month) {
  return conditions.every(([how, expression, expected]) => {
    const truth = Boolean(calculate(expression, parameter, month));
    return how === "now" ? truth === expected : expected || !truth;
  });
}
