import { API, endSession, parseError, renewSession, unsafeHeaders } from "./http";

export interface UploadHandle<T> {
  done: Promise<T>;
  cancel: () => void;
}

/** XMLHttpRequest and not fetch: only it reports the progress of what goes up. */
export function upload<T>(
  path: string,
  file: File,
  onProgress: (fraction: number) => void,
): UploadHandle<T> {
  let current: XMLHttpRequest | null = null;

  const attempt = () =>
    new Promise<XMLHttpRequest>((resolve) => {
      const request = new XMLHttpRequest();
      current = request;
      request.open("POST", API + path);
      const headers = unsafeHeaders({ Accept: "application/json" });
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total);
      };
      request.onloadend = () => resolve(request);
      const form = new FormData();
      form.append("file", file, file.name);
      request.send(form);
    });

  const run = async (): Promise<T> => {
    let request = await attempt();
    if (request.status === 401) {
      const renewal = await renewSession();
      if (renewal === "renewed") request = await attempt();
      if (request.status === 401 && renewal !== "unreachable") endSession();
    }
    if (request.status < 200 || request.status >= 300) {
      throw parseError(
        request.status,
        request.responseText,
        request.getResponseHeader("X-Request-ID"),
      );
    }
    return JSON.parse(request.responseText) as T;
  };

  return { done: run(), cancel: () => current?.abort() };
}
