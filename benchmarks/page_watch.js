// What the page cannot tell of itself: runs before its own scripts and notes paints, frames, shifts and delays.
(() => {
  const ROWS = 20;
  const ENOUGH = 4000;
  const watched = { usefulAt: 0, lcp: 0, shift: 0, frames: [], events: [], delays: [] };
  window.watched = watched;
  const pending = new Map(); // symbol -> when the first message that is not shown yet came

  watched.clear = () => {
    watched.shift = 0;
    for (const list of [watched.frames, watched.events, watched.delays]) list.length = 0;
    pending.clear();
  };

  watched.told = () => JSON.parse(JSON.stringify(watched));

  const observe = (type, note, more = {}) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...more });
  observe("largest-contentful-paint", (each) => (watched.lcp = each.startTime));
  observe("layout-shift", (each) => each.hadRecentInput || (watched.shift += each.value));
  observe("long-animation-frame", (each) => watched.frames.push(each.duration));
  observe("event", (each) => each.interactionId && watched.events.push(each.duration), { durationThreshold: 16 });

  const price = (row) => row.querySelector("[data-p=price]")?.textContent ?? "–";
  const isLive = () => [...document.querySelectorAll(".slots .row")].filter((row) => !"–".includes(price(row))).length >= ROWS && document.querySelector("#pill-dot.ok, #pill-dot.warning");
  watched.useful = new Promise((done) => {
    const look = () => {
      if (!isLive()) return requestAnimationFrame(look);
      watched.usefulAt = performance.now();
      done();
    };
    requestAnimationFrame(look);
  });

  /* from the message to the text: the first message that would change a row, until its price is another */
  const Heard = WebSocket;
  window.WebSocket = class extends Heard {
    constructor(...how) {
      super(...how);
      this.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data);
        if (message.type !== "batch" || message.snapshot || watched.delays.length > ENOUGH) return;
        for (const each of message.data) if (!pending.has(each.data.market)) pending.set(each.data.market, performance.now());
      });
    }
  };
  const symbolOf = (row) => row?.querySelector("bdi")?.textContent;
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const cell = target.parentElement?.closest?.("[data-p=price]");
      const symbol = cell && symbolOf(cell.closest(".row"));
      if (!pending.has(symbol)) continue;
      watched.delays.push(performance.now() - pending.get(symbol));
      pending.delete(symbol);
    }
  }).observe(document, { subtree: true, characterData: true });

  /* scroll down and up; a row is blank where the view is open and no row stands */
  watched.scroll = (wanted) =>
    new Promise((done) => {
      const body = document.querySelector(".body");
      const begin = performance.now();
      const told = { frames: 0, blank: 0, took: 0 };
      let speed = 90;
      const step = () => {
        const view = body.getBoundingClientRect();
        const slots = document.querySelector(".slots").getBoundingClientRect();
        told.frames += 1;
        if (slots.top > view.top + 1 || slots.bottom < Math.min(view.bottom, view.top + body.scrollHeight) - 1) told.blank += 1;
        if (body.scrollTop + body.clientHeight >= body.scrollHeight - 2) speed = -90;
        if (body.scrollTop <= 0) speed = Math.abs(speed);
        body.scrollTop += speed;
        told.took = performance.now() - begin;
        if (told.took < wanted) requestAnimationFrame(step);
        else done(told);
      };
      requestAnimationFrame(step);
    });
})();
