// Screens are addressed behind the #, so that the service worker has one page
// to keep and links work without a server.

import { useEffect, useState } from "preact/hooks";

export interface Route {
  /** The parts of the path: `#/meetings/unit:…/id` is ["meetings", "unit:…", "id"]. */
  path: string[];
  /** What stands behind the `?`. */
  query: URLSearchParams;
}

export function route(hash = location.hash): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

export function href(...path: string[]): string {
  return "#/" + path.map(encodeURIComponent).join("/");
}

export function go(...path: string[]): void {
  location.hash = href(...path);
}

export function useRoute(): Route {
  const [r, set] = useState(route);
  useEffect(() => {
    const hear = () => {
      set(route());
      window.scrollTo(0, 0);
    };
    addEventListener("hashchange", hear);
    return () => removeEventListener("hashchange", hear);
  }, []);
  return r;
}
