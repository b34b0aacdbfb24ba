import { render } from "preact";
import { lang } from "../shared/text.ts";
import { Shell } from "./shell.tsx";

document.documentElement.lang = lang();
const root = document.getElementById("app")!;
root.textContent = "";
render(<Shell />, root);
