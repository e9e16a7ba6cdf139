// The component that brings photos, or heads, to the window.

import { keepMessage } from "./store.js";

export default function receive({ data }) {
  keepMessage(data);
}
