// The post editor: a preview and advice as one types, a toolbar, pictures at the caret, and a warning before text is lost.
// Without this the buttons "Preview" and "Put it into the text" do the same by way of the server.
const form = document.querySelector("[data-editor]");
const body = form.querySelector("#body");
const live = form.querySelector("[data-live]");
const advice = document.querySelector("[data-advice]");
const adviceCount = form.querySelector("[data-advice-count]");
const said = form.querySelector("[data-said]");
let unsaved = form.hasAttribute("data-unsaved");

// What stands there already is not put there anew: it would be read out at each letter.
function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

form.classList.add("has-script"); // for browsers that do not tell it to stylesheets by themselves

// Preview

let waiting;
let asked;

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(preview, 350);
}

async function preview() {
  asked?.abort();
  asked = new AbortController();
  const typed = new FormData(form);
  typed.delete("picture");
  live.classList.add("live-wait");
  try {
    const answer = await fetch(form.dataset.previewAt, { method: "POST", body: typed, signal: asked.signal });
    if (!answer.ok) throw new Error(answer.status === 401 ? "signed out" : "failed");
    show(await answer.json());
  } catch (error) {
    if (error.name === "AbortError") return;
    say(
      error.message === "signed out"
        ? "You are signed out. Sign in in another tab, then go on here: your text is still here."
        : "The preview cannot be reached just now. Your text is still here.",
    );
  }
  live.classList.remove("live-wait");
}

function show(answer) {
  const top = live.scrollTop;
  live.innerHTML = answer.preview;
  live.scrollTop = top;
  if (advice.innerHTML !== answer.advice) advice.innerHTML = answer.advice;
  adviceCount.hidden = !answer.count;
  adviceCount.textContent = `${answer.count} to look at`;
  const words = answer.words.toLocaleString("en");
  form.querySelector("[data-count-words]").textContent = `${words} word${answer.words === 1 ? "" : "s"} · ${answer.minutes} min read`;
}

form.addEventListener("input", (event) => {
  if (event.target.closest("#add-picture")) return;
  unsaved = true;
  say("Not saved yet.");
  soon();
});

// A link in the preview opens beside the editor, never in its place.
live.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  open(link.href, "_blank", "noopener");
});

// The preview goes along when the text is scrolled.
body.addEventListener("scroll", () => {
  const way = body.scrollHeight - body.clientHeight;
  if (way > 0) live.scrollTop = (body.scrollTop / way) * (live.scrollHeight - live.clientHeight);
});

// Unsaved text

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
form.addEventListener("submit", () => {
  unsaved = false;
});
for (const other of document.querySelectorAll("button[form]")) {
  other.addEventListener("click", () => {
    unsaved = false;
  });
}
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input:not([type=file])")) event.preventDefault();
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-save]"));
  }
});

// Advice: go to the line

function lineTop(start) {
  // How far down a place of the text is, told by a copy of the field that holds only what stands before it.
  const copy = body.cloneNode();
  copy.removeAttribute("id");
  copy.removeAttribute("name");
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", blockSize: "0", minBlockSize: "0", flex: "none" });
  copy.style.inlineSize = `${body.offsetWidth}px`;
  copy.value = body.value.slice(0, start);
  copy.setAttribute("aria-hidden", "true");
  copy.tabIndex = -1;
  body.after(copy);
  const top = copy.scrollHeight;
  copy.remove();
  return top;
}

function goTo(line) {
  const lines = body.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  body.focus();
  body.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  body.scrollTop = lineTop(start) - body.clientHeight / 3;
  body.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".advice a");
  if (!link) return;
  event.preventDefault();
  if (link.dataset.line) goTo(Number(link.dataset.line));
  else document.getElementById(link.hash.slice(1))?.focus();
});

// Toolbar

function put(text, from = body.selectionStart, to = body.selectionEnd) {
  body.focus();
  body.setSelectionRange(from, to);
  // The old command is the only one after which "undo" works; what lacks it gets the text all the same.
  if (!document.execCommand("insertText", false, text)) {
    body.setRangeText(text, from, to, "end");
    body.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

function around(mark, fallback) {
  const { selectionStart: from, selectionEnd: to } = body;
  const chosen = body.value.slice(from, to) || fallback;
  put(`${mark}${chosen}${mark}`);
  body.setSelectionRange(from + mark.length, from + mark.length + chosen.length);
}

function before(mark) {
  const from = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
  const after = body.value.indexOf("\n", body.selectionEnd);
  const to = after < 0 ? body.value.length : after;
  const chosen = body.value.slice(from, to).split("\n");
  put(chosen.map((line) => (line.startsWith(mark) ? line.slice(mark.length) : mark + line)).join("\n"), from, to);
}

// A paragraph of its own: behind the line in which the caret stands, or at its beginning.
function putParagraph(text) {
  const { selectionEnd: to, value } = body;
  const end = value.indexOf("\n", to);
  const at = to === 0 || value[to - 1] === "\n" ? to : end < 0 ? value.length : end;
  const head = value.slice(0, at);
  const gap = !head || head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
  const after = /^\n*/.exec(value.slice(at))[0].length;
  put(`${gap}${text}${"\n".repeat(Math.max(0, 2 - after))}`, at, at);
}

function link() {
  const { selectionStart: from, selectionEnd: to } = body;
  const chosen = body.value.slice(from, to) || "words of the link";
  put(`[${chosen}](/)`);
  body.setSelectionRange(from + chosen.length + 3, from + chosen.length + 4);
}

const picture = form.querySelector("#add-picture");
const file = form.querySelector("#picture");
const alt = form.querySelector("#picture_alt");
let caret;

function askForPicture(control) {
  caret = [body.selectionStart, body.selectionEnd];
  picture.open = true;
  control.scrollIntoView({ block: "center" });
  control.focus();
}

const formats = {
  heading: () => before("## "),
  bold: () => around("**", "bold words"),
  italic: () => around("*", "words"),
  link,
  list: () => before("- "),
  quote: () => before("> "),
  picture: () => askForPicture(file),
};
const toolbar = form.querySelector(".toolbar");
toolbar.addEventListener("click", (event) => formats[event.target.dataset.format]?.());
body.addEventListener("keydown", (event) => {
  const wanted = (event.ctrlKey || event.metaKey) && !event.altKey && { b: "bold", i: "italic", k: "link" }[event.key];
  if (!wanted) return;
  event.preventDefault();
  formats[wanted]();
});

// Pictures: dropped or pasted into the text they wait for their description, uploaded they stand at the caret

const uploadSaid = form.querySelector("[data-upload-said]");

function offer(files) {
  const found = [...files].find((each) => each.type.startsWith("image/"));
  if (!found) return false;
  const chosen = new DataTransfer();
  chosen.items.add(found);
  file.files = chosen.files;
  askForPicture(alt);
  return true;
}
body.addEventListener("paste", (event) => {
  if (offer(event.clipboardData.files)) event.preventDefault();
});
body.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  body.classList.add("takes-drop");
});
for (const name of ["dragleave", "drop"]) body.addEventListener(name, () => body.classList.remove("takes-drop"));
body.addEventListener("drop", (event) => {
  if (offer(event.dataTransfer.files)) event.preventDefault();
});

async function upload() {
  const sent = new FormData();
  if (file.files[0]) sent.append("picture", file.files[0]);
  sent.append("picture_alt", alt.value);
  uploadSaid.textContent = "Uploading…";
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(form.dataset.uploadTo, { method: "POST", body: sent, headers });
    if (answer.status === 413) throw new Error("The picture is larger than 8 MB. Make it smaller.");
    if (answer.status === 401) throw new Error("You are signed out. Sign in in another tab, then try again.");
    const told = await answer.json();
    if (!answer.ok) throw new Error([...(told.picture ?? []), ...(told.picture_alt ?? [])].join(". "));
    uploaded(told);
  } catch (error) {
    uploadSaid.textContent = error instanceof TypeError || error instanceof SyntaxError ? "It could not be sent. Try again." : error.message;
    if (!alt.value) alt.focus();
  }
}

function uploaded(told) {
  uploadSaid.textContent = "It is in the text now.";
  file.value = "";
  alt.value = "";
  const option = new Option(told.alt.slice(0, 80), told.name);
  option.dataset.alt = told.alt;
  hero.add(option);
  picture.open = false;
  if (caret) body.setSelectionRange(...caret);
  putParagraph(told.markdown);
}

form.querySelector("[data-upload]").addEventListener("click", (event) => {
  event.preventDefault();
  upload();
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (button) putParagraph(button.dataset.insert);
});

// The address follows the title of a new post until somebody writes one

const title = form.querySelector("#title");
const slug = form.querySelector("[data-slug=new]");
const plain = (text) => text.normalize("NFKD").replace(/\p{M}|['’]/gu, "").toLowerCase();
const toSlug = (text) => (plain(text).match(/[a-z0-9]+/g) ?? []).join("-").slice(0, 80).replace(/-+$/, "");
let follows = slug && (!slug.value || slug.value === toSlug(title.value));
title.addEventListener("input", () => {
  if (follows) slug.value = toSlug(title.value);
});
slug?.addEventListener("input", () => {
  follows = !slug.value;
});

// A main picture brings its description along, unless somebody has written another

const hero = form.querySelector("#hero");
const heroAlt = form.querySelector("#hero_alt");
let brought = hero.selectedOptions[0]?.dataset.alt ?? "";
hero.addEventListener("change", () => {
  if (!heroAlt.value || heroAlt.value === brought) heroAlt.value = hero.selectedOptions[0].dataset.alt ?? "";
  brought = heroAlt.value;
});
