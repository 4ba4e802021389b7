// Lights the vertebra of the section being read. Without this the contents are plain links.
const links = [...document.querySelectorAll(".contents a")];
const headings = [...new Set(links.map((link) => link.hash))]
  .map((hash) => document.getElementById(decodeURIComponent(hash.slice(1))))
  .filter(Boolean);

function light() {
  // The section being read is the last whose heading has passed the upper third of the window.
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
  const hash = passed.length ? `#${passed.at(-1).id}` : "";
  for (const link of links) {
    if (decodeURIComponent(link.hash) === hash) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
}

if (headings.length) {
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      light();
    });
  };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon, { passive: true });
  light();
}

// A chosen link on a narrow screen folds the contents away again.
for (const fold of document.querySelectorAll("details.contents-fold")) {
  fold.addEventListener("click", (event) => {
    if (event.target.closest("a")) fold.open = false;
  });
}
