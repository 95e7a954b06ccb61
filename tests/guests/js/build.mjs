// build.mjs SOURCE WIT OUT: makes a component of a JavaScript module for the world `command` of WIT.
import { writeFile } from "node:fs/promises";
import { componentize } from "@bytecodealliance/componentize-js";

const [sourcePath, witPath, out] = process.argv.slice(2);
const { component } = await componentize({ sourcePath, witPath, worldName: "command" });
await writeFile(out, component);
