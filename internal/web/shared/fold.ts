// Texts without the marks of Vietnamese: for searching as people type in a
// hurry, and for keys that several phones make alike.

/** In lower case, without marks: "Hội nghị Đảng" is "hoi nghi dang". */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** A key that follows from a text, up to so many characters: "Số lượt khám" is "so-luot-kham". */
export function keyOf(text: string, most = 64): string {
  const key = fold(text).replace(/[^a-z0-9]+/g, "-").slice(0, most).replace(/^-+|-+$/g, "");
  return key || "x";
}

/** A key that is not taken yet: the wanted one, or that with a number. */
export function freeKey(wanted: string, taken: (key: string) => boolean): string {
  if (!taken(wanted)) return wanted;
  for (let n = 2; ; n++) {
    const key = `${wanted.slice(0, 60)}-${n}`;
    if (!taken(key)) return key;
  }
}
