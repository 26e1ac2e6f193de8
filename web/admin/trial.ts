// Lets the real gate hold and release one tag in a frame that belongs to no
// origin, and tells the page around it what happened. Nothing is asked or
// recorded: of the gate's pieces only the one that runs scripts arrives.
import type { Optgate } from "../gate/api";

const nonce = (document.currentScript as HTMLScriptElement).nonce;
const data = document.getElementById("trial")!.dataset;
const ours = `${location.origin}/static/`;
const longest = 500;

/** The page around is of the admin: nobody else may frame this. */
function tell(trial: string, text = ""): void {
  parent.postMessage({ trial, text: text.slice(0, longest) }, location.origin);
}

new PerformanceObserver((list) => {
  for (const { name } of list.getEntries()) if (!name.startsWith(ours)) tell("request", name);
}).observe({ type: "resource", buffered: true });
addEventListener("securitypolicyviolation", ({ blockedURI }) => tell("blocked", blockedURI));
addEventListener("error", (event) => {
  if (event instanceof ErrorEvent) tell("threw", event.message);
});

// Pixels never get into the document, where their events could be heard.
const make = Document.prototype.createElement;
Document.prototype.createElement = function (this: Document, name: string, options?: ElementCreationOptions) {
  const el = make.call(this, name, options) as HTMLImageElement;
  if (/^(img|script|iframe)$/i.test(name))
    for (const type of ["load", "error"])
      el.addEventListener(type, () => {
        if (/^https?:/.test(el.src)) tell(type === "load" ? "loaded" : "failed", el.src);
      });
  return el;
} as typeof make;

/** Runs a file of the gate, which finds what belongs to it beside its own address. */
function place(script: HTMLScriptElement, text: string): void {
  script.removeAttribute("src");
  Object.defineProperty(script, "src", { value: location.href });
  script.text = text;
  append(script);
}

const append = document.head.append.bind(document.head);
const beside = new URL(".", location.href).href;
document.head.append = (...nodes) => {
  for (const node of nodes) {
    if (!(node instanceof HTMLScriptElement) || !node.src.startsWith(beside)) append(node);
    else if (node.src.startsWith(`${beside}scripts.js`)) place(node, data.scripts!);
  }
};

(window as { ranForTrial?: () => void }).ranForTrial = () => tell("ran");

const gate = make.call(document, "script") as HTMLScriptElement;
gate.nonce = nonce;
place(gate, data.file!);

const { optgate } = window as unknown as { optgate?: Optgate };
if (optgate?.acceptAll) {
  tell("ready");
  if (data.allow) optgate.acceptAll();
}
