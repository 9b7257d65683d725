// The server's HTTP side. A refusal becomes an error that carries the problem the server told.

export class Refusal extends Error {
  constructor(status, problem, wait = 0) {
    super(problem?.detail ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem ?? {};
    this.wait = wait; // seconds until it may be tried again, if the server said so
  }
}

const underway = new Set();

/** Resolves once every request under way is answered, whatever the answers, and those that follow from them. */
export async function answered() {
  while (underway.size) await Promise.allSettled([...underway]);
}

function ask(...request) {
  const asking = send(...request);
  underway.add(asking);
  const done = () => underway.delete(asking);
  asking.then(done, done);
  return asking;
}

async function send(method, path, body, signal, more = {}) {
  const response = await fetch(path, {
    method,
    signal,
    credentials: "same-origin",
    headers: body === undefined ? more : { "content-type": "application/json", ...more },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const kind = response.headers.get("content-type") ?? "";
  const answer = response.status !== 204 && kind.includes("json") ? await response.json() : null;
  if (!response.ok) throw new Refusal(response.status, answer, Number(response.headers.get("retry-after")) || 0);
  return answer;
}

export const get = (path, signal) => ask("GET", path, undefined, signal);
export const post = (path, body = {}, signal = undefined) => ask("POST", path, body, signal);
export const put = (path, body = {}) => ask("PUT", path, body);
export const patch = (path, body = {}, headers = {}) => ask("PATCH", path, body, undefined, headers);
export const del = (path, body = undefined) => ask("DELETE", path, body);

/** A symbol as it stands in a path. */
export const inPath = (symbol) => encodeURIComponent(symbol.replace("/", "-"));
