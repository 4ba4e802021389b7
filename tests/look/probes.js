// What tests ask of a page. Each probe gives a list of faults in words, or figures; an empty list means that all is well.
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";
const STOPS = { date: 4, time: 4, "datetime-local": 7 }; // of the Tab key: each part of such a field is one
const SLACK = 1; // pixels that rounding may take

const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen, .extra, .skip");
const controls = (root = document) => [...root.querySelectorAll(CONTROLS)].filter((e) => shown(e) && !e.disabled);
const name = (element) => {
  const words = (element.innerText || element.getAttribute("aria-label") || element.name || "").trim().slice(0, 40);
  return `<${element.localName}${element.id ? `#${element.id}` : ""} ${JSON.stringify(words)}>`;
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

// The parts of boxes that one sees of an element whose ancestors clip or scroll.
function inSight(element, boxes) {
  for (let outer = element.parentElement; outer && outer !== document.body; outer = outer.parentElement) {
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

const hasRing = (element) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
};

// Looks at what has the focus now.
function look() {
  const { root, faults, reached } = window.followed;
  const target = document.activeElement;
  if (!root.contains(target) || target === root || reached.has(target)) return;
  reached.add(target);
  if (![target, target.parentElement, target.parentElement.parentElement].some(hasRing)) faults.push(`${name(target)} shows no focus`);
  // A picture that arrives late moves what the browser has just brought into the window.
  target.scrollIntoView({ block: "nearest", behavior: "instant" });
  const box = target.getClientRects()[0];
  const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), box.top + box.height / 2);
  if (!top || !(target.contains(top) || top.contains(target) || target.closest("li, article")?.contains(top)))
    faults.push(`${name(target)} has the focus and is hidden by ${top ? name(top) : "the window's edge"}`);
}

return {
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

  // Begins to note each control that takes the focus, and whether one sees it, in `window.followed.faults`.
  followFocus(within) {
    const root = document.querySelector(within);
    window.followed = { root, faults: [], reached: new Set() };
    addEventListener("keydown", look, { capture: true });
    root.tabIndex = -1;
    root.focus({ preventScroll: true });
    return controls(root).reduce((stops, control) => stops + (STOPS[control.type] ?? 1), 0);
  },

  missed() {
    look();
    const { root, reached } = window.followed;
    const groups = new Set(); // of radio buttons, only one is in the order
    const missed = controls(root).filter((control) => {
      if (control.type !== "radio") return !reached.has(control);
      const first = !groups.has(control.name);
      groups.add(control.name);
      return first && ![...root.querySelectorAll(`[name="${control.name}"]`)].some((e) => reached.has(e));
    });
    return missed.map((control) => `${name(control)} cannot be reached`);
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

  // The focused control, where one does not see that it is.
  ringless() {
    const target = document.activeElement;
    return [target, target.parentElement, target.parentElement?.parentElement].some((e) => e && hasRing(e)) ? [] : [name(target)];
  },

  // Requests and bytes as they come over the network, pictures of posts aside; headers are taken as 300 bytes each.
  weight() {
    const [page] = performance.getEntriesByType("navigation");
    const files = performance.getEntriesByType("resource").filter((entry) => !entry.name.includes("/media/"));
    const bytes = [page, ...files].map((entry) => entry.encodedBodySize + 300);
    return { requests: bytes.length, bytes: bytes.reduce((a, b) => a + b), files: files.map((entry) => entry.name) };
  },

  // The sum of all shifts of layout so far.
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
      setTimeout(() => tell(sum ? faults : []), 50);
    });
  },
};
