// @ts-check
// Moves the weights of the options: scores, who leads, and in how many parameter sets.
(() => {
  const table = document.getElementById("options");
  const form = document.getElementById("weights");
  const live = document.getElementById("leader");
  const data = document.getElementById("scaled");
  if (!table || !form || !live || !data) return;
  /** @type {number[][][]} parameter set, option, criterion: 0 is the worst mean of an option, 1 the best */
  const scaled = JSON.parse(data.textContent || "[]");
  const sliders = [...form.querySelectorAll("input")];
  const rows = [...table.querySelectorAll("tbody tr")];

  /** @param {number[]} values @param {number[]} weights */
  const score = (values, weights) => values.reduce((sum, value, j) => sum + value * weights[j], 0);

  const show = () => {
    const weights = sliders.map((slider) => Number(slider.value));
    const total = weights.reduce((a, b) => a + b, 0);
    const scores = rows.map(() => 0);
    const often = rows.map(() => 0);
    for (const set of scaled) {
      const own = set.map((values) => score(values, weights));
      own.forEach((value, k) => (scores[k] += value / scaled.length));
      often[own.indexOf(Math.max(...own))] += 1;
    }
    const best = scores.indexOf(Math.max(...scores));
    rows.forEach((row, k) => {
      const cell = row.querySelector(".score");
      const count = row.querySelector(".often");
      if (cell) cell.textContent = total ? String(Math.round((100 * scores[k]) / total)) : "–";
      if (count) count.textContent = total ? String(often[k]) : "–";
      row.classList.toggle("leads", total > 0 && k === best);
    });
    sliders.forEach((slider) => {
      const output = slider.parentElement?.querySelector("output");
      if (output) output.textContent = slider.value;
    });
    const name = rows[best].querySelector("th")?.firstElementChild?.textContent || "";
    const sets = scaled.length > 1 ? `; highest in ${often[best]} of ${scaled.length} parameter sets` : "";
    live.textContent = total
      ? `By these weights: ${name}, ${Math.round((100 * scores[best]) / total)} of 100${sets}.`
      : "Give at least one criterion some weight.";
  };

  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
