// Names, colours and times as people read them.

const TINTS = { 7322096: "#6fb9f0", 16766590: "#ffd67e", 13338331: "#cb86db", 9367192: "#8eee98", 16749490: "#ff93b2", 16478047: "#fb6f5f" };
const PEOPLE = ["#8fb8ff", "#ffc078", "#8ce99a", "#eebefa", "#66d9e8", "#ffa8a8", "#ffe066", "#b197fc"];
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const precise = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export const tintOf = (color) => TINTS[color] ?? "var(--line)";
export const personTint = (id) => PEOPLE[Math.abs(id) % PEOPLE.length];
export const initial = (name) => [...(name || "?")][0].toUpperCase();
export const time = (seconds) => clock.format(seconds * 1000);
export const preciseTime = (seconds) => precise.format(seconds * 1000);
export const dayKey = (seconds) => new Date(seconds * 1000).toDateString();

export function day(seconds) {
  const today = new Date();
  const then = new Date(seconds * 1000);
  if (then.toDateString() === today.toDateString()) return "Today";
  today.setDate(today.getDate() - 1);
  return then.toDateString() === today.toDateString() ? "Yesterday" : dayOfYear.format(then);
}
export function listTime(seconds) {
  return dayKey(seconds) === new Date().toDateString() ? time(seconds) : shortDay.format(seconds * 1000);
}
export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

const MEDIA = {
  sticker: ["👍", "Sticker"],
  voice: ["🎙️", "Voice message"],
  photo: ["🖼️", "Photo"],
  document: ["📄", "Document"],
  video: ["🎬", "Video"],
  video_note: ["⏺️", "Video note"],
  audio: ["🎵", "Audio"],
  animation: ["🎞️", "Animation"],
  location: ["📍", "Location"],
  venue: ["📍", "Venue"],
  checklist: ["☑️", "Checklist"],
  story: ["⭕", "Story"],
  game: ["🎮", "Game"],
  contact: ["👤", "Contact"],
  poll: ["📊", "Poll"],
  dice: ["🎲", "Dice"],
  unknown: ["❔", "Message of an unknown kind"],
};
export const medium = (kind) => MEDIA[kind] ?? ["❔", kind];

export const authorName = (message) => (message.is_anonymous ? message.signature || "Anonymous admin" : message.author.name || "Somebody");

/** What a service message says, as [who, what]. */
export function serviceText(message) {
  const who = authorName(message);
  const content = message.content;
  switch (message.kind) {
    case "forum_topic_created":
      return [who, `started the topic “${content.forum_topic_created.name}”`];
    case "forum_topic_edited":
      return [who, content.forum_topic_edited.name ? `renamed the topic to “${content.forum_topic_edited.name}”` : "changed the topic's icon"];
    case "forum_topic_closed":
      return [who, "closed the topic"];
    case "forum_topic_reopened":
      return [who, "reopened the topic"];
    case "pinned_message":
      return [who, "pinned a message"];
    case "new_chat_members":
      return [who, `added ${content.new_chat_members.map((one) => one.first_name).join(", ")}`];
    case "left_chat_member":
      return [content.left_chat_member.first_name, "is no longer in the group"];
    case "migrate_to_chat_id":
      return ["This group", `became supergroup ${content.migrate_to_chat_id}`];
    case "migrate_from_chat_id":
      return ["This group", `was ${content.migrate_from_chat_id} before`];
    default:
      return [who, message.kind.replaceAll("_", " ")];
  }
}

/** One line about a message, for lists and quotes. */
export function preview(message) {
  if (message.is_service) return serviceText(message).join(" ");
  if (message.kind === "text") return message.text.replace(/\s+/g, " ");
  const [mark, name] = medium(message.kind);
  return `${mark} ${message.text || name}`;
}
