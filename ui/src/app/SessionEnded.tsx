import { lazy, useEffect, useState } from "react";
import { setSessionLostHandler } from "@/api/http";
import { LazyPart } from "@/kit/LazyPart";
import { Dialog } from "@/kit/layers";
import { Lines } from "@/kit/states";

// Few sessions end while somebody looks: the form need not come with the first page.
const LoginAgain = lazy(() => import("./LoginAgain").then((m) => ({ default: m.LoginAgain })));

/**
 * The session is over: said where somebody is, over what is typed there, and not by a jump to
 * another page. Whoever logs in again goes on; somebody else starts anew.
 */
export function SessionEnded() {
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    setSessionLostHandler(() => setEnded(true));
    return () => setSessionLostHandler(() => undefined);
  }, []);
  return (
    <Dialog opened={ended} onClose={() => setEnded(false)} title="Your session has ended">
      {ended && (
        <LazyPart fallback={<Lines count={4} />}>
          <LoginAgain onBack={() => setEnded(false)} />
        </LazyPart>
      )}
    </Dialog>
  );
}
