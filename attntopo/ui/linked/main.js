// What Streamlit calls.

import { LinkedView } from "./linked_view.js";

// Streamlit calls it at every rerun, and what it returned last when the page is left. The view
// stays on the element: rebuilt at every rerun it would lose camera and selection.
export default function mount({ parentElement, data: [data], setStateValue, setTriggerValue }) {
  const view = parentElement.linkedView ??= new LinkedView(parentElement);
  const call = view.lastCall = {};
  view.outbox.send = (message) => {
    setStateValue("view", message);
    dispatchEvent(new CustomEvent("attntopo-shown", { detail: message }));
  };
  view.choosePhoto = (chosen) => setTriggerValue("photo", chosen);
  view.take(data);
  return () => {
    if (view.lastCall !== call) return; // a later call lives on
    view.close();
    delete parentElement.linkedView;
  };
}
