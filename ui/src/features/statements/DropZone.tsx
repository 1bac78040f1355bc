import { Alert, Loader } from "@mantine/core";
import { IconFileSpreadsheet, IconUpload } from "@tabler/icons-react";
import { type DragEvent, useRef, useState } from "react";
import { fetchSample } from "@/api/client";
import type { DemoSample } from "@/api/types";
import { errorText } from "@/kit/states";
import classes from "./statements.module.css";

const SAMPLE_TYPE = "application/x-kontor-sample";

interface Props {
  samples: DemoSample[];
  onFiles: (files: File[]) => void;
}

export function DropZone({ samples, onFiles }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const takeSample = async (sample: DemoSample) => {
    setError(null);
    await fetchSample(sample).then((file) => onFiles([file]), setError);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const name = event.dataTransfer.getData(SAMPLE_TYPE);
    const sample = samples.find((each) => each.name === name);
    if (sample) void takeSample(sample);
    else onFiles([...event.dataTransfer.files]);
  };

  return (
    <>
      <button
        type="button"
        className={classes.drop}
        data-over={over || undefined}
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <IconUpload size={22} stroke={1.6} aria-hidden />
        <span className={classes.dropTitle}>Drop royalty statements here, or choose files</span>
        <span className={classes.small}>
          CSV, TSV, XLSX, also zipped. The format is found from the content.
        </span>
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Statement files"
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          // The same file can be chosen again after it was removed.
          event.currentTarget.value = "";
        }}
      />
      {error !== null && (
        <Alert color="red" variant="light" role="alert">
          {errorText(error)}
        </Alert>
      )}
      {samples.length > 0 && <Samples samples={samples} onTake={takeSample} />}
    </>
  );
}

interface SamplesProps {
  samples: DemoSample[];
  onTake: (sample: DemoSample) => Promise<void>;
}

function Samples({ samples, onTake }: SamplesProps) {
  const [busy, setBusy] = useState<string | null>(null);
  const take = (sample: DemoSample) => {
    setBusy(sample.name);
    void onTake(sample).finally(() => setBusy(null));
  };
  return (
    <section aria-label="Sample statements">
      <div className={classes.label}>Samples of the demo: drag one in, or click it</div>
      <div className={classes.samples}>
        {samples.map((sample) => (
          <button
            key={sample.name}
            type="button"
            className={classes.sampleCard}
            draggable
            onDragStart={(event) => event.dataTransfer.setData(SAMPLE_TYPE, sample.name)}
            onClick={() => take(sample)}
          >
            {busy === sample.name ? (
              <Loader size={18} />
            ) : (
              <IconFileSpreadsheet size={18} stroke={1.6} aria-hidden />
            )}
            <span style={{ minWidth: 0 }}>
              <span className={classes.fileName}>{sample.name}</span>
              <span className={classes.small} style={{ display: "block" }}>
                {sample.description}
              </span>
            </span>
          </button>
        ))}
      </div>
    </section>
  );
}
