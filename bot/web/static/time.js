// The demo's time; everything is shown in the association's zone.

export const DAY = 86_400_000;

export const clock = {
  ahead: 0, // milliseconds that the demo is ahead of this computer
  zone: 0, // milliseconds east of Greenwich
  set(iso) {
    this.ahead = Date.parse(iso) - Date.now();
    const [, sign, hours, minutes] = iso.match(/([+-])(\d\d):(\d\d)$/) ?? [0, "+", 0, 0];
    this.zone = (sign === "-" ? -1 : 1) * (hours * 60 + Number(minutes)) * 60_000;
  },
  now() {
    return Date.now() + this.ahead;
  },
};

export const local = (moment) => new Date(moment + clock.zone); // its UTC fields tell the local time
export const dayNumber = (moment) => Math.floor((moment + clock.zone) / DAY);
export const timeOf = (moment) => local(moment).toISOString().slice(11, 16).replace(":", ".");
export const dateOf = (moment, options) => new Intl.DateTimeFormat("id-ID", { timeZone: "UTC", ...options }).format(local(moment));
export const longDate = (moment) => dateOf(moment, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

export function dayName(moment) {
  const ago = dayNumber(clock.now()) - dayNumber(moment);
  if (ago === 0) return "Hari ini";
  if (ago === 1) return "Kemarin";
  return dateOf(moment, { day: "numeric", month: "long", year: "numeric" });
}
