/** What went wrong with a request, in the page's language by the problem's code; what the server found stays in its words. */
import type { ReactElement } from "react";
import { ApiProblem } from "../shared/api/ask.ts";
import { en } from "./texts/en.ts";
import type { ReasonsTranslate } from "./texts/use-texts.ts";
import type { ReasonsKey } from "./texts/texts.ts";

export function ProblemText(props: { readonly t: ReasonsTranslate; readonly of: Error }): ReactElement {
  const { t, of } = props;
  if (of instanceof ApiProblem) return <CodeText t={t} code={of.code} detail={of.message} />;
  // A `TypeError` of `fetch`: there is no network, or no server.
  return <>{of instanceof TypeError ? t("problem.network") : of.message}</>;
}

export function CodeText(props: {
  readonly t: ReasonsTranslate;
  readonly code: string;
  readonly detail: string;
}): ReactElement {
  const { t, code, detail } = props;
  const key = `problem.${code}`;
  if (code === "OEE_HTTP_SIGN_IN") {
    return (
      <a href="/sign-in" target="_blank">
        {t("problem.OEE_HTTP_SIGN_IN")}
      </a>
    );
  }
  return (
    <>
      {t(key in en ? (key as ReasonsKey) : "problem.other")}
      {detail === "" ? null : (
        <>
          {": "}
          <span lang="en">{detail}</span>
        </>
      )}
    </>
  );
}
