import type { FormEvent } from "react";

/** The text of a field by its name. */
export type TextOf = (name: string) => string;

/** What stands in a form's fields when it is sent, by their names, without space at the ends. */
export function textsOf(event: FormEvent<HTMLFormElement>): TextOf {
  event.preventDefault();
  const form = new FormData(event.currentTarget);
  return (name) => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
}
