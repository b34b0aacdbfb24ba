// Registers the service worker and says when a new version waits.

import { Workbox } from "workbox-window";

let worker: Workbox | undefined;

/** Calls `waiting` once a new version is on the device. What is unsent stays where it is. */
export function register(waiting: () => void): void {
  if (!("serviceWorker" in navigator)) return;
  worker = new Workbox("/app/sw.js", { scope: "/app/" });
  worker.addEventListener("waiting", waiting);
  void worker.register();
}

/** Begins the new version, in all tabs. */
export function update(): void {
  worker?.addEventListener("controlling", () => location.reload());
  worker?.messageSkipWaiting();
}

/** Asks the browser to sync when there is a network again, where it can do so. */
export async function syncLater(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration("/app/");
  await (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync?.register("sync").catch(() => undefined);
}
