import { Component, type ErrorInfo, type ReactNode } from "react";
import { TranslateContext } from "../shared/i18n.ts";
import { reloadWhenServerAnswers } from "./reload.ts";

const RESTART_AFTER_MS = 10_000;

/** Where rendering fails it shows a message and loads the page anew, instead of a blank or frozen picture. */
export class CrashGuard extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  static override contextType = TranslateContext;
  declare context: React.ContextType<typeof TranslateContext>;
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error("The display failed", error, info.componentStack);
    setTimeout(reloadWhenServerAnswers, RESTART_AFTER_MS);
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="notice">
        <h1 className="notice-title">{this.context("status.crashed")}</h1>
      </main>
    );
  }
}
