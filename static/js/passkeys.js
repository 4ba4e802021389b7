// Passkeys (W3C Web Authentication): asks the browser for what a form's data-options say, and sends its answer with the form.
const trouble = {
  NotAllowedError: "Nothing was chosen, or it took too long. Please try again.",
  InvalidStateError: "This passkey has been added before.",
  NotSupportedError: "This device can’t keep such a passkey. Please try another one.",
  SecurityError: "Passkeys don’t work at this address. Open the site at its usual https address, or sign in with your password.",
};

const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const textOf = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const credentialsOf = (list = []) => list.map((credential) => ({ ...credential, id: bytesOf(credential.id) }));

// Browsers of 2025 and later read and write the JSON themselves; for older ones we do.
function readOptions(what, options) {
  const read = what === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  if (PublicKeyCredential[read]) return PublicKeyCredential[read](options);
  const publicKey = { ...options, challenge: bytesOf(options.challenge) };
  if (what === "create") {
    publicKey.user = { ...options.user, id: bytesOf(options.user.id) };
    publicKey.excludeCredentials = credentialsOf(options.excludeCredentials);
  } else {
    publicKey.allowCredentials = credentialsOf(options.allowCredentials);
  }
  return publicKey;
}

function written(credential) {
  if (credential.toJSON) return credential.toJSON();
  const response = { clientDataJSON: textOf(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = textOf(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function ask(form) {
  const what = form.dataset.passkey;
  const doing = form.querySelector("[data-passkey-doing]");
  const wrong = form.querySelector("[data-passkey-trouble]");
  const start = form.querySelector("[data-passkey-start]");
  const say = (text) => {
    wrong.textContent = text;
    wrong.hidden = false;
  };
  if (!window.PublicKeyCredential) return say("This browser can’t use passkeys here. They need https and a browser of today.");
  wrong.hidden = true;
  start.hidden = true;
  doing.hidden = false;
  try {
    const publicKey = readOptions(what, JSON.parse(form.dataset.options));
    const credential = await navigator.credentials[what]({ publicKey });
    form.elements.credential.value = JSON.stringify(written(credential));
    form.submit();
  } catch (error) {
    doing.hidden = true;
    start.hidden = false;
    start.focus(); // which it lost when it was hidden
    say(trouble[error.name] ?? "That did not work. Please try again.");
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
  ask(form);
}
