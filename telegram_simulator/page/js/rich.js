// Text with Telegram's entities. Offsets are UTF-16 units, as in JavaScript's own strings.

import { h } from "./dom.js";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "q" };

export function rich(text, entities) {
  return part(text, 0, text.length, [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length));
}

function part(text, start, end, entities) {
  const nodes = [];
  let place = start;
  for (let index = 0; index < entities.length; index++) {
    const entity = entities[index];
    if (entity.offset < place) continue;
    if (entity.offset > place) nodes.push(text.slice(place, entity.offset));
    const stop = Math.min(entity.offset + entity.length, end);
    const inside = entities.slice(index + 1).filter((one) => one.offset < stop);
    nodes.push(wrap(entity, part(text, entity.offset, stop, inside), text.slice(entity.offset, stop)));
    place = stop;
  }
  if (place < end) nodes.push(text.slice(place, end));
  return nodes;
}

function wrap(entity, children, plain) {
  switch (entity.type) {
    case "url":
    case "text_link": {
      const href = entity.url ?? plain;
      const isSafe = /^https?:\/\//i.test(href);
      return isSafe ? h("a", { href, target: "_blank", rel: "noreferrer noopener" }, children) : h("span", {}, children);
    }
    case "bot_command":
      return h("span.command", {}, children);
    case "mention":
    case "text_mention":
      return h("span.mention", {}, children);
    case "spoiler":
      return h("span.spoiler", {}, children);
    default:
      return h(TAGS[entity.type] ?? "span", {}, children);
  }
}
