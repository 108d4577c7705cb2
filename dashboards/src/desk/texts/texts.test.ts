import { test } from "vitest";
import { expectAlike } from "../../../test/texts-alike.ts";
import { DESK_TEXTS } from "./texts.ts";

test("R-7: every language says as much as English", async () => expectAlike(DESK_TEXTS));
