/** Writes a line for each field that has no meaning, with how many events had it. */
import type { UnknownFields } from "@oee/model";
import { counted } from "./for-people.ts";
import { printable } from "./printable.ts";

export function unknownFieldLines({ counts }: UnknownFields): readonly string[] {
  return [...counts].map(([key, count]) => {
    const space = key.indexOf(" ");
    const [type, field] = [key.slice(0, space), key.slice(space + 1)];
    return printable(
      `passed over the field ${JSON.stringify(field)} of ${counted(count, `${type} event`)}: it means nothing there`,
    );
  });
}
