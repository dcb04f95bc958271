// Fetch from the server; a busy server is asked again until it answers.

let waiting = 0;

export async function request(path, signal) {
  const answer = await fetch(path, { signal });
  if (answer.status === 503) {
    showBusy(1);
    await new Promise((done) => setTimeout(done, 1000 * (Number(answer.headers.get("retry-after")) + Math.random())));
    showBusy(-1);
    return request(path, signal);
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

function showBusy(more) {
  waiting += more;
  document.getElementById("busy").hidden = waiting === 0;
}
