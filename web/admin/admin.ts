// What the admin does beyond forms and htmx: copying, and saying so when a
// change did not arrive. Every page works without it.

interface HtmxContext {
  response?: { raw: Response };
}

/** An event of htmx that carries the request it is about. */
type HtmxEvent = CustomEvent<{ ctx?: HtmxContext }>;

const offline = () => document.getElementById("offline")!;

function showCopyButtons(root: ParentNode): void {
  if (!navigator.clipboard) return; // plain http: the text can still be selected
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-copy]")) button.hidden = false;
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const code = document.getElementById(button.dataset.copy!)!;
  try {
    await navigator.clipboard.writeText(code.textContent!);
  } catch {
    getSelection()!.selectAllChildren(code); // refused: leave it ready to be copied by hand
    return;
  }
  const label = button.innerHTML;
  button.textContent = button.dataset.copied!;
  setTimeout(() => (button.innerHTML = label), 1600);
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("[data-copy]");
  if (button) void copy(button);
});

document.addEventListener("htmx:before:request", () => (offline().hidden = true));
document.addEventListener("htmx:error", () => (offline().hidden = false));

// An answer that is another page, such as the sign-in page after twelve hours,
// is gone to rather than shown under this page's address. A failure that is no
// page of the admin leaves everything as it is.
document.addEventListener("htmx:before:response", (event) => {
  const response = (event as HtmxEvent).detail.ctx?.response?.raw;
  if (!response) return;
  if (response.redirected && new URL(response.url).pathname !== location.pathname) {
    event.preventDefault();
    location.assign(response.url);
  } else if (response.status >= 500) {
    event.preventDefault();
    offline().hidden = false;
  }
});

let fading: ReturnType<typeof setTimeout>;

/** Ids of what the focus was in before a change in place, the innermost first. */
let focused: string[] = [];

function noteFocus(): void {
  focused = [];
  for (let at = document.activeElement; at; at = at.parentElement) if (at.id) focused.push(at.id);
}

/** Keeps the focus where it was if its element is gone, as a button is that can
 * be pressed once: on the first control of what is left around it. */
function keepFocus(): void {
  if (document.activeElement && document.activeElement !== document.body) return;
  for (const id of focused) {
    const around = document.getElementById(id);
    const next = around?.hasAttribute("tabindex") ? around : around?.querySelector<HTMLElement>("button:not(:disabled), a[href]");
    if (next) return next.focus({ preventScroll: true });
  }
}

// What a change in place did is said over the page, beside which the switch
// shows it for good, so the message may go again.
document.addEventListener("htmx:before:swap", () => {
  noteFocus();
  document.documentElement.classList.add("in-place");
});
document.addEventListener("htmx:after:swap", () => {
  keepFocus();
  showCopyButtons(document);
  clearTimeout(fading);
  fading = setTimeout(() => document.getElementById("flash")!.replaceChildren(), 8000);
});

showCopyButtons(document);
document.getElementById("faults")?.focus();
