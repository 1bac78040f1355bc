import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import classes from "./users.module.css";
import { makePassword, passwordProblem } from "./words";

interface Props {
  label: string;
  value: string;
  onChange: (password: string) => void;
  first?: boolean;
}

/** A password for somebody else, made here or typed; it is shown once, to be handed over. */
export function PasswordField({ label, value, onChange, first }: Props) {
  const [shown, setShown] = useState(false);
  const [left, setLeft] = useState(false);
  return (
    <div className={classes.withButton}>
      <PasswordInput
        label={label}
        description="12 to 128 characters. Hand it over yourself: it is not shown again."
        autoComplete="new-password"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onBlur={() => setLeft(true)}
        error={left && value !== "" && passwordProblem(value)}
        visible={shown}
        onVisibilityChange={setShown}
        visibilityToggleButtonProps={{ "aria-label": "Show password" }}
        inputWrapperOrder={["label", "input", "description", "error"]}
        required
        {...(first ? { "data-autofocus": true } : {})}
      />
      <Button
        variant="default"
        onClick={() => {
          onChange(makePassword());
          setShown(true);
        }}
      >
        Make one
      </Button>
    </div>
  );
}
