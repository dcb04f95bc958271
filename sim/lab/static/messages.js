// The page's sentences in its language, sent along with it, and numbers as that language writes them.

const sentences = JSON.parse(document.getElementById("messages").textContent);

export const language = document.documentElement.lang;

export function message(key, gaps = {}) {
  return sentences[key].replace(/\{(\w+)\}/g, (_, name) => gaps[name]);
}

export const digits = (value, n) => value.toLocaleString(language, { minimumFractionDigits: n, maximumFractionDigits: n });

export const number = (value) => digits(value, Math.abs(value) >= 10 ? 0 : Math.abs(value) >= 1 ? 1 : 2);

// The value of a slider, with as many digits as it has.
export const plain = (value) => Number(value).toLocaleString(language, { maximumFractionDigits: 10 });
