// An answer of the lab; a busy lab is asked again, until nobody wants to know.

export async function ask(path, signal) {
  const answer = await fetch(path, { signal }), isBusy = answer.status === 503;
  document.getElementById("busy").hidden = !isBusy;
  if (isBusy) {
    await new Promise((done) => setTimeout(done, 1000 * (Number(answer.headers.get("retry-after")) + Math.random())));
    return ask(path, signal);
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}
