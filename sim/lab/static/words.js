// The page's sentences in its language, sent along with it.

const sentences = JSON.parse(document.getElementById("words").textContent);

export const language = document.documentElement.lang;

export function say(key, gaps = {}) {
  return sentences[key].replace(/\{(\w+)\}/g, (_, name) => gaps[name]);
}
