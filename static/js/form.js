// Small help with forms: links of the error summary (which has the focus by autofocus) focus the fields, long texts count down.
const summary = document.querySelector("[data-error-summary]");
summary?.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const control = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!control) return;
  event.preventDefault();
  (control.closest("fieldset") ?? control.labels?.[0])?.scrollIntoView();
  control.focus({ preventScroll: true });
});

for (const field of document.querySelectorAll("[data-count]")) {
  const limit = Number(field.dataset.count);
  const text = field.querySelector("textarea");
  const count = field.querySelector(".count");
  const said = field.querySelector("[role=status]");
  let pause;
  const show = () => {
    const left = limit - text.value.replace(/\r\n?/g, "\n").length;
    const amount = `${Math.abs(left).toLocaleString("en")} character${Math.abs(left) === 1 ? "" : "s"}`;
    if (left > limit * 0.2) count.textContent = "";
    else count.textContent = left < 0 ? `${amount} too many` : `${amount} left`;
    clearTimeout(pause); // read out when one pauses, not at each letter
    pause = setTimeout(() => {
      said.textContent = count.textContent;
    }, 1000);
  };
  text.addEventListener("input", show);
  show();
}
