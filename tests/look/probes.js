// What tests ask of a page. Each probe gives a list of faults in words, or figures; an empty list means that all is well.
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex]:not([tabindex='-1'])";
const SLACK = 1; // pixels that rounding may take

const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen, .extra, .skip");
const controls = (root = document) => [...root.querySelectorAll(CONTROLS)].filter((e) => shown(e) && !e.disabled);
const name = (element) => {
  const words = (element.innerText || element.getAttribute("aria-label") || element.name || "").trim().slice(0, 40);
  const marks = [element.id && `#${element.id}`, ...[...element.classList].map((each) => `.${each}`)].join("");
  return `<${element.localName}${marks} ${JSON.stringify(words)}>`;
};

function textBoxes(element) {
  const boxes = [];
  if (element.closest(".unseen")) return boxes;
  for (const node of element.childNodes) {
    if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    boxes.push(...[...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1));
  }
  return boxes;
}

const allTextBoxes = (element) => [element, ...element.querySelectorAll("*")].flatMap(textBoxes);

// A link in a text, whose box is larger than what one sees of it.
function looksLikeText(element) {
  const { borderTopStyle, backgroundColor } = getComputedStyle(element);
  return element.localName === "a" && borderTopStyle === "none" && backgroundColor === "rgba(0, 0, 0, 0)";
}

const texts = () => [...document.body.querySelectorAll("*")].filter((e) => shown(e)).map((e) => [e, textBoxes(e)]).filter(([, boxes]) => boxes.length);

function scrolls(element) {
  const { overflowX } = getComputedStyle(element);
  return overflowX === "auto" || overflowX === "scroll";
}

function clips(element) {
  const style = getComputedStyle(element);
  return [style.overflowX, style.overflowY].some((value) => value === "hidden" || value === "clip");
}

// The parts of boxes that one sees of an element that clips or scrolls, or whose ancestors do.
function inSight(element, boxes) {
  for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
    if (!clips(outer) && !scrolls(outer)) continue;
    const edge = outer.getBoundingClientRect();
    boxes = boxes.map(({ left, right, top, bottom }) => ({
      left: Math.max(left, edge.left),
      right: Math.min(right, edge.right),
      top: Math.max(top, edge.top),
      bottom: Math.min(bottom, edge.bottom),
    }));
  }
  return boxes;
}

// What stays in the window while the page scrolls, with the element in it: it may lie on anything.
const floats = (element) => floating.find((outer) => outer.contains(element));
let floating = [];

const overlap = (a, b) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;

// A ring of two tones, one of which is seen on any ground; forced colours have one only, which the system chooses.
const hasRing = (element) => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  const hasBothTones = boxShadow !== "none" || matchMedia("(forced-colors: active)").matches;
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && hasBothTones;
};

// Whether nothing lies on the control, once the browser has brought it into the window as it does on focus.
function isSeen(control) {
  control.scrollIntoView({ block: "nearest", behavior: "instant" });
  const box = control.getClientRects()[0];
  const from = Math.max(box.top, 0); // one taller than the window may begin above it
  const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), from + Math.min(box.height / 2, innerHeight / 4));
  return Boolean(top && (control.contains(top) || top.contains(control) || control.closest("li, article")?.contains(top)));
}

// What decides on an element's contrast, as a number: its text, and what is painted behind it; 0 where that cannot be told.
const grounds = new Map();
function ground(element) {
  if (!element) return "";
  if (!grounds.has(element)) {
    const { position, backgroundColor, backgroundImage, opacity, filter } = getComputedStyle(element);
    const behind = ["absolute", "fixed"].includes(position) ? null : ground(element.parentElement);
    const own = backgroundColor === "rgba(0, 0, 0, 0)" && backgroundImage === "none" && opacity === "1" && filter === "none";
    grounds.set(element, behind === null ? null : own ? behind : `${behind}|${backgroundColor}${backgroundImage}${opacity}${filter}`);
  }
  return grounds.get(element);
}

function paint(element) {
  const behind = ground(element);
  if (behind === null) return 0;
  const { color, fontSize, fontWeight, textDecorationLine, borderBottom, textShadow } = getComputedStyle(element);
  const around = element.localName === "a" ? getComputedStyle(element.parentElement).color : "";
  const all = [behind, color, fontSize, fontWeight, textDecorationLine, borderBottom, textShadow, around].join();
  return [...all].reduce((hash, letter) => (Math.imul(hash, 31) + letter.codePointAt(0)) | 0, 1);
}

// axe-core is brought to life where it is first asked for; its rules for colours look at marked elements only.
const UNJUDGED = "data-unjudged";
function axeCore() {
  if (!window.axe) {
    window.loadAxe();
    const rules = [
      { id: "color-contrast", selector: `[${UNJUDGED}]` },
      { id: "link-in-text-block", selector: `a[href][${UNJUDGED}]` },
    ];
    window.axe.configure({ rules });
  }
  return window.axe;
}

return {
  // What axe-core finds, but in colours only with those elements whose paint is of no kind that was `judged` before; with
  // the new kinds. If it is asked about colours only and there are no such elements, it is not troubled.
  async axe(judged, options, coloursOnly) {
    grounds.clear();
    const known = new Set(judged);
    const [kinds, marked] = [[], []];
    for (const element of [...texts().map(([text]) => text), ...controls()]) {
      const kind = paint(element);
      if (known.has(kind)) continue;
      marked.push(element);
      if (kind) known.add(kind), kinds.push(kind);
    }
    if (coloursOnly && !marked.length) return { kinds, faults: [] };
    for (const element of marked) element.setAttribute(UNJUDGED, "");
    const { violations } = await axeCore().run(options);
    for (const element of marked) element.removeAttribute(UNJUDGED);
    const tell = ({ id, help }, { html }) => `${id}: ${help}: ${html.replaceAll(` ${UNJUDGED}=""`, "").slice(0, 160)}`;
    return { kinds, faults: violations.flatMap((fault) => fault.nodes.map((node) => tell(fault, node))) };
  },

  // What does not fit into the window as it is, or lies on something else.
  fit() {
    return [...this.sideways(), ...this.cutOff(), ...this.overlaps()];
  },

  // Whatever reaches beyond the window's edge, where the page itself scrolls sideways.
  sideways() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > width + SLACK);
    return wide.length ? wide.slice(0, 3).map(name) : [`${document.documentElement.scrollWidth} px wide`];
  },

  // Text that lies outside the window or outside an ancestor that clips.
  cutOff() {
    const faults = [];
    const width = document.documentElement.clientWidth;
    for (const [element, boxes] of texts()) {
      for (const box of boxes) {
        let by = box.left < -SLACK || box.right > width + SLACK ? "the window" : null;
        for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
          if (scrolls(outer)) {
            by = null;
            break;
          }
          const edge = outer.getBoundingClientRect();
          if (clips(outer) && (box.left < edge.left - SLACK || box.right > edge.right + SLACK || box.top < edge.top - 4 || box.bottom > edge.bottom + 4)) by = name(outer);
        }
        if (by) faults.push(`${name(element)} is cut off by ${by}`);
      }
    }
    return [...new Set(faults)];
  },

  // Controls that lie on each other, and text of something else that lies on what one sees of a control.
  overlaps() {
    const faults = [];
    scrollTo(0, 0);
    floating = [...document.body.querySelectorAll("*")].filter((e) => ["sticky", "fixed"].includes(getComputedStyle(e).position));
    const placed = controls().map((e) => [e, inSight(e, looksLikeText(e) ? allTextBoxes(e) : [...e.getClientRects()])]);
    placed.forEach(([one, boxes], index) => {
      for (const [other, others] of placed.slice(index + 1)) {
        if (one.contains(other) || other.contains(one) || floats(one) !== floats(other)) continue;
        if (boxes.some((a) => others.some((b) => overlap(a, b)))) faults.push(`${name(one)} lies on ${name(other)}`);
      }
    });
    for (const [element, all] of texts()) {
      const boxes = inSight(element, all);
      for (const [control, areas] of placed) {
        if (control.contains(element) || element.contains(control) || floats(element) !== floats(control)) continue;
        if (boxes.some((a) => areas.some((b) => overlap(a, b)))) faults.push(`the text of ${name(element)} lies on ${name(control)}`);
      }
    }
    return faults;
  },

  // Where each part keeps moving or would, once touched.
  moving() {
    const faults = document.getAnimations().map((animation) => `an animation of ${name(animation.effect.target)}`);
    if (getComputedStyle(document.documentElement).scrollBehavior !== "auto") faults.push("smooth scrolling");
    for (const element of document.querySelectorAll("*")) {
      for (const part of [null, "::before", "::after"]) {
        const style = getComputedStyle(element, part);
        const lasts = style.transitionDuration.split(",").some((time) => parseFloat(time) > 0);
        if (lasts || style.animationName !== "none") faults.push(`${name(element)}${part ?? ""} moves`);
      }
    }
    return faults;
  },

  // A form that came back says so in its title, and one that says so has said what is wrong.
  error() {
    const isWrong = document.querySelector("[aria-invalid=true], main .error, .notice-wrong[role=alert]:not([hidden], [data-passkey-trouble])") !== null;
    return isWrong === document.title.startsWith("Error: ") ? [] : [`${isWrong ? "an error" : "no error"} under ${document.title}`];
  },

  // Controls that the Tab key leaves out, and those on which one does not see the focus, there and back; a key has been
  // pressed before.
  focus() {
    const faults = [];
    const all = controls(document.querySelector("main"));
    for (const control of [...all, ...all.reverse()]) {
      control.focus();
      if (control.tabIndex < 0 || document.activeElement !== control) faults.push(`${name(control)} cannot be reached`);
      else if (![control, control.parentElement, control.parentElement.parentElement].some(hasRing)) faults.push(`${name(control)} shows no focus`);
      else if (!isSeen(control)) faults.push(`${name(control)} has the focus and is hidden`);
    }
    return faults;
  },

  // Opens all parts that are folded.
  unfold() {
    for (const part of document.querySelectorAll("main details")) part.open = true;
  },

  // In forced colours backgrounds go: controls that show no border then (links and summaries are text).
  flat() {
    const buttons = controls().filter((e) => e.matches("button, input:not([type=radio], [type=checkbox]), select, textarea"));
    return buttons.filter((e) => getComputedStyle(e).borderTopStyle === "none").map(name);
  },

  // Requests and bytes as they come over the network, pictures of posts aside; headers are taken as 300 bytes each.
  weight() {
    const [page] = performance.getEntriesByType("navigation");
    const files = performance.getEntriesByType("resource").filter((entry) => !entry.name.includes("/media/"));
    const bytes = [page, ...files].map((entry) => entry.encodedBodySize + 300);
    return { requests: bytes.length, bytes: bytes.reduce((a, b) => a + b), files: files.map((entry) => entry.name) };
  },

  // What moved so far, where it is more than a word or two: a busy machine paints pages that are half read. A line
  // that comes later moves what is below it by 0.009.
  shifts() {
    return new Promise((tell) => {
      let sum = 0;
      const faults = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          sum += entry.value;
          faults.push(...entry.sources.map(({ node }) => `${node?.nodeType === 1 ? name(node) : "something"} moved`));
        }
      }).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => tell(sum < 0.008 ? [] : faults), 50);
    });
  },
};
