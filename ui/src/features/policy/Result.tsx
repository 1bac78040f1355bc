import type { Decision } from "@/api/types";
import { Status } from "@/kit/Status";

/** A refusal is a warning, not a failure: the policy did its work. */
export const Result = ({ decision }: { decision: Decision }) => <Status code={decision.result} />;
