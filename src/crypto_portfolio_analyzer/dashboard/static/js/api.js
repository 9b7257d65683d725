// The server's HTTP side. A refusal becomes an error that carries the problem the server told.

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem ?? {};
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

async function send(method, path, body, signal) {
  const response = await fetch(path, {
    method,
    signal,
    credentials: "same-origin",
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const kind = response.headers.get("content-type") ?? "";
  const answer = response.status !== 204 && kind.includes("json") ? await response.json() : null;
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

export const get = (path, signal) => ask("GET", path, undefined, signal);
export const post = (path, body = {}, signal = undefined) => ask("POST", path, body, signal);
export const put = (path, body = {}) => ask("PUT", path, body);
export const patch = (path, body = {}) => ask("PATCH", path, body);
export const del = (path) => ask("DELETE", path);

/** A symbol as it stands in a path. */
export const inPath = (symbol) => encodeURIComponent(symbol.replace("/", "-"));
