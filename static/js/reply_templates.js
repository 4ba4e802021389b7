// Puts the chosen template's text where the cursor is, without the way to the server that the button takes otherwise.
for (const button of document.querySelectorAll("[data-insert-template]")) {
  const text = document.getElementById(button.dataset.insertTemplate);
  const select = button.form.elements.template;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const chosen = select.selectedOptions[0]?.dataset.text ?? "";
    const before = text.value.slice(0, text.selectionStart);
    const gap = before && !before.endsWith("\n") ? "\n\n" : "";
    text.setRangeText(gap + chosen, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}
