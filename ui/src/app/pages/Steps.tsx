import { IconCheck } from "@tabler/icons-react";
import classes from "./NewOffer.module.css";

const NAMES = ["Creator", "Statements", "Works", "Terms"];

interface Props {
  at: number;
  onStep: (step: number) => void;
}

/** Back is always possible, forward only by finishing a step. */
export function Steps({ at, onStep }: Props) {
  return (
    <ol className={classes.steps} aria-label="Steps">
      {NAMES.map((name, index) => (
        <li key={name} data-done={index < at || undefined}>
          <button
            type="button"
            className={classes.step}
            disabled={index > at}
            aria-current={index === at ? "step" : undefined}
            onClick={() => onStep(index)}
          >
            <span className={classes.stepMark}>
              {index < at ? <IconCheck size={14} aria-label="done" /> : index + 1}
            </span>
            <span className={classes.stepName}>{name}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
