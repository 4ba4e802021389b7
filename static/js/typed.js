// What somebody has typed into one form outlives the buttons of the page's other forms, and its links to a page that leads
// back. It lies in this tab's storage from when one of them is pressed until that has led back to the form, or elsewhere: no
// longer, and never after signing out, which asks first. The post editor asks for itself.
const KEY = "typed";
const isAnswer = document.body.hasAttribute("data-answer"); // to a form: it may ask something before it leads back
const forms = [...document.querySelectorAll("form[method=post]:not([data-editor])")];
let asks = false;

const address = (form) => new URL(form.getAttribute("action"), location).pathname; // the same in any search of a list
const nth = (form) => forms.filter((other) => address(other) === address(form)).indexOf(form);
const isTicked = (control) => ["checkbox", "radio"].includes(control.type);
const hasCome = (form) => isAnswer && address(form) === location.pathname;

function controls(form) {
  return [...form.elements].filter((each) => each.name && each.matches("textarea, select, input:not([type=hidden], [type=password], [type=file])"));
}

function isTyped(control) {
  if (isTicked(control)) return control.checked !== control.defaultChecked;
  if (control.options) return control.value !== ([...control.options].find((each) => each.defaultSelected) ?? control.options[0])?.value;
  return control.value !== control.defaultValue;
}

function typedInto(form) {
  const typed = controls(form).filter((each) => hasCome(form) || isTyped(each));
  const values = typed.map((each) => [each.name, each.value, isTicked(each) ? each.checked : null]);
  // With what the page showed: what somebody else has saved meanwhile is told as ever.
  const shown = form.querySelector("[name=shown]")?.value;
  return { page: location.pathname, address: address(form), nth: nth(form), values, shown };
}

function putBack(form, { values, shown }) {
  for (const [name, value, checked] of values) {
    const control = controls(form).find((each) => each.name === name && (checked === null || each.value === value));
    if (!control) continue;
    if (checked === null) control.value = value;
    else control.checked = checked;
    for (let part = control.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (shown) form.querySelector("[name=shown]").value = shown;
}

function store(all) {
  if (all.length) sessionStorage.setItem(KEY, JSON.stringify(all));
  else sessionStorage.removeItem(KEY);
}

const later = [];
for (const each of JSON.parse(sessionStorage.getItem(KEY) ?? "[]")) {
  const form = forms.find((one) => address(one) === each.address && nth(one) === each.nth);
  if (form) putBack(form, each);
  else if (isAnswer || [each.page, each.aside].includes(location.pathname)) later.push(each);
}
store(later);

const allTyped = (but) => forms.filter((form) => form !== but).map(typedInto).filter((each) => each.values.length);

addEventListener("click", ({ target, defaultPrevented }) => {
  const link = target.closest("a[data-returns]");
  if (link && !defaultPrevented) store([...later, ...allTyped().map((each) => ({ ...each, aside: link.pathname }))]);
});
addEventListener("submit", ({ target, defaultPrevented }) => {
  if (defaultPrevented || !target.matches("[method=post]")) return;
  const typed = allTyped(target);
  if (target.hasAttribute("data-leaves")) asks = typed.length > 0;
  else store([...later, ...typed]);
});
addEventListener("beforeunload", (event) => {
  if (asks) event.preventDefault();
  asks = false;
});
