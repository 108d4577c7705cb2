import type { ReactElement } from "react";
import type { Format } from "../../shared/format.ts";
import type { WallAddress } from "../address.ts";
export function SetUp(props: { readonly initial: WallAddress; readonly format: Format }): ReactElement {
  return <main>{props.initial.window}</main>;
}
