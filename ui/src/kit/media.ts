/** Below this width tables become cards and the side bar becomes a bottom bar. */
export const PHONE = "(max-width: 719px)";
