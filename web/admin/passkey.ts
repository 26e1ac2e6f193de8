// Passkeys: a form that has data-passkey is posted with what the browser's
// passkey answered to the options from data-options.

type Ceremony = "create" | "get";

/** What the server asks a passkey for, or why it does not. */
interface Options {
  publicKey: never;
  message?: string;
}

const supported = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;

async function options(form: HTMLFormElement): Promise<Options> {
  const response = await fetch(form.dataset.options!, {
    method: "POST",
    body: new URLSearchParams(new FormData(form) as never),
  });
  if (response.redirected) location.reload(); // the session is over: the server leads to the sign-in page
  const answer: Options = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

async function ask(form: HTMLFormElement): Promise<PublicKeyCredential> {
  const { publicKey } = await options(form);
  const credential = (form.dataset.passkey as Ceremony) === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  return credential as PublicKeyCredential;
}

/** Why it did not work. Browsers tell little, so that pages learn nothing of who has passkeys. */
function reason(error: unknown, said: DOMStringMap): string {
  if (!(error instanceof DOMException)) return (error as Error).message;
  return error.name === "InvalidStateError"
    ? said.known!
    : said.none!;
}

async function submit(form: HTMLFormElement): Promise<void> {
  const message = form.querySelector<HTMLElement>("[data-passkey-message]")!;
  const button = form.querySelector<HTMLButtonElement>("[type=submit]")!;
  message.textContent = "";
  button.disabled = true;
  try {
    const credential = await ask(form);
    form.querySelector<HTMLInputElement>("[name=credential]")!.value = JSON.stringify(credential);
    for (const word of form.querySelectorAll<HTMLInputElement>("[type=password]")) word.value = "";
    form.submit();
  } catch (error) {
    message.textContent = reason(error, message.dataset);
    button.disabled = false;
    button.focus();
  }
}

if (supported) {
  for (const form of document.querySelectorAll<HTMLFormElement>("[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void submit(form);
    });
  }
}
