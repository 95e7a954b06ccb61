// Uses the world of wit/: sets each of its task's results from the param of the same name.
import { getArguments, getEnvironment } from "wasi:cli/environment@0.2.12";
import { write } from "stepwell:step/log@0.1.0";
import { getMode, setMode } from "stepwell:step/modes@0.1.0";
import { get, names } from "stepwell:step/params@0.1.0";
import { report } from "stepwell:step/progress@0.1.0";
import { set } from "stepwell:step/results@0.1.0";

export const run = {
  run() {
    const all = names();
    all.forEach((name, done) => {
      report("params", BigInt(done), BigInt(all.length));
      set(name, get(name));
    });
    try {
      set("nothing", { tag: "text", val: "x" });
    } catch (error) {
      write("info", "refused", [["why", error.payload], ["argument", getArguments()[1]]]);
    }
    const path = "/tekton/results/text";
    setMode(path, true, 0o750);
    const here = new Map(getEnvironment()).get("PWD");
    console.log(`${getMode(path, true).toString(8)} ${here} ${get("text").val}`);
  },
};
