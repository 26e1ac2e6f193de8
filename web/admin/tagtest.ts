// Shows what the frames of a tag's test tell. What they tell comes from where the
// tag runs, so it is only ever text.

const patience = 8000;
const quiet = 2500;
const most = 50;

for (const box of document.querySelectorAll<HTMLElement>("[data-trial]")) watch(box);

function watch(box: HTMLElement): void {
  const frame = box.querySelector("iframe")!;
  const verdict = box.querySelector<HTMLElement>("[data-verdict]")!;
  const list = box.querySelector<HTMLElement>("[data-log]")!;
  const words = new Map<string, string>(Object.entries(JSON.parse(box.dataset.words!)));
  const { trial, src } = box.dataset;
  const said = new Set<string>();
  let asked = false;
  let done = false;

  const decide = (word: string) => {
    if (done) return;
    done = true;
    box.dataset.outcome = word;
    verdict.textContent = words.get(word)!;
  };
  const log = (kind: string, text: string) => {
    // By a function, as "$&" in a text given as it is would mean something.
    const line = words.get(kind)?.replace("%s", () => text);
    if (line === undefined || said.has(line) || said.size >= most) return;
    said.add(line);
    const item = document.createElement("li");
    item.textContent = line;
    list.append(item);
  };

  let timer = setTimeout(() => decide("silent"), patience);
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== "null" || typeof data?.trial !== "string" || typeof data.text !== "string") return;
    const kind: string = data.trial;
    if (kind === "ready") {
      clearTimeout(timer);
      timer = trial === "held" ? setTimeout(() => decide(asked ? "leaked" : "held"), quiet) : setTimeout(() => decide("nothing"), patience);
      return;
    }
    log(kind, data.text);
    if (kind === "request" || kind === "blocked") asked = true;
    if (trial === "held") return;
    if (kind === "ran" || (kind === "loaded" && data.text === src)) decide("good");
    if (kind === "failed" && data.text === src) decide("bad");
    if (kind === "threw" && !src) decide("broken");
  });
  // What they tell can come before somebody listens.
  frame.src = frame.dataset.src!;
}
