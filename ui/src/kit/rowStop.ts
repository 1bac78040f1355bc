import { createContext, useContext } from "react";

/** The `tabIndex` of a control inside of a table: 0 in the one row that Tab leads to. */
export const RowStop = createContext<0 | -1>(0);
export const useRowStop = () => useContext(RowStop);
