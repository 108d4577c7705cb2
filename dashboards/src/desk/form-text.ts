import type { FormEvent } from "react";

/** The text of a field by its name. */
export type TextOf = (name: string) => string;

/** The texts of a form's fields by their names, without space at the ends. */
export function textsOf(event: FormEvent<HTMLFormElement>): TextOf {
  event.preventDefault();
  const form = new FormData(event.currentTarget);
  return (name) => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
}
