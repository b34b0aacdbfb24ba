import "../meetings.css";
import { t } from "../../shared/text.ts";
import { useMe, useOrg } from "../who.ts";
import { Meeting } from "./meeting.tsx";
import { MeetingList } from "./meeting_list.tsx";
import { NewMeeting } from "./meeting_new.tsx";

/** Meetings: `#/meetings`, `#/meetings/new`, `#/meetings/<scope>/<id>[/<section>]`. */
export function Meetings({ path }: { path: string[] }) {
  const org = useOrg();
  const me = useMe();
  if (!org) return <p class="starting">{t({ vi: "Đang mở…", en: "Opening…" })}</p>;
  const [scope, id, section] = path;
  if (scope === "new") return <NewMeeting org={org} me={me} />;
  if (scope && id) return <Meeting key={id} org={org} me={me} scope={scope} id={id} section={section ?? ""} />;
  return <MeetingList org={org} me={me} />;
}
