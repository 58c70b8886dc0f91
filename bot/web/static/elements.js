// Elements of the page. Text is always text, never markup.

export const $ = (selector, root = document) => root.querySelector(selector);

/** An element: make("p", { className: "x" }, "text", child). */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function makeButton(label, act, className = "") {
  const button = make("button", { type: "button", className }, label);
  button.addEventListener("click", () => act());
  return button;
}

/** An icon of the sprite in the page, by the name behind "i-". */
export function icon(name, className = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  svg.append(use);
  return svg;
}
