// Forms of a site's configuration: what is typed is not lost by a click on a
// link, the preview follows, and a colour's contrast is told at once. Without
// this the form is saved, shown and checked by its buttons.

const form = document.querySelector<HTMLFormElement>("form[data-edit]");
const show = document.querySelector<HTMLButtonElement>("[data-show]");

let unsaved = form?.dataset.unsaved !== undefined;

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

form?.addEventListener("submit", (event) => {
  if (!show || event.submitter !== show) unsaved = false;
});

let count = 0;
let waiting: ReturnType<typeof setTimeout>;

/** Shows what is typed in a new frame, which takes the place of the old one once
 * it has come: that leaves no step in the browser's history, and nothing blinks. */
function refresh(): void {
  const frames = document.querySelectorAll<HTMLIFrameElement>(".preview-window iframe");
  const next = frames[0].cloneNode() as HTMLIFrameElement;
  next.removeAttribute("src");
  next.name = `preview-${++count}`;
  next.classList.add("coming");
  frames[frames.length - 1].after(next);
  next.addEventListener("load", () => {
    while (next.previousElementSibling) next.previousElementSibling.remove();
    next.classList.remove("coming");
  });
  show!.formTarget = next.name;
  show!.form!.requestSubmit(show);
}

function follow(): void {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 250);
}

/** The relative luminance of WCAG 2.2 of a colour, #rrggbb. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

// As in components/panel: the pages behind the panel.
const pages: Record<string, string> = { light: "#ffffff", dark: "#1d1e22" };

/** Tells the contrasts of a colour, of none ("") or of what is no colour (null). */
function tellContrasts(accent: string | null): void {
  const said = document.querySelector<HTMLElement>("[data-contrasts]")!.dataset; // in the page's language
  const digit = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  for (const place of document.querySelectorAll<HTMLElement>("[data-contrast]")) {
    if (accent === null) {
      place.textContent = said.none!;
      continue;
    }
    const ratio = accent ? contrast(accent, pages[place.dataset.contrast!]) : 21;
    place.textContent = `${digit.format(ratio)} – ${ratio < 1.5 ? said.unseen : ratio < 3 ? said.weak : said.good}`;
  }
}

const swatch = document.querySelector<HTMLInputElement>("[data-swatch]");
const accent = swatch && (document.getElementById(swatch.dataset.swatch!) as HTMLInputElement);

function readAccent(): void {
  const colour = accent!.value.trim().toLowerCase().replace(/^(?=[0-9a-f]{6}$)/, "#");
  const readable = /^#[0-9a-f]{6}$/.test(colour);
  if (readable) swatch!.value = colour;
  tellContrasts(readable || !colour ? colour : null);
}

form?.addEventListener("input", (event) => {
  unsaved = true;
  if (event.target === swatch) accent!.value = swatch!.value;
  if (event.target === swatch || event.target === accent) readAccent();
  if (show) follow();
});
document.querySelector(".preview-switches")?.addEventListener("change", (event) => {
  if ((event.target as HTMLElement).id !== "f-preview-width") follow();
});

if (swatch && accent && !accent.disabled) {
  swatch.hidden = accent.matches(":disabled");
  readAccent();
}
if (show) {
  show.hidden = true;
  if (unsaved) follow();
}
