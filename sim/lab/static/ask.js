// An answer of the lab; a busy lab is asked again, until nobody wants to know.

let waiting = 0;

export async function ask(path, signal) {
  const answer = await fetch(path, { signal });
  if (answer.status === 503) {
    tell(1);
    await new Promise((done) => setTimeout(done, 1000 * (Number(answer.headers.get("retry-after")) + Math.random())));
    tell(-1);
    return ask(path, signal);
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

function tell(more) {
  waiting += more;
  document.getElementById("busy").hidden = waiting === 0;
}
