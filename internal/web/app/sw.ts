// Keeps the app on the device, so that it starts without a network. It never
// touches the data: replica and queue are in IndexedDB, which an update leaves
// alone. A new version waits until the person agrees to it.

import { clientsClaim } from "workbox-core";
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { open } from "thidua-sync";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (string | { url: string; revision: string | null })[] };

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
clientsClaim();
registerRoute(new NavigationRoute(createHandlerBoundToURL("index.html"), { allowlist: [/^\/app\/?$/, /^\/app\/index\.html$/] }));

self.addEventListener("message", (e) => {
  if ((e.data as { type?: string } | null)?.type === "SKIP_WAITING") void self.skipWaiting();
});

// Where the browser has background sync it calls this when there is a network
// again, though no page may be open.
self.addEventListener("sync", ((e: ExtendableEvent & { tag: string }) => {
  if (e.tag === "sync") e.waitUntil(sync());
}) as EventListener);

async function sync(): Promise<void> {
  const client = await open({ name: "thidua" });
  try {
    await client.sync();
  } finally {
    await client.close();
  }
}
